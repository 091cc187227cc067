"""What intake adds to the product: the page of imports, its audit sentences, rejected rows on the home
page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _

from backoffice.declarations import (
    Frame,
    HealthLine,
    NavigationItem,
    NextStep,
    RolePermissions,
    Section,
    Todo,
    Tone,
    Trace,
)
from backoffice.models import User
from backoffice.templatetags.formats import timesince
from intake.actions.uploads import forget_in_files, forget_in_rejected_rows
from intake.models import EventReceipt, FileImport, RejectedRow

LATELY = timedelta(days=7)  # for as long an import's rejected rows are worth a look


def rejected_rows(user: User) -> Iterator[Todo]:
    """Imports of the last days some of whose rows were rejected."""
    if not user.has_perm("intake.import_orders"):
        return
    lately = FileImport.objects.filter(finished_at__gt=timezone.now() - LATELY, rows_rejected__gt=0)
    for file in lately.order_by("-finished_at")[:3]:
        rejected = file.rows_rejected or 0
        text = ngettext(
            "%(n)d row of %(file)s was rejected", "%(n)d rows of %(file)s were rejected", rejected
        )
        yield Todo(text % {"n": rejected, "file": file.filename}, reverse("intake:import", args=[file.pk]))


def last_event() -> Iterator[HealthLine]:
    """When the API last received an event."""
    latest = EventReceipt.objects.order_by("-received_at").values_list("received_at", flat=True).first()
    if latest:
        text = gettext("The last event was received %s ago") % timesince(latest)
    else:
        text = gettext("No event has been received through the API yet")
    yield HealthLine(Tone.GOOD, gettext("events"), text)


FRAME = Frame(
    navigation=[
        NavigationItem(
            Section.DATA, _("Imports"), "upload_file", "intake:imports", "intake.view_fileimport", 10
        ),
    ],
    audit={
        "import.export_rejected": gettext_noop("exported the rejected rows of the file"),
        "import.finish": gettext_noop("imported a file"),
        "import.upload": gettext_noop("uploaded a file"),
    },
    next_steps={
        "imports": NextStep(_("Imports"), "intake:imports", "intake.view_fileimport"),
        "import_orders": NextStep(_("Import orders"), "intake:upload", "intake.import_orders"),
        "import_customers": NextStep(
            _("Import customers"), "intake:upload-customers", "intake.import_orders"
        ),
    },
    own_facts=["import.upload"],
    todos=[rejected_rows],
    health=[last_event],
    permissions=RolePermissions(everybody=["intake.view_fileimport"], marketer=["intake.import_orders"]),
    traces=[
        Trace(FileImport, _("Uploaded files deleted"), forget_in_files),
        Trace(RejectedRow, _("Rejected rows blanked"), forget_in_rejected_rows),
    ],
    job_figures={
        "files": gettext_noop("Uploaded files deleted"),
        "texts": gettext_noop("Rejected rows blanked"),
        "read": gettext_noop("Rows read"),
        "accepted": gettext_noop("Rows accepted"),
        "merged": gettext_noop("Rows already there"),
        "rejected": gettext_noop("Rows rejected"),
        "receipts": gettext_noop("Old receipts deleted"),
    },
)
