from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from backoffice.actions import record
from backoffice.models import AuditEntry


def test_the_trail_says_who_did_what_to_which_object(mara, ines):
    record(by=mara, verb="staff.greet", about=ines, times=2)
    entry = AuditEntry.about(ines).get()
    assert (entry.by, entry.verb, entry.object_type, entry.details) == (mara, "staff.greet", "backoffice.user", {"times": 2})


@pytest.mark.parametrize("change", [lambda entries: entries.update(verb="nothing"), lambda entries: entries.delete()])
def test_the_database_refuses_changes(mara, change):
    record(by=mara, verb="staff.greet", about=mara)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        change(AuditEntry.objects.all())
    assert AuditEntry.objects.get().verb == "staff.greet"


def test_an_entry_lives_and_dies_with_its_transaction(mara):
    with transaction.atomic():
        record(by=mara, verb="staff.greet", about=mara)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()
