"""What happened: customers, products, orders, events, consent, ad reports."""

from shop.models.consents import Channel, Consent, Purpose, Unprofiled
from shop.models.customers import (
    TEST_DOMAIN,
    TEST_NOTE,
    Customer,
    CustomerAlias,
    CustomerQuerySet,
    CustomerTouched,
)
from shop.models.erased import Erased
from shop.models.events import SESSION_GAP, Event
from shop.models.fields import AmountField, CurrencyField, MoneyField, currency_code
from shop.models.orders import Order, OrderLine, OrderQuerySet
from shop.models.products import Product
from shop.models.profile import DEMO_NAME, ShopProfile

__all__ = [
    "DEMO_NAME",
    "SESSION_GAP",
    "TEST_DOMAIN",
    "TEST_NOTE",
    "AmountField",
    "Channel",
    "Consent",
    "CurrencyField",
    "Customer",
    "CustomerAlias",
    "CustomerQuerySet",
    "CustomerTouched",
    "Erased",
    "Event",
    "MoneyField",
    "Order",
    "OrderLine",
    "OrderQuerySet",
    "Product",
    "Purpose",
    "ShopProfile",
    "Unprofiled",
    "currency_code",
]
