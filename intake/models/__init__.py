"""How facts come in: imported files with their rejected rows, receipts of events."""

from intake.models.events import EventReceipt
from intake.models.imports import FileImport, RejectedRow

__all__ = ["EventReceipt", "FileImport", "RejectedRow"]
