"""Files of orders and of customers, and their rows that could not be used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.fields import DataclassField
from backoffice.models import JobRun


@dataclass(frozen=True)
class ReadingOptions:
    """How one file is read. `mapping`: field -> number of the column, from 0. `date_order` "" is: to be
    chosen. `attributes` (name -> column) and `overwrite` concern lists of customers only."""

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    mapping: dict[str, int] = field(default_factory=dict)
    decimal: str = "."
    date_order: str = "dmy"
    time_zone: str = "UTC"
    currency: str = ""
    attributes: dict[str, int] = field(default_factory=dict)
    overwrite: bool = False


@dataclass(frozen=True)
class MonthRevenue:
    """Net revenue of one month (`YYYY-MM`) in one currency."""

    currency: str
    month: str
    amount: Decimal


@dataclass(frozen=True)
class OrdersFigures:
    """What a file of orders held. `revenue`: currency -> net revenue, lines times prices, returns negative,
    unpaid orders left out; `months`: the same by month."""

    orders: int
    customers: int
    products: int
    guest_lines: int
    cancellation_lines: int
    orders_new: int
    customers_new: int
    products_new: int
    revenue: dict[str, Decimal]
    months: tuple[MonthRevenue, ...]


@dataclass(frozen=True)
class CustomersFigures:
    """What a list of customers held. `addresses`: customers who had no email address and have one now;
    `consents`: answers that were news."""

    customers: int
    customers_new: int
    addresses: int
    consents: int


@dataclass(frozen=True)
class ImportSummary:
    """The figures of an import's result page, of the one kind of file that it is; none before its end.
    `erased`: rows of people who asked to be erased."""

    of_orders: OrdersFigures | None = None
    of_customers: CustomersFigures | None = None
    erased: int = 0


class FileImport(models.Model):
    """One uploaded file of orders or of customers: how its columns are read and what became of its rows.

    rows_read = rows_accepted + rows_merged + rows_rejected once the import has ended.
    """

    class Format(models.TextChoices):
        UCI = "uci-online-retail", "UCI Online Retail"
        SHOPIFY = "shopify", "Shopify"
        GENERIC = "generic", _("my own columns")
        CUSTOMERS = "customers", _("list of customers")

    file = models.FileField(upload_to="imports/", blank=True, help_text="Empty once it was deleted.")
    filename = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    format = models.CharField(_("format"), max_length=20, choices=Format)
    options = DataclassField(
        ReadingOptions, blank=True, help_text="Column mapping, encoding, delimiter, date form, currency."
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    job_run = models.ForeignKey(JobRun, models.SET_NULL, null=True, blank=True, related_name="+")
    rows_read = models.BigIntegerField(_("rows read"), null=True)
    rows_accepted = models.BigIntegerField(_("accepted"), null=True)
    rows_merged = models.BigIntegerField(_("already there"), null=True)
    rows_rejected = models.BigIntegerField(_("rejected"), null=True)
    summary = DataclassField(ImportSummary, blank=True, help_text="Counts and sums shown on the result page.")
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("file import")
        verbose_name_plural = _("file imports")
        ordering = ["-created_at"]
        permissions = [("import_orders", "Can import files of orders and customers")]

    def __str__(self) -> str:
        return self.filename

    @staticmethod
    def kept_for() -> timedelta:
        """How long an uploaded file is kept."""
        return timedelta(days=settings.UPLOADS_KEPT_DAYS)

    @property
    def has_file(self) -> bool:
        """Whether the uploaded file is still there."""
        return bool(self.file) and self.file.storage.exists(str(self.file.name))

    @property
    def kept_until(self) -> datetime:
        """When the file is deleted, unless an erasure deletes it before."""
        return self.created_at + self.kept_for()


class RejectedRow(models.Model):
    """A row of a file that was left out, and why."""

    file_import = models.ForeignKey(FileImport, models.CASCADE, related_name="rejected")
    row_number = models.BigIntegerField(_("row"))
    field = models.CharField(_("field"), max_length=100)
    value = models.CharField(_("value"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    row = models.TextField(blank=True, help_text="The row as it stood in the file.")

    class Meta:
        ordering = ["row_number"]

    def __str__(self) -> str:
        return f"{self.row_number}: {self.field}"
