"""Customers, and that something about them arrived."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django.contrib.postgres.indexes import OpClass
from django.db import connection, models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, Concat, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.readers import sees_personal_data
from shop.models.consents import Channel, Purpose, latest_answer
from shop.models.orders import Order

# Made-up addresses for trying things out: a name that RFC 2606 reserves, so that no mail to it ever reaches
# anybody.
TEST_DOMAIN = "@customers.example.com"
TEST_NOTE = "test address"  # on consents nobody gave

COUNTRIES = """
WITH RECURSIVE hop AS (
    SELECT min(country) AS country FROM shop_customer WHERE country > ''
    UNION ALL SELECT (SELECT min(country) FROM shop_customer WHERE country > hop.country)
    FROM hop WHERE hop.country IS NOT NULL
) SELECT country FROM hop WHERE country IS NOT NULL
"""
WESTERN_NAME = Lower(Concat("first_name", Value(" "), "last_name"))
EASTERN_NAME = Lower(Concat("last_name", "first_name"))


def address_field(channel: str) -> str:
    """The field of a customer that holds the address on a channel."""
    return "email" if channel == Channel.EMAIL else "phone"


class CustomerQuerySet(models.QuerySet["Customer"]):
    def consenting(self, channel: str, purpose: str = Purpose.MARKETING) -> CustomerQuerySet:
        """Those whose latest answer on this channel and purpose, on any record of the person, is yes. Silence
        is a no."""
        return self.alias(agreed=latest_answer(channel, purpose)).filter(agreed=True)

    def not_consenting(self, channel: str, purpose: str = Purpose.MARKETING) -> CustomerQuerySet:
        """Those who refused or never answered."""
        return self.alias(agreed=Coalesce(latest_answer(channel, purpose), False)).filter(agreed=False)

    def of_person(self, customer: Customer) -> CustomerQuerySet:
        """All records of the person: those with this customer's address."""
        return self.filter(person=customer.person)

    def reachable(self, channel: str) -> CustomerQuerySet:
        """Those with an address on the channel."""
        return self.exclude(**{address_field(channel): ""})

    def without_address(self) -> CustomerQuerySet:
        """Those without an email address. Asks for lower(email), which has an index."""
        return self.alias(mail=Lower("email")).filter(mail="")

    def contactable(self, channel: str) -> CustomerQuerySet:
        return self.reachable(channel).consenting(channel)

    def with_orders(self) -> CustomerQuerySet:
        return self.filter(Exists(Order.objects.sales().filter(customer=OuterRef("pk"))))

    def without_orders(self) -> CustomerQuerySet:
        return self.exclude(Exists(Order.objects.sales().filter(customer=OuterRef("pk"))))

    def countries(self) -> list[str]:
        """The countries customers live in. Hops from one to the next along the index: a million rows, a
        handful of reads."""
        with connection.cursor() as cursor:
            cursor.execute(COUNTRIES)
            return [country for (country,) in cursor.fetchall()]

    def search(self, text: str) -> CustomerQuerySet:
        """Those whose number, email address or name (either way round) begins with `text`; each way has an
        index. A reader who may not see personal data finds numbers only."""
        text = " ".join(text.split())
        if not sees_personal_data():
            return self.filter(Q(external_id__startswith=text) | Q(external_id__startswith=text.upper()))
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
    person = models.GeneratedField(
        # Records with one address are one person. The space keeps numbers apart from addresses.
        expression=Case(
            When(email="", then=Concat(Value(" "), "external_id")),
            default=Lower("email"),
            output_field=models.CharField(),
        ),
        output_field=models.CharField(max_length=254),
        db_persist=True,
        editable=False,
    )

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            # Any zone can show these: the first year and the last overflow west and east of Greenwich.
            models.CheckConstraint(
                condition=Q(created_at__gte=datetime(1900, 1, 1, tzinfo=UTC))
                & Q(created_at__lt=datetime(9000, 1, 1, tzinfo=UTC)),
                name="customer_since_can_be_shown",
            )
        ]
        indexes = [
            models.Index(Lower("email"), name="customer_email_lower"),
            models.Index(fields=["person"], name="customer_person"),
            # The list of customers sorts by these.
            models.Index(fields=["last_name", "first_name", "id"], name="customer_name"),
            models.Index(fields=["created_at", "id"], name="customer_since"),
            models.Index(fields=["country", "id"], name="customer_country"),
            # Search finds beginnings: there is no trigram extension everywhere.
            models.Index(OpClass(Lower("email"), "text_pattern_ops"), name="customer_search_email"),
            models.Index(OpClass(WESTERN_NAME, "text_pattern_ops"), name="customer_search_western"),
            models.Index(OpClass(EASTERN_NAME, "text_pattern_ops"), name="customer_search_eastern"),
        ]
        permissions = [
            ("erase_customer", "Can erase a customer and everything derived from them"),
            ("export_customers", "Can export lists of customers"),
            ("fill_test_addresses", "Can give customers test addresses"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id

    @property
    def name(self) -> str:
        """Empty also for a reader who may not see personal data: the number then stands for it."""
        if not sees_personal_data():
            return ""
        if self.locale.lower().startswith("zh"):
            return f"{self.last_name}{self.first_name}"
        return f"{self.first_name} {self.last_name}".strip()


class CustomerAlias(models.Model):
    """An anonymous id that turned out to be this customer (a visitor who logged in)."""

    anonymous_id = models.CharField(max_length=200, unique=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return self.anonymous_id


class CustomerTouchedQuerySet(models.QuerySet["CustomerTouched"]):
    def add(self, customers: Iterable[int]) -> None:
        """Note, in the transaction that writes the facts, that something arrived about these customers."""
        self.bulk_create([self.model(customer_id=pk) for pk in sorted(set(customers))])

    def take(self, rows: int) -> list[int]:
        """Remove up to `rows` notes, oldest first; returns the customers they were about. One taker at a
        time."""
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM shop_customertouched WHERE id IN (SELECT id FROM shop_customertouched ORDER BY "
                "id LIMIT %s)"
                " RETURNING customer_id",
                [rows],
            )
            return sorted({customer for (customer,) in cursor.fetchall()})


class CustomerTouched(models.Model):
    """Something arrived about a customer. Rows are only added and taken away, so that no writer waits for
    whoever applies them."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    objects = CustomerTouchedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.customer_id}"
