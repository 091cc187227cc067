"""Exporting and erasing what is known about a customer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice import personal_data
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.templatetags.formats import number
from shop.actions.personal_data import erase_customer, export_customer_data
from shop.models import (
    Customer,
)


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
        cleaned = personal_data.receipt(erase_customer(by=request.user, customer=person))
        messages.success(request, _("The customer is erased. Their orders count on as guest orders."))
        places = " · ".join(f"{title}: {number(count)}" for title, count in cleaned)
        messages.info(request, _("What was cleaned: %s") % places)
        return redirect("shop:customers")
    return page(
        request,
        "shop/customers/erase.html",
        title=_("Erase this customer?"),
        customer=person,
        consequences=personal_data.counted(person),
    )
