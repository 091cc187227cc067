"""What a column of a file of orders can hold, and how such a file is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from intake.importers import columns
from intake.importers.columns import Column, optional, text_reader
from intake.importers.policies import ConsentDates, Policy
from intake.models import FileImport, ReadingOptions

Format = FileImport.Format

# The order of the fields is the order in which `orders.OrdersReader` unpacks a row.
FIELDS: dict[str, Any] = {
    "order_number": _("Order number"),
    "ordered_at": _("Date of the order"),
    "status": _("Status"),
    "currency": _("Currency"),
    "customer_id": _("Customer number"),
    "country": _("Country"),
    "discount": _("Discount on the order"),
    "coupon": _("Coupon code"),
    "email": _("Email"),
    "phone": _("Phone"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "consent_email": _("Agrees to marketing email"),
    "refunded": _("Amount given back"),
    "sku": _("Product number (SKU)"),
    "title": _("Product title"),
    "category": _("Category"),
    "brand": _("Brand"),
    "quantity": _("Quantity"),
    "unit_price": _("Unit price"),
    "line_total": _("Total of the line"),
    "line_discount": _("Discount on the line"),
    "line_id": _("Line number of the shop"),
}
REQUIRED = ["order_number", "ordered_at", "sku", "quantity"]  # and unit_price or line_total


@dataclass(frozen=True)
class Reading(ReadingOptions):
    """How a file of orders is read."""

    consent_dates: ClassVar[ConsentDates] = ConsentDates.OF_ORDERS

    @property
    def policy(self) -> Policy:
        """Whose values count where the shop knows other ones."""
        return Policy.FILL

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.time_zone)

    def with_mapping(self, mapping: dict[str, int], header: list[str]) -> Reading:
        """With other columns; `header` is the file's."""
        return replace(self, mapping=mapping)

    def unfinished(self) -> dict[str, str]:
        """What is still missing before the file can be imported: form field -> the question (message
        ids)."""
        questions = {
            name: gettext_noop("Choose the column that holds this.")
            for name in REQUIRED
            if name not in self.mapping
        }
        if not {"unit_price", "line_total"} & self.mapping.keys():
            questions["unit_price"] = gettext_noop(
                "Choose the column of the unit price, or of the line's total."
            )
        if not self.date_order:
            questions["date_order"] = gettext_noop(
                "Every date in the sample can be read in two ways: say which comes first."
            )
        if not self.currency:
            questions["currency"] = gettext_noop("Say which currency the amounts are in.")
        return questions

    def clashes(self) -> dict[str, str]:
        """Fields that cannot be the same column, yet are: form field -> what is wrong, in one sentence that
        names both."""
        holds: dict[int, str] = {}
        found = {}
        for name in (name for name in [*REQUIRED, "unit_price", "line_total"] if name in self.mapping):
            other = holds.setdefault(self.mapping[name], name)
            if other != name:
                question = gettext(
                    "One column cannot hold both “%(one)s” and “%(other)s”: choose another for one of them."
                )
                found[name] = question % {"one": FIELDS[other], "other": FIELDS[name]}
        return found

    def columns(self, *, latest: datetime) -> list[Column]:
        """One reader for each of FIELDS, in order. `latest`: orders after this moment are rejected."""
        amount, text = columns.amount_reader(self.decimal), text_reader
        readers = {
            "order_number": text(90, missing=gettext_noop("The order number is missing.")),
            "ordered_at": columns.date_reader(self.date_order, self.zone, latest=latest),
            "status": lambda cell: columns.read_status(cell) if cell else "",
            "currency": lambda cell: columns.read_currency(cell) if cell else self.currency,
            "customer_id": optional(columns.read_customer_id),
            "country": optional(text(60)),
            "discount": lambda cell: amount(cell) if cell else "0",
            "coupon": optional(text(60)),
            "email": optional(columns.read_email),
            "phone": optional(lambda cell: text(40)(cell.lstrip("'"))),  # Shopify's guard against formulas
            "first_name": optional(text(100)),
            "last_name": optional(text(100)),
            "consent_email": optional(columns.read_consent),
            "refunded": lambda cell: amount(cell) if cell else "0",
            "sku": text(100 if self.format != Format.SHOPIFY else 300),
            "title": text(300),
            "category": optional(text(200)),
            "brand": optional(text(100)),
            "quantity": columns.quantity_reader(self.decimal),
            "unit_price": lambda cell: amount(cell) if cell else "",
            "line_total": lambda cell: amount(cell) if cell else "",
            "line_discount": lambda cell: amount(cell) if cell else "0",
            "line_id": text(64),
        }
        return [Column(name, readers[name]) for name in FIELDS]
