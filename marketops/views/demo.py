"""Leaving the demo shop for a shop of one's own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.errors import Refused
from backoffice.pages import StaffRequest, page, staff_page
from campaigns.models import Campaign
from marketops.demo import empty_demo
from shop.actions.demo.origin import is_demo_shop
from shop.models import Customer, Order, Product


@staff_page("intake.import_orders")
def demo(request: StaffRequest) -> HttpResponse:
    """Show what emptying the demo shop takes away; on POST, empty it."""
    if not is_demo_shop():
        return redirect("home")
    if request.method == "POST":
        try:
            empty_demo(by=request.user)
        except Refused as refusal:
            messages.error(request, refusal.message)
            return redirect("demo")
        messages.success(request, _("The demo is gone. Upload your orders to begin."))
        return redirect("intake:imports")
    counts = {
        model._meta.verbose_name_plural: model._default_manager.count()
        for model in (Customer, Order, Product, Campaign)
    }
    return page(request, "demo.html", title=_("Start with my own data"), counts=counts)
