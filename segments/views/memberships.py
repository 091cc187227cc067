"""Fragments of the customer page: the segments of one customer, and why."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from backoffice.pages import StaffRequest, staff_page
from segments.presenters.memberships import memberships_by_method, memberships_by_rule
from shop.models import Unprofiled


@staff_page("segments.view_segment")
def customer_panel(request: StaffRequest, pk: int) -> HttpResponse:
    """The segments this customer is in, by rule and by method, each with the reasons in the customer's own
    figures."""
    opted_out = Unprofiled.objects.filter(customer=pk).exists()
    rows = [*memberships_by_rule(pk), *memberships_by_method(pk)]
    return render(request, "segments/customer_panel.html", {"rows": rows, "opted_out": opted_out})
