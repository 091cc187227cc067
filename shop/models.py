"""What happened: customers, products, orders, events, consent, ad reports, and the imports that brought them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.core.validators import RegexValidator
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Concat, Lower
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.models import JobRun

currency_code = RegexValidator(r"^[A-Z]{3}$", _("An ISO 4217 code, for example GBP."))


class MoneyField(models.DecimalField):  # type: ignore[type-arg]
    """An exact amount. Four decimals: shops price single screws at 0.0035, and sums must not drift."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)


class CurrencyField(models.CharField):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        kwargs.setdefault("validators", [currency_code])
        super().__init__(*args, **kwargs)


class Channel(models.TextChoices):
    EMAIL = "email", _("email")
    SMS = "sms", _("text message")
    PUSH = "push", _("push notification")
    ADS = "ads", _("ad audiences")


class Purpose(models.TextChoices):
    MARKETING = "marketing", _("marketing messages")
    PROFILING = "profiling", _("personalisation")


# Made-up addresses for trying things out: a name that RFC 2606 reserves, so that no mail to it ever reaches anybody.
TEST_DOMAIN = "@customers.example.com"
TEST_NOTE = "test address"  # on consents nobody gave

COUNTRIES = """
WITH RECURSIVE hop AS (
    SELECT min(country) AS country FROM shop_customer WHERE country > ''
    UNION ALL SELECT (SELECT min(country) FROM shop_customer WHERE country > hop.country) FROM hop WHERE hop.country IS NOT NULL
) SELECT country FROM hop WHERE country IS NOT NULL
"""
WESTERN_NAME = Lower(Concat("first_name", Value(" "), "last_name"))
EASTERN_NAME = Lower(Concat("last_name", "first_name"))


def _latest_word(channel: str, purpose: str) -> Subquery:
    """For a query over customers: the latest answer, NULL where there is none."""
    words = Consent.objects.filter(customer=OuterRef("pk"), channel=channel, purpose=purpose)
    return Subquery(words.order_by("-recorded_at", "-pk").values("granted")[:1])


class CustomerQuerySet(models.QuerySet["Customer"]):
    def consenting(self, channel: str, purpose: str = Purpose.MARKETING) -> CustomerQuerySet:
        """Those whose latest word on this channel and purpose is yes. Silence is a no."""
        return self.alias(agreed=_latest_word(channel, purpose)).filter(agreed=True)

    def not_consenting(self, channel: str, purpose: str = Purpose.MARKETING) -> CustomerQuerySet:
        """Those who said no or never said anything."""
        return self.alias(agreed=Coalesce(_latest_word(channel, purpose), False)).filter(agreed=False)

    def reachable(self, channel: str) -> CustomerQuerySet:
        """Those with an address on the channel."""
        return self.exclude(email="") if channel == Channel.EMAIL else self.exclude(phone="")

    def without_address(self) -> CustomerQuerySet:
        """Those without an email address. Asks for lower(email), which has an index."""
        return self.alias(mail=Lower("email")).filter(mail="")

    def contactable(self, channel: str) -> CustomerQuerySet:
        return self.reachable(channel).consenting(channel)

    def with_orders(self) -> CustomerQuerySet:
        return self.filter(Exists(Order.objects.filter(customer=OuterRef("pk"))))

    def without_orders(self) -> CustomerQuerySet:
        return self.exclude(Exists(Order.objects.filter(customer=OuterRef("pk"))))

    def countries(self) -> list[str]:
        """The countries customers live in. Hops from one to the next along the index: a million rows, a handful of reads."""
        with connection.cursor() as cursor:
            cursor.execute(COUNTRIES)
            return [country for (country,) in cursor.fetchall()]

    def search(self, text: str) -> CustomerQuerySet:
        """Those whose number, email address or name (either way round) begins with `text`; each way has an index."""
        text = " ".join(text.split())
        return self.alias(mail=Lower("email"), western=WESTERN_NAME, eastern=EASTERN_NAME).filter(
            Q(external_id__startswith=text)
            | Q(external_id__startswith=text.upper())
            | Q(mail__startswith=text.lower())
            | Q(western__startswith=text.lower())
            | Q(eastern__startswith=text.lower().replace(" ", ""))
        )


