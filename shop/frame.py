"""What the shop adds to the product: customers, the catalogue, orders, consent and imports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice.declarations import (
    Frame,
    NavigationItem,
    RolePermissions,
    Section,
    Todo,
)
from backoffice.models import User
from shop.models import Customer, OrderImport, ShopProfile

LATELY = timedelta(days=7)  # for as long an import's rejected rows are worth a look


def rejected_rows(user: User) -> Iterator[Todo]:
    """Imports of the last days some of whose rows were rejected."""
    if not user.has_perm("shop.import_orders"):
        return
    lately = OrderImport.objects.filter(finished_at__gt=timezone.now() - LATELY, rows_rejected__gt=0)
    for file in lately.order_by("-finished_at")[:3]:
        rejected = file.rows_rejected or 0
        text = ngettext(
            "%(n)d row of %(file)s was rejected", "%(n)d rows of %(file)s were rejected", rejected
        )
        yield Todo(text % {"n": rejected, "file": file.filename}, reverse("shop:import", args=[file.pk]))


def shop_without_name(user: User) -> Iterator[Todo]:
    """Mails that would come from a bare address."""
    if user.has_perm("shop.change_shopprofile") and Customer.objects.exists():
        profile = ShopProfile.objects.current()
        if not profile.is_named:
            text = gettext("Your mails come from “%s”: give the shop its name") % profile.shown_name
            yield Todo(text, reverse("shop:profile"))


def name_of_demo(stored: str) -> str:
    """The name that the demo's entries carry; a customer's own is never stored."""
    return gettext(stored) if stored == gettext_noop("demo shop") else stored


FRAME = Frame(
    navigation=[
        NavigationItem(
            Section.CUSTOMERS, _("Customers"), "groups", "shop:customers", "shop.view_customer", 10
        ),
        NavigationItem(
            Section.PRODUCTS,
            _("Catalogue"),
            "inventory_2",
            "admin:shop_product_changelist",
            "shop.view_product",
            10,
        ),
        NavigationItem(
            Section.DATA, _("Imports"), "upload_file", "shop:imports", "shop.view_orderimport", 10
        ),
        NavigationItem(
            Section.DATA, _("Orders"), "receipt_long", "admin:shop_order_changelist", "shop.view_order", 20
        ),
        NavigationItem(
            Section.DATA,
            _("Consent"),
            "verified_user",
            "admin:shop_consent_changelist",
            "shop.view_consent",
            30,
        ),
        NavigationItem(
            Section.SYSTEM, _("Shop"), "storefront", "shop:profile", "shop.change_shopprofile", 10
        ),
    ],
    audit={
        "consent.record": gettext_noop("recorded a customer's consent"),
        "customer.erase": gettext_noop("erased a customer"),
        "customer.export": gettext_noop("exported customers"),
        "customer.remove_test_addresses": gettext_noop("removed the test addresses"),
        "customer.test_addresses": gettext_noop("gave customers test addresses"),
        "import.finish": gettext_noop("imported a file"),
        "import.upload": gettext_noop("uploaded a file"),
        "shop.remove_demo": gettext_noop("emptied the demo shop"),
        "shop.rename": gettext_noop("changed the name of the shop"),
        "shop.seed_demo": gettext_noop("loaded the demo shop"),
    },
    audit_names={"shop.customer": name_of_demo},
    todos=[rejected_rows, shop_without_name],
    permissions=RolePermissions(
        everybody=[
            "shop.view_customer",
            "shop.view_product",
            "shop.view_order",
            "shop.view_event",
            "shop.view_consent",
            "shop.view_orderimport",
            "shop.view_adreport",
            "shop.view_shopprofile",
        ],
        marketer=["shop.import_orders", "shop.add_event", "shop.export_customers"],
        administrator=["shop.change_consent", "shop.erase_customer", "shop.change_shopprofile"],
    ),
    job_figures={
        "read": gettext_noop("Rows read"),
        "accepted": gettext_noop("Rows accepted"),
        "merged": gettext_noop("Rows already there"),
        "rejected": gettext_noop("Rows rejected"),
        "products": gettext_noop("Products"),
        "customers": gettext_noop("Customers"),
        "orders": gettext_noop("Orders"),
        "lines": gettext_noop("Order lines"),
        "events": gettext_noop("Events"),
        "partitions": gettext_noop("Days prepared for events"),
        "receipts_forgotten": gettext_noop("Old receipts forgotten"),
    },
)
