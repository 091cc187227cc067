"""What the shop adds to the product: customers, the catalogue, orders and consent."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from backoffice.audit_keys import AuditKey
from backoffice.declarations import (
    Frame,
    NavigationItem,
    OnErasure,
    PersonalData,
    RolePermissions,
    Section,
    Todo,
    Trace,
)
from backoffice.models import User
from shop.actions.personal_data import forget_in_events
from shop.models import (
    Channel,
    Consent,
    Customer,
    CustomerAlias,
    CustomerTouched,
    Event,
    Order,
    OrderLine,
    Purpose,
    ShopProfile,
    Unprofiled,
)


def shop_without_name(user: User) -> Iterator[Todo]:
    """Mails that would come from a bare address."""
    if user.has_perm("shop.change_shopprofile") and Customer.objects.exists():
        profile = ShopProfile.objects.current()
        if not profile.time_zone and not profile.name:
            yield Todo(
                gettext("Say what your shop is called, who writes and where it is"), reverse("shop:profile")
            )
        elif not profile.is_named:
            text = gettext("Your mails come from “%s”: give the shop its name") % profile.shown_name
            yield Todo(text, reverse("shop:profile"))


def consent_name(key: str) -> str:
    """The key `email|marketing|yes` as “email · marketing messages · yes”."""
    channel, purpose, answer = AuditKey.parse(key, parts=3).parts
    granted = gettext("yes") if answer == "yes" else gettext("no")
    return f"{Channel(channel).label} · {Purpose(purpose).label} · {granted}"


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
        "customer.export_data": gettext_noop("exported everything known about a customer"),
        "customer.read_list": gettext_noop("read lists of customers through the API"),
        "customer.remove_test_addresses": gettext_noop("removed the test addresses"),
        "customer.test_addresses": gettext_noop("gave customers test addresses"),
        "shop.remove_demo": gettext_noop("emptied the demo shop"),
        "shop.rename": gettext_noop("changed the name of the shop"),
        "shop.settle": gettext_noop("changed the sender or the time zone of the shop"),
        "shop.seed_demo": gettext_noop("loaded the demo shop"),
    },
    audit_names={"shop.consent": consent_name},
    todos=[shop_without_name],
    permissions=RolePermissions(
        everybody=[
            "shop.view_customer",
            "shop.view_product",
            "shop.view_order",
            "shop.view_event",
            "shop.view_consent",
            "shop.view_shopprofile",
        ],
        marketer=["shop.add_event", "shop.export_customers", "shop.fill_test_addresses"],
        administrator=["shop.change_consent", "shop.erase_customer", "shop.change_shopprofile"],
    ),
    personal_data=[
        PersonalData(
            Customer,
            _("Name, addresses and attributes"),
            [
                "external_id",
                "email",
                "phone",
                "first_name",
                "last_name",
                "locale",
                "country",
                "attributes",
                "created_at",
            ],
            customer="pk",
        ),
        PersonalData(CustomerAlias, _("Anonymous ids of earlier visits"), ["anonymous_id"]),
        PersonalData(
            Consent,
            _("Consent entries"),
            ["channel", "purpose", "granted", "source", "note", "recorded_at"],
        ),
        PersonalData(
            Order,
            _("Orders and returns"),
            ["number", "placed_at", "status", "currency", "country", "discount", "coupon"],
            on_erasure=OnErasure.ANONYMOUS,
        ),
        PersonalData(
            OrderLine,
            _("Order lines"),
            ["order.number", "product.sku", "product.title", "quantity", "unit_price", "amount"],
            customer="order__customer",
            on_erasure=OnErasure.ANONYMOUS,
        ),
        PersonalData(
            Event,
            _("Events"),
            ["occurred_at", "kind", "name", "product_id", "dwell_seconds", "anonymous_id", "properties"],
        ),
        PersonalData(Unprofiled, _("Objection to personalisation")),
        PersonalData(CustomerTouched, _("Notes that something has changed")),
    ],
    traces=[Trace(Event, _("Events"), forget_in_events)],
    job_figures={
        "products": gettext_noop("Products"),
        "customers": gettext_noop("Customers"),
        "orders": gettext_noop("Orders"),
        "lines": gettext_noop("Order lines"),
        "events": gettext_noop("Events"),
        "partitions": gettext_noop("Event partitions created"),
    },
)