class Customer(models.Model):
    external_id = models.CharField(
        _("customer number"), max_length=200, unique=True, help_text=_("The shop's own id for this customer.")
    )
    email = models.EmailField(_("email"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    locale = models.CharField(_("language"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    created_at = models.DateTimeField(_("customer since"), default=timezone.now)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            models.Index(Lower("email"), name="customer_email_lower"),
            models.Index(fields=["created_at"]),
            models.Index(fields=["country"], name="customer_country"),
            # Search finds beginnings: there is no trigram extension everywhere.
            models.Index(OpClass(Lower("email"), "text_pattern_ops"), name="customer_search_email"),
            models.Index(OpClass(WESTERN_NAME, "text_pattern_ops"), name="customer_search_western"),
            models.Index(OpClass(EASTERN_NAME, "text_pattern_ops"), name="customer_search_eastern"),
        ]
        permissions = [
            ("erase_customer", "Can erase a customer and everything derived from them"),
            ("export_customers", "Can export lists of customers"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id

    @property
    def name(self) -> str:
        if self.locale.lower().startswith("zh"):
            return f"{self.last_name}{self.first_name}"
        return f"{self.first_name} {self.last_name}".strip()


class CustomerAlias(models.Model):
    """An anonymous id that turned out to be this customer (a visitor who logged in)."""

    anonymous_id = models.CharField(max_length=200, unique=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.anonymous_id


class Product(models.Model):
    class Kind(models.TextChoices):
        PRODUCT = "product", _("product")
        CONTENT = "content", _("content")

    sku = models.CharField(_("SKU"), max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=300, blank=True)
    description = models.TextField(_("description"), blank=True)
    category = models.CharField(_("category"), max_length=200, blank=True)
    brand = models.CharField(_("brand"), max_length=100, blank=True)
    price = MoneyField(_("price"), null=True, blank=True)
    cost = MoneyField(_("cost"), null=True, blank=True)
    currency = CurrencyField(_("currency"), blank=True)
    stock = models.IntegerField(_("stock"), null=True, blank=True)
    image_url = models.CharField(_("image"), max_length=500, blank=True)
    url = models.CharField(_("page"), max_length=500, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PRODUCT)
    active = models.BooleanField(_("on sale"), default=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes = [models.Index(fields=["category"])]

    def __str__(self) -> str:
        return self.title or self.sku


class OrderQuerySet(models.QuerySet["Order"]):
    def sales(self) -> OrderQuerySet:
        return self.filter(status=Order.Status.PAID)

    def until(self, as_of: datetime) -> OrderQuerySet:
        return self.filter(placed_at__lt=as_of)


class Order(models.Model):
    """A sale, or the cancellation or return of one (negative lines). Guest orders have no customer."""

    class Status(models.TextChoices):
        PAID = "paid", pgettext_lazy("order", "paid")
        CANCELLATION = "cancellation", pgettext_lazy("order", "cancellation or return")
        PENDING = "pending", pgettext_lazy("order", "not paid yet")

    number = models.CharField(_("order number"), max_length=100, unique=True)
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="orders", verbose_name=_("customer"),
        db_index=False,
    )
    placed_at = models.DateTimeField(_("placed"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PAID)
    currency = CurrencyField(_("currency"))
    country = models.CharField(_("country"), max_length=60, blank=True)
    discount = MoneyField(_("discount"), default=Decimal(0))
    coupon = models.CharField(_("coupon"), max_length=60, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(fields=["customer", "placed_at"], name="order_customer_placed"),
            models.Index(fields=["placed_at"], name="order_placed"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """Quantity is negative on returned and cancelled lines. `key` tells lines of one order apart, so that a file read
    twice adds nothing: the shop's line id, or a digest of the line's content and its occurrence number."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("order"), db_index=False)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("product"))
    key = models.CharField(max_length=64)
    quantity = models.IntegerField(_("quantity"))
    unit_price = MoneyField(_("unit price"))
    amount = models.GeneratedField(
        expression=F("quantity") * F("unit_price"), output_field=MoneyField(), db_persist=True, verbose_name=_("amount")
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [models.UniqueConstraint(fields=["order", "key"], name="orderline_once")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"


class Event(models.Model):
    """Something a visitor did. Partitioned by month of `occurred_at` (migration 0002); `EventReceipt` removes repeats."""

    class Kind(models.TextChoices):
        VIEW = "view", pgettext_lazy("event", "viewed")
        CART = "cart", pgettext_lazy("event", "added to cart")
        FAVOURITE = "favourite", pgettext_lazy("event", "marked as favourite")
        SEARCH = "search", pgettext_lazy("event", "searched")
        CHECKOUT = "checkout", pgettext_lazy("event", "started checkout")
        PURCHASE = "purchase", pgettext_lazy("event", "bought")
        AD_CLICK = "ad_click", pgettext_lazy("event", "clicked an ad")
        SHARE = "share", pgettext_lazy("event", "shared")
        PAGE = "page", pgettext_lazy("event", "visited a page")
        OTHER = "other", pgettext_lazy("event", "other")

    occurred_at = models.DateTimeField(_("time"))
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("customer"), db_index=False
    )
    anonymous_id = models.CharField(max_length=200, blank=True)
    session_id = models.CharField(max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=200, blank=True)
    product = models.ForeignKey(
        Product, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("product"), db_index=False
    )
    dwell_seconds = models.PositiveIntegerField(_("dwell time (s)"), null=True, blank=True)
    properties = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%Y-%m-%d %H:%M}"


class EventReceipt(models.Model):
    """Message ids seen lately: a repeated delivery of an event is recognised for at least two days."""

    message_id = models.CharField(primary_key=True, max_length=200)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.message_id


class Consent(models.Model):
    """One word of a customer about one channel and purpose. Append-only: the latest row counts (migration 0002)."""

    class Source(models.TextChoices):
        IMPORT = "import", _("imported")
        FORM = "form", _("form")
        UNSUBSCRIBE = "unsubscribe", _("unsubscribe link")
        STAFF = "staff", _("entered by staff")
        API = "api", _("API")

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="consents", verbose_name=_("customer"), db_index=False
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.MARKETING)
    granted = models.BooleanField(_("granted"))
    source = models.CharField(_("source"), max_length=12, choices=Source)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [
            models.Index(fields=["customer", "channel", "purpose", "-recorded_at", "-id"], name="consent_latest")
        ]

    def __str__(self) -> str:
        said = gettext("yes") if self.granted else gettext("no")
        return f"{self.get_channel_display()} · {self.get_purpose_display()} · {said}"


class CustomerTouchedQuerySet(models.QuerySet["CustomerTouched"]):
    def add(self, customers: Iterable[int]) -> None:
        """Note, in the transaction that writes the facts, that something arrived about these customers."""
        self.bulk_create(CustomerTouched(customer_id=pk) for pk in sorted(set(customers)))

    def take(self, rows: int) -> list[int]:
        """Remove up to `rows` notes, oldest first; returns the customers they were about. One taker at a time."""
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM shop_customertouched WHERE id IN (SELECT id FROM shop_customertouched ORDER BY id LIMIT %s)"
                " RETURNING customer_id", [rows]
            )
            return sorted({customer for (customer,) in cursor.fetchall()})


class CustomerTouched(models.Model):
    """Something arrived about a customer. Rows are only added and taken away, so that no writer waits for whoever applies them."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    objects = CustomerTouchedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.customer_id}"


class AdReport(models.Model):
    """What an ad platform reported for one placement and day."""

    day = models.DateField(_("day"))
    platform = models.CharField(_("platform"), max_length=60)
    placement = models.CharField(_("placement"), max_length=120)
    impressions = models.BigIntegerField(_("impressions"), default=0)
    clicks = models.BigIntegerField(_("clicks"), default=0)
    conversions = models.BigIntegerField(_("conversions"), default=0)
    spend = MoneyField(_("spend"), default=Decimal(0))
    revenue = MoneyField(_("revenue"), default=Decimal(0))
    currency = CurrencyField(_("currency"))

    class Meta:
        verbose_name = _("ad report")
        verbose_name_plural = _("ad reports")
        constraints = [models.UniqueConstraint(fields=["platform", "placement", "day"], name="adreport_once")]

    def __str__(self) -> str:
        return f"{self.platform} {self.placement} {self.day}"


class OrderImport(models.Model):
    """One uploaded file of orders or of customers: how its columns are read and what became of its rows.

    rows_read = rows_accepted + rows_merged + rows_rejected once the import has ended.
    """

    class Format(models.TextChoices):
        UCI = "uci-online-retail", "UCI Online Retail"
        SHOPIFY = "shopify", "Shopify"
        GENERIC = "generic", _("my own columns")
        CUSTOMERS = "customers", _("list of customers")

    file = models.FileField(upload_to="imports/")
    filename = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(_("format"), max_length=20, choices=Format)
    options = models.JSONField(default=dict, blank=True, help_text="Column mapping, encoding, delimiter, date form, currency.")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("uploaded by")
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    job_run = models.ForeignKey(JobRun, models.SET_NULL, null=True, blank=True, related_name="+")
    rows_read = models.BigIntegerField(_("rows read"), null=True)
    rows_accepted = models.BigIntegerField(_("accepted"), null=True)
    rows_merged = models.BigIntegerField(_("already there"), null=True)
    rows_rejected = models.BigIntegerField(_("rejected"), null=True)
    summary = models.JSONField(default=dict, blank=True, help_text="Counts and sums shown on the result page.")
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("file import")
        verbose_name_plural = _("file imports")
        ordering = ["-created_at"]
        permissions = [("import_orders", "Can import orders")]

    def __str__(self) -> str:
        return self.filename


class RejectedRow(models.Model):
    order_import = models.ForeignKey(OrderImport, models.CASCADE, related_name="rejected")
    row_number = models.BigIntegerField(_("row"))
    field = models.CharField(_("field"), max_length=100)
    value = models.CharField(_("value"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    row = models.TextField(blank=True, help_text="The row as it stood in the file.")

    class Meta:
        ordering = ["row_number"]

    def __str__(self) -> str:
        return f"{self.row_number}: {self.field}"
