"""How facts come in: imported files with their rejected rows, receipts of events."""

from intake.models.events import EventReceipt
from intake.models.imports import (
    CustomersFigures,
    FileImport,
    ImportSummary,
    MonthRevenue,
    OrdersFigures,
    ReadingOptions,
    RejectedRow,
)

__all__ = [
    "CustomersFigures",
    "EventReceipt",
    "FileImport",
    "ImportSummary",
    "MonthRevenue",
    "OrdersFigures",
    "ReadingOptions",
    "RejectedRow",
]
