"""Page of one customer."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from backoffice.declarations import Side, frames
from backoffice.models import User
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.readers import sees_personal_data
from shop.forms import ConsentForm
from shop.models import (
    Consent,
    Customer,
    Unprofiled,
)
from shop.presenters.attributes import attribute_title, attribute_value
from shop.presenters.customers import with_facts
from shop.presenters.timeline import timeline


def _consent_table(customer: Customer) -> list[dict[str, Any]]:
    """For each channel and purpose with an answer on any record of the person: the latest and the whole
    history, newest first."""
    history: dict[tuple[str, str], list[Consent]] = {}
    answers = Consent.objects.filter(customer__person=customer.person).select_related("customer")
    for answer in answers.order_by("-recorded_at", "granted", "-pk"):
        history.setdefault((answer.channel, answer.purpose), []).append(answer)
    return [
        {
            "latest": given[0],
            "history": given,
            "elsewhere": given[0].customer if given[0].customer_id != customer.pk else None,
        }
        for given in history.values()
    ]


def _panels(user: User) -> dict[str, list[str]]:
    """The URL names of the panels that the apps add to the customer page, by side."""
    panels = sorted(
        (panel for frame in frames() for panel in frame.customer_panels if user.has_perm(panel.permission)),
        key=lambda panel: panel.position,
    )
    return {side.value: [panel.url for panel in panels if panel.side is side] for side in Side}


def customer_page(request: StaffRequest, person: Customer, form: ConsentForm) -> HttpResponse:
    return page(
        request,
        "shop/customers/detail.html",
        title=str(person),
        customer=person,
        facts=with_facts([person])[0],
        form=form,
        panels=_panels(request.user),
        consents=_consent_table(person),
        timeline=timeline(person, timezone.now()),
        unprofiled=Unprofiled.objects.filter(customer=person).exists(),
        status=422 if form.errors else 200,
        attributes=[
            (attribute_title(name), attribute_value(name, value))
            for name, value in sorted(person.attributes.items() if sees_personal_data() else ())
            if not isinstance(value, dict | list)
        ],
    )


@staff_page("shop.view_customer")
def customer(request: StaffRequest, pk: int) -> HttpResponse:
    return customer_page(request, get_object_or_404(Customer, pk=pk), ConsentForm())


@staff_page("shop.view_customer")
def customer_timeline(request: StaffRequest, pk: int) -> HttpResponse:
    """The next older part of the timeline (HTMX)."""
    person = get_object_or_404(Customer, pk=pk)
    try:
        before = parse_datetime(request.GET.get("before", ""))
    except ValueError:
        before = None
    if before is None or before.tzinfo is None:
        raise Http404
    return render(
        request,
        "shop/customers/parts/timeline.html",
        {"customer": person, "timeline": timeline(person, before)},
    )
