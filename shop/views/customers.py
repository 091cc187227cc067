"""Pages about customers: the list, one customer, their consent, their erasure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Sum
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice import personal_data
from backoffice.declarations import Side, frames
from backoffice.errors import Refused, require
from backoffice.exports import csv_response
from backoffice.models import AuditEntry, User
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.templatetags.formats import number
from shop.actions.consent import record_consent
from shop.actions.customers import (
    erase_customer,
    export_customer_data,
    fill_test_addresses,
    filling_consequences,
    offers_test_addresses,
    remove_test_addresses,
)
from shop.calendar import day_of
from shop.forms import ConsentForm, CustomerFilterForm
from shop.models import (
    TEST_DOMAIN,
    Channel,
    Consent,
    Customer,
    CustomerQuerySet,
    Order,
    OrderLine,
    Unprofiled,
)
from shop.presenters.attributes import attribute_title, attribute_value
from shop.tasks import queue_after_facts
from shop.views.timeline import timeline

ON_A_PAGE = 50
COUNT_UP_TO = 10_000  # counting further would take longer than the page may


def _chosen(form: CustomerFilterForm) -> CustomerQuerySet:
    """The customers that the filters leave. A filter that is not valid leaves nobody out: its error stands
    beside it."""
    chosen = form.cleaned_data if form.is_valid() else {}
    customers = Customer.objects.all()
    if chosen.get("q"):
        customers = customers.search(chosen["q"])
    if chosen.get("country"):
        customers = customers.filter(country=chosen["country"])
    if chosen.get("orders"):
        customers = customers.with_orders() if chosen["orders"] == "yes" else customers.without_orders()
    if chosen.get("consent") == "yes":
        customers = customers.consenting(Channel.EMAIL)
    elif chosen.get("consent") == "no":
        customers = customers.not_consenting(Channel.EMAIL)
    return customers


def _count(customers: CustomerQuerySet, *, narrowed: bool) -> tuple[int, bool]:
    """How many, and whether that is exact: past COUNT_UP_TO a narrowed list says "more than"."""
    if not narrowed:
        return customers.count(), True
    counted = customers.order_by()[: COUNT_UP_TO + 1].count()
    return min(counted, COUNT_UP_TO), counted <= COUNT_UP_TO


def _page_of(customers: CustomerQuerySet, request: StaffRequest) -> tuple[list[Customer], str, str]:
    """One page of them, newest first, and the cursors of the newer and the older page ("" where there is
    none)."""
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    if after.isdecimal():
        found = list(customers.filter(pk__gt=int(after)).order_by("pk")[: ON_A_PAGE + 1])
        rows, newer, older = found[:ON_A_PAGE][::-1], len(found) > ON_A_PAGE, True
    else:
        if before.isdecimal():
            customers = customers.filter(pk__lt=int(before))
        found = list(customers.order_by("-pk")[: ON_A_PAGE + 1])
        rows, newer, older = found[:ON_A_PAGE], before.isdecimal(), len(found) > ON_A_PAGE
    if not rows:
        return rows, "", ""
    return rows, f"after={rows[0].pk}" if newer else "", f"before={rows[-1].pk}" if older else ""


def _with_facts(rows: list[Customer]) -> list[dict[str, Any]]:
    """Each customer with orders, spend and consent, in three queries for the whole page."""
    keys = [customer.pk for customer in rows]
    spend = _spend(keys)
    sales = Order.objects.sales().filter(customer__in=keys).values_list("customer")
    placed = {
        key: (count, last) for key, count, last in sales.annotate(count=Count("pk"), last=Max("placed_at"))
    }
    consenting = set(
        Customer.objects.filter(pk__in=keys).consenting(Channel.EMAIL).values_list("pk", flat=True)
    )
    return [
        {
            "customer": one,
            "orders": placed.get(one.pk, (0, None))[0],
            "last": placed.get(one.pk, (0, None))[1],
            "spend": spend[one.pk],
            "consents": one.pk in consenting,
        }
        for one in rows
    ]


def _spend(keys: list[int]) -> defaultdict[int, list[tuple[Any, str]]]:
    """Customer -> (net amount, currency), one for each currency: sales less returns, without orders not paid
    yet."""
    spend: defaultdict[int, list[tuple[Any, str]]] = defaultdict(list)
    for key, currency, amount in (
        OrderLine.objects.filter(order__customer__in=keys)
        .exclude(order__status=Order.Status.PENDING)
        .values_list("order__customer", "order__currency")
        .annotate(amount=Sum("amount"))
        .order_by("order__currency")
    ):
        spend[key].append((amount, currency))
    return spend


@staff_page("shop.view_customer")
def customers(request: StaffRequest) -> HttpResponse:
    form = CustomerFilterForm(request.GET)
    chosen = _chosen(form)
    filters = request.GET.copy()
    for cursor in ("before", "after"):
        filters.pop(cursor, None)
    narrowed = any(filters.values())
    rows, newer, older = _page_of(chosen, request)
    count, exact = _count(chosen, narrowed=narrowed)
    return page(
        request,
        "shop/customers/list.html",
        title=_("Customers"),
        form=form,
        rows=_with_facts(rows),
        count=count,
        exact=exact,
        narrowed=narrowed,
        filters=filters.urlencode(),
        newer=newer,
        older=older,
        some_without=Customer.objects.without_address().exists(),
        test_addresses=offers_test_addresses(),
    )


@staff_page("shop.view_customer")
def export(request: StaffRequest) -> StreamingHttpResponse:
    """The filtered list as CSV. The audit trail keeps which filters were set, not what was searched for."""
    require(request.user, "shop.export_customers")
    form = CustomerFilterForm(request.GET)
    chosen = _chosen(form)
    AuditEntry.objects.create(
        by=request.user,
        verb="customer.export",
        object_type="shop.customer",
        object_id="",
        details={"filters": sorted(name for name, value in form.cleaned_data.items() if value)},
    )
    head = [
        _("customer number"),
        _("email"),
        _("phone"),
        _("first name"),
        _("last name"),
        _("country"),
        _("customer since"),
    ]
    return csv_response("customers.csv", head, _export_rows(chosen))


def _export_rows(chosen: CustomerQuerySet) -> Iterator[list[Any]]:
    columns = ["external_id", "email", "phone", "first_name", "last_name", "country", "created_at"]
    for *texts, since in chosen.order_by("pk").values_list(*columns).iterator(chunk_size=5000):
        yield [*texts, day_of(since).isoformat()]


@staff_page("shop.export_customers")
def without_address(request: StaffRequest) -> StreamingHttpResponse:
    """The customers without an email address, with the columns that the import of customers knows: a list to
    fill in."""
    require(request.user, "shop.export_customers")
    AuditEntry.objects.create(
        by=request.user,
        verb="customer.export",
        object_type="shop.customer",
        object_id="",
        details={"filters": ["without address"]},
    )
    rows = (
        Customer.objects.without_address()
        .order_by("pk")
        .values_list("external_id", "first_name", "last_name", "country")
    )
    head = ["customer_id", "email", "consent_email", "consent_at", "first_name", "last_name", "country"]
    return csv_response(
        "customers-without-address.csv",
        head,
        ([number, "", "", "", *known] for number, *known in rows.iterator(chunk_size=5000)),
    )


@staff_page("shop.fill_test_addresses")
def test_addresses(request: StaffRequest) -> HttpResponse:
    """Say what test addresses would do, and do it or undo it when asked."""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "remove":
                n = remove_test_addresses(by=request.user)["addresses"]
                text = ngettext("%(n)s test address was removed.", "%(n)s test addresses were removed.", n)
            else:
                n = fill_test_addresses(by=request.user)["addresses"]
                text = ngettext(
                    "%(n)s customer has a test address now.", "%(n)s customers have a test address now.", n
                )
            messages.success(request, text % {"n": number(n)})
        except Refused as refused:
            messages.error(request, refused.message)
        return redirect("shop:customers")
    return page(
        request,
        "shop/customers/test_addresses.html",
        title=_("Test addresses"),
        consequences=filling_consequences(),
        offered=offers_test_addresses(),
        domain=TEST_DOMAIN,
    )


def _consent_table(customer: Customer) -> list[dict[str, Any]]:
    """For each channel and purpose ever spoken of: the latest word and the whole history, newest first."""
    history: dict[tuple[str, str], list[Consent]] = {}
    for word in customer.consents.order_by("-recorded_at", "-pk"):
        history.setdefault((word.channel, word.purpose), []).append(word)
    return [{"latest": words[0], "history": words} for words in history.values()]


def _panels(user: User) -> dict[str, list[str]]:
    """The URL names of the panels that the apps add to the customer page, by side."""
    panels = sorted(
        (panel for frame in frames() for panel in frame.customer_panels if user.has_perm(panel.permission)),
        key=lambda panel: panel.position,
    )
    return {side.value: [panel.url for panel in panels if panel.side is side] for side in Side}


def _customer_page(request: StaffRequest, person: Customer, form: ConsentForm) -> HttpResponse:
    return page(
        request,
        "shop/customers/detail.html",
        title=str(person),
        customer=person,
        facts=_with_facts([person])[0],
        form=form,
        panels=_panels(request.user),
        consents=_consent_table(person),
        timeline=timeline(person, timezone.now()),
        said_no=Unprofiled.objects.filter(customer=person).exists(),
        status=422 if form.errors else 200,
        attributes=[
            (attribute_title(name), attribute_value(name, value))
            for name, value in sorted(person.attributes.items())
            if not isinstance(value, dict | list)
        ],
    )


@staff_page("shop.view_customer")
def customer(request: StaffRequest, pk: int) -> HttpResponse:
    return _customer_page(request, get_object_or_404(Customer, pk=pk), ConsentForm())


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


@require_POST
@staff_page("shop.view_customer")
def consent(request: StaffRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Customer, pk=pk)
    form = ConsentForm(request.POST)
    if form.is_valid():
        try:
            record_consent(by=request.user, customer=person, **form.cleaned_data)
            queue_after_facts()
        except Refused as refused:
            form.add_error(refused.field, refused.message)
        else:
            messages.success(request, _("Recorded. Every message asks the latest word before it is sent."))
            return redirect(reverse("shop:customer", args=[pk]) + "#consent")
    return _customer_page(request, person, form)


@require_POST
@staff_page("shop.view_customer")
def export_data(request: StaffRequest, pk: int) -> JsonResponse:
    """Everything known about one customer, as a JSON file for that person."""
    person = get_object_or_404(Customer, pk=pk)
    data = export_customer_data(by=request.user, customer=person)
    response = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="customer-{person.pk}.json"'
    return response


@staff_page("shop.erase_customer")
def erase(request: StaffRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Customer, pk=pk)
    if request.method == "POST":
        erase_customer(by=request.user, customer=person)
        messages.success(request, _("The customer is erased. Their orders count on as guest orders."))
        return redirect("shop:customers")
    return page(
        request,
        "shop/customers/erase.html",
        title=_("Erase this customer?"),
        customer=person,
        consequences=personal_data.counted(person),
    )
