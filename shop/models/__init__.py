"""What happened: customers, products, orders, events, consent, ad reports, and the imports that brought
them."""

from shop.models.ads import AdReport
from shop.models.customers import (
    FORGET_MADE_UP,
    TEST_DOMAIN,
    TEST_NOTE,
    Channel,
    Consent,
    Customer,
    CustomerAlias,
    CustomerQuerySet,
    CustomerTouched,
    Purpose,
    Unprofiled,
)
from shop.models.events import Event, EventReceipt
from shop.models.fields import AmountField, CurrencyField, MoneyField, currency_code
from shop.models.imports import OrderImport, RejectedRow
from shop.models.profile import DEMO_NAME, ShopProfile
from shop.models.sales import Order, OrderLine, OrderQuerySet, Product

__all__ = [
    "DEMO_NAME",
    "FORGET_MADE_UP",
    "TEST_DOMAIN",
    "TEST_NOTE",
    "AdReport",
    "AmountField",
    "Channel",
    "Consent",
    "CurrencyField",
    "Customer",
    "CustomerAlias",
    "CustomerQuerySet",
    "CustomerTouched",
    "Event",
    "EventReceipt",
    "MoneyField",
    "Order",
    "OrderImport",
    "OrderLine",
    "OrderQuerySet",
    "Product",
    "Purpose",
    "RejectedRow",
    "ShopProfile",
    "Unprofiled",
    "currency_code",
]
