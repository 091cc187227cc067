"""Pages: from a file of orders or customers to facts, and what became of its rows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.actions import cancel_job, record
from backoffice.errors import Refused, require
from backoffice.exports import csv_response
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.readers import PERSONAL_DATA
from backoffice.templatetags.formats import money_rounded, price
from intake.actions import imports as actions
from intake.forms import CustomerReadingForm, CustomersUploadForm, ReadingForm, UploadForm
from intake.importers.customers import CustomerReading
from intake.importers.delimited_file import DelimitedFile
from intake.importers.formats import Reading
from intake.importers.guess import read_header
from intake.importers.registry import BY_FORMAT, LABELS
from intake.models import FileImport, OrdersFigures, RejectedRow
from intake.tasks import start_import
from shop.actions.demo.origin import began_as_demo
from shop.actions.test_addresses import offers_test_addresses
from shop.models import Channel, Customer, Order

VIEW = "intake.view_fileimport"
FORMS: dict[str, Any] = {"orders": ReadingForm, "customers": CustomerReadingForm}  # by importer


@staff_page(VIEW)
def imports(request: StaffRequest) -> HttpResponse:
    listed = FileImport.objects.select_related("uploaded_by", "job_run")
    pages = Paginator(listed, 25).get_page(request.GET.get("page"))
    return page(request, "intake/list.html", title=_("Imports"), imports=pages, is_demo=began_as_demo())


@staff_page(actions.PERMISSION)
def upload(request: StaffRequest) -> HttpResponse:
    return _upload(request, UploadForm, "intake/upload.html", title=_("Import orders"))


@staff_page(actions.PERMISSION)
def upload_customers(request: StaffRequest) -> HttpResponse:
    return _upload(
        request,
        CustomersUploadForm,
        "intake/upload_customers.html",
        title=_("Import customers"),
        format=FileImport.Format.CUSTOMERS,
        without=Customer.objects.without_address().count(),
        test_addresses=offers_test_addresses(),
    )


def _upload(
    request: StaffRequest, kind: type[UploadForm], template: str, *, format: str = "", **context: Any
) -> HttpResponse:
    form = kind(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            file_import = actions.take_file(
                file=file.file, filename=file.name, by=request.user, format=format
            )
        except Refused as error:
            form.add_error("file", error.message)
        else:
            return redirect("intake:columns", pk=file_import.pk)
    return page(request, template, form=form, step=1, is_demo=began_as_demo(), **context)


@staff_page(actions.PERMISSION)
def columns(request: StaffRequest, pk: int) -> HttpResponse:
    """Every change is stored and shown at once in the preview; the button "Import" starts the job."""
    require(request.user, PERSONAL_DATA)
    file_import = get_object_or_404(FileImport, pk=pk)
    if file_import.finished_at or (file_import.job_run and file_import.job_run.is_active):
        return redirect("intake:import", pk=pk)
    actions.require_file(file_import)
    reading, path = actions.reading_of(file_import), Path(file_import.file.path)
    kind = FORMS[BY_FORMAT[file_import.format].name]
    form = kind(request.POST or None, reading=reading, header=_header(path, reading))
    if form.is_bound and form.is_valid():
        reading = actions.adjusted(file_import, form.reading())
        actions.settle_reading(file_import=file_import, reading=reading, by=request.user)
        if request.POST.get("do") == "import" and not reading.unfinished():
            start_import(file_import=file_import, by=request.user)
            return redirect("intake:import", pk=pk)
        form = kind(reading=reading, header=_header(path, reading))
    return page(
        request,
        "intake/columns.html",
        title=file_import.filename,
        file_import=file_import,
        form=form,
        step=2,
        twin=actions.twin_of(file_import),
        **_preview(path, reading),
    )


def _header(path: Path, reading: Reading) -> list[str]:
    return read_header(path, reading.encoding, reading.delimiter)


def _preview(path: Path, reading: Reading) -> dict[str, Any]:
    """The first rows as they would be read, in the order a person checks them."""
    importer = BY_FORMAT[reading.format]
    fields = [*importer.shown_first, *(name for name in importer.fields if name not in importer.shown_first)]
    shown = [name for name in fields if name in reading.mapping]
    if isinstance(reading, CustomerReading):
        shown += reading.attributes
    with DelimitedFile(path, encoding=reading.encoding, delimiter=reading.delimiter) as source:
        rows = importer.preview(source, reading)
    table = [
        {
            "row": row,
            "reason": _(row.reason) if row.reason else "",
            "cells": [_cell(name, row, reading) for name in shown],
        }
        for row in rows
    ]
    unfinished = {name: _(question) for name, question in reading.unfinished().items()}
    return {
        "shown": [LABELS.get(name, name) for name in shown],
        "table": table,
        "wrong": sum(bool(row.reason) for row in rows),
        "unfinished": [  # what it is called, what is asked, which fields of the form answer it
            (LABELS.get(name, _("Dates") if name == "date_order" else name), text, (name, f"column_{name}"))
            for name, text in unfinished.items()
        ],
    }


def _cell(name: str, row: Any, reading: Reading) -> dict[str, Any]:
    value = row.values.get(name, "")
    if isinstance(value, datetime):
        value = date_format(value.astimezone(reading.zone), "DATETIME_FORMAT")
    elif isinstance(value, Decimal):
        value = price(value, row.values["currency"])
    elif name == "status" and not row.reason:
        value = Order.Status(value or Order.Status.PAID).label
    elif name == "consent_email" and value and not row.reason:
        value = {"t": _("yes"), "f": _("no")}.get(value, value)
    return {
        "text": value,
        "bad": row.field == name,
        "number": name in {"quantity", "unit_price", "line_total"},
    }


@staff_page(VIEW)
def file_import(request: StaffRequest, pk: int) -> HttpResponse:
    """Progress while it runs, then what became of the rows."""
    imported = get_object_or_404(FileImport.objects.select_related("job_run", "uploaded_by"), pk=pk)
    if (
        imported.finished_at is None
        and imported.job_run is None
        and request.user.has_perm(actions.PERMISSION)
    ):
        return redirect("intake:columns", pk=pk)
    reasons = (
        imported.rejected.values("field", "reason")
        .annotate(rows=Count("pk"), first=Min("row_number"))
        .order_by("-rows")[:20]
    )
    return page(
        request,
        "intake/result.html",
        title=imported.filename,
        file_import=imported,
        run=imported.job_run,
        step=4 if imported.finished_at else 3,
        chart=_chart(imported.summary.of_orders),
        reasons=[
            {**row, "label": LABELS.get(row["field"], row["field"]), "reason": _(row["reason"])}
            for row in reasons
        ],
        rejected=_rejected_page(imported, request.GET.get("page")),
        customers=Customer.objects.count(),
        addressed=Customer.objects.reachable(Channel.EMAIL).count(),
    )


def _rejected_page(imported: FileImport, number: str | None) -> Any:
    rows: Any = Paginator(imported.rejected.all(), 50).get_page(number)
    rows.object_list = [
        {"at": row, "label": LABELS.get(row.field, row.field), "reason": _(row.reason)} for row in rows
    ]
    return rows


def _chart(figures: OrdersFigures | None) -> dict[str, Any] | None:
    """Net revenue by month of the currency with the most months, and the finding that is its title."""
    if figures is None or len({row.month for row in figures.months}) < 2:
        return None
    revenue = figures.revenue
    currency = max(revenue, key=lambda code: abs(revenue[code]))
    bars = [row for row in figures.months if row.currency == currency]
    best = max(bars, key=lambda row: row.amount)
    values = [float(row.amount) for row in bars[-36:]]
    return {
        "title": _("The best month was %(month)s with %(amount)s")
        % {"month": _month(best.month), "amount": money_rounded(best.amount, currency)},
        "data": {
            "categories": [_month(row.month) for row in bars[-36:]],
            "sparse": True,
            "x": _("month"),
            "format": "money",
            "currency": currency,
            "y": _("net revenue"),
            "series": [{"name": _("net revenue"), "values": values}],
        },
    }


def _month(iso: str) -> str:
    return date_format(date.fromisoformat(iso + "-01"), "YEAR_MONTH_FORMAT")


@require_POST
@staff_page(actions.PERMISSION)
def again(request: StaffRequest, pk: int) -> HttpResponse:
    imported = get_object_or_404(FileImport, pk=pk)
    actions.require_file(imported)
    start_import(file_import=imported, by=request.user)
    return redirect("intake:import", pk=pk)


@require_POST
@staff_page(actions.PERMISSION)
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    imported = get_object_or_404(FileImport.objects.exclude(job_run=None).select_related("job_run"), pk=pk)
    assert imported.job_run is not None  # noqa: S101 - for the type checker
    cancel_job(run=imported.job_run, by=request.user)
    messages.info(request, _("The import is being stopped; nothing of it is kept."))
    return redirect("intake:import", pk=pk)


@staff_page(VIEW)
def rejected_rows(request: StaffRequest, pk: int) -> StreamingHttpResponse:
    """The rejected rows as CSV for a spreadsheet, streamed; written to the audit trail."""
    require(request.user, PERSONAL_DATA)
    imported = get_object_or_404(FileImport, pk=pk)
    record(by=request.user, verb="import.export_rejected", about=imported)
    head = [_("row"), _("field"), _("value"), _("reason"), _("original row")]
    rows = ([row.row_number, *_words(row)] for row in imported.rejected.iterator(chunk_size=5000))
    return csv_response(f"rejected-{imported.pk}.csv", head, rows)


def _words(row: RejectedRow) -> list[str]:
    return [str(LABELS.get(row.field, row.field)), row.value, _(row.reason), row.row]
