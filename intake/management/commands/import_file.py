"""Import a file of orders, or of customers: `manage.py import_file orders.csv.gz --format shopify`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.errors import Refused
from backoffice.templatetags.formats import plain_amount
from intake.actions import imports
from intake.importers.registry import LABELS
from intake.models import FileImport


def mapping(text: str) -> dict[str, str]:
    """ "order_number=Order ID,sku=Item" -> {"order_number": "Order ID", "sku": "Item"}."""
    pairs = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    names = {field.strip(): header.strip() for field, header in pairs.items()}
    if unknown := names.keys() - LABELS.keys():
        raise argparse.ArgumentTypeError(
            f"no such field: {', '.join(sorted(unknown))}; there are: {', '.join(LABELS)}"
        )
    return names


class Command(BaseCommand):
    help = (
        "Import a file of orders or customers (CSV in any encoding, plain or gzipped)."
        " Importing a file twice adds nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--format", choices=FileImport.Format.values, default="", help="default: judged by the header"
        )
        parser.add_argument(
            "--mapping", type=mapping, default={}, help="field=Header,... for columns that are not recognised"
        )
        parser.add_argument("--currency", help="three letters, when the file has no currency column")
        parser.add_argument(
            "--time-zone", help="of dates without an offset, for example Europe/London (default UTC)"
        )
        parser.add_argument("--date-order", choices=["dmy", "mdy"], help="which comes first in 3/4/2025")
        parser.add_argument("--decimal", choices=[".", ","], help="the decimal sign")
        parser.add_argument("--encoding", help="for example gb18030")

    def handle(self, *args: Any, file: Path, format: str, mapping: dict[str, str], **options: Any) -> None:
        given = {
            name: options[name]
            for name in ("currency", "time_zone", "date_order", "decimal", "encoding")
            if options[name]
        }
        if given.get("time_zone", "UTC") not in available_timezones():
            raise CommandError(
                f"There is no time zone {given['time_zone']}: use a name such as Europe/London."
            )
        try:
            with file.open("rb") as stream:
                file_import = imports.take_file(file=stream, filename=file.name, by=None, format=format)
            reading = replace(imports.map_columns(file_import, mapping), **given)
            for field, question in reading.unfinished().items():
                raise CommandError(f"{field}: {question} (see --mapping, --currency, --date-order)")
            imports.settle_reading(file_import=file_import, reading=reading, by=None)
            result = imports.import_file(import_id=file_import.pk, progress=self.show)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        except Refused as error:
            raise CommandError(error.message) from error
        self.report(FileImport.objects.get(pk=file_import.pk), result)

    def show(self, done: int, total: int | None = None, step: str = "") -> None:
        self.stdout.write(f"{100 * done // total if total else 0:3d}% {step} ({done:,})")

    def report(self, file_import: FileImport, result: dict[str, int]) -> None:
        self.stdout.write(", ".join(f"{count:,} rows {name}" for name, count in result.items()))
        if customers := file_import.summary.of_customers:
            self.stdout.write(
                f"{customers.customers:,} customers, {customers.customers_new:,} customers new,"
                f" {customers.addresses:,} addresses, {customers.consents:,} consents"
            )
        if orders := file_import.summary.of_orders:
            self.stdout.write(
                f"{orders.orders:,} orders, {orders.customers:,} customers, {orders.products:,} products,"
                f" {orders.guest_lines:,} guest lines, {orders.cancellation_lines:,} cancellation lines"
            )
            for currency, amount in orders.revenue.items():
                self.stdout.write(self.style.SUCCESS(f"net revenue {plain_amount(amount)} {currency}"))
        for row in file_import.rejected.all()[:10]:
            self.stdout.write(f"row {row.row_number}: {row.field} {row.value!r}: {row.reason}")
