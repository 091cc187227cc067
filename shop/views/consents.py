"""Recording what a customer answered."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.errors import Refused
from backoffice.pages import StaffRequest, staff_page
from shop.actions.consents import record_consent
from shop.forms import ConsentForm
from shop.models import (
    Customer,
)
from shop.tasks import queue_after_facts
from shop.views.customer import customer_page


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
            messages.success(
                request, _("Recorded. The latest answer is checked before every message is sent.")
            )
            return redirect(reverse("shop:customer", args=[pk]) + "#consent")
    return customer_page(request, person, form)
