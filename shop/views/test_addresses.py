"""Page: made-up addresses for trying campaigns out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.errors import Refused
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.templatetags.formats import number
from shop.actions.test_addresses import (
    fill_test_addresses,
    filling_consequences,
    offers_test_addresses,
    remove_test_addresses,
)
from shop.models import (
    TEST_DOMAIN,
)


@staff_page("shop.fill_test_addresses")
def test_addresses(request: StaffRequest) -> HttpResponse:
    """Show what test addresses would do; do it or undo it on request."""
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
