"""The page of the shop's own name, sender and time zone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.models import AuditEntry
from backoffice.pages import StaffRequest, page, staff_page
from shop.actions.profile import change_shop
from shop.calendar import zone
from shop.forms import ShopProfileForm
from shop.models import ShopProfile


@staff_page("shop.change_shopprofile")
def profile(request: StaffRequest) -> HttpResponse:
    current = ShopProfile.objects.current()
    known = {"name": current.name, "sender": current.sender, "time_zone": zone().key}
    form = ShopProfileForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        change_shop(by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("shop:profile")
    return page(
        request,
        "shop/profile.html",
        title=_("Shop"),
        form=form,
        shown_name=current.shown_name,
        sender=current.sender_address,
        audit=AuditEntry.about(current)[:10],
        status=422 if form.errors else 200,
    )
