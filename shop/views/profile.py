"""The page of the shop's own name."""

from __future__ import annotations

from email.utils import parseaddr

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.models import AuditEntry
from backoffice.pages import StaffRequest, page, staff_page
from shop.actions.profile import rename_shop
from shop.forms import ShopProfileForm
from shop.models import ShopProfile


@staff_page("shop.change_shopprofile")
def profile(request: StaffRequest) -> HttpResponse:
    current = ShopProfile.objects.current()
    form = ShopProfileForm(request.POST or None, initial={"name": current.name})
    if request.method == "POST" and form.is_valid():
        rename_shop(by=request.user, name=form.cleaned_data["name"])
        messages.success(request, _("Saved."))
        return redirect("shop:profile")
    return page(
        request,
        "shop/profile.html",
        title=_("Shop"),
        form=form,
        shown_name=current.shown_name,
        sender=parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        audit=AuditEntry.about(current)[:10],
        status=422 if form.errors else 200,
    )
