from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import translation

from backoffice.actions import record
from backoffice.models import AuditEntry
from tests.factories import ConsentFactory, JobRunFactory, SegmentFactory


@pytest.mark.parametrize(
    "change", [lambda entries: entries.update(verb="nothing"), lambda entries: entries.delete()]
)
def test_the_database_refuses_changes(mara, change):
    record(by=mara, verb="staff.greet", about=mara)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        change(AuditEntry.objects.all())
    assert AuditEntry.objects.get().verb == "staff.greet"


EVERY_GUARD = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal AND proname = 'refuse_change'
"""


def test_what_is_never_changed_is_never_emptied_either(mara):
    record(by=mara, verb="staff.greet", about=mara)
    ConsentFactory()
    with connection.cursor() as cursor:
        cursor.execute(EVERY_GUARD)
        guarded = [table for (table,) in cursor.fetchall()]
        assert {"backoffice_auditentry", "shop_consent"} <= set(guarded)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in [*guarded, "backoffice_user"]:  # the last empties the audit trail along with it
            with pytest.raises(DatabaseError, match="never emptied"), transaction.atomic():
                cursor.execute(f"TRUNCATE {table} CASCADE")
        cursor.execute("SET LOCAL marketops.leaving_demo = 'on'")
        with pytest.raises(DatabaseError, match="never emptied"), transaction.atomic():
            cursor.execute("TRUNCATE backoffice_auditentry")
        cursor.execute("TRUNCATE shop_consent")  # goes with a demo shop
    assert AuditEntry.objects.get().verb == "staff.greet"


def test_people_read_sentences_instead_of_codes(as_user, ada, ines):
    record(by=ada, verb="staff.change", about=ines)
    record(by=ada, verb="old.code", about=ines)
    with translation.override("zh-hans"):
        assert [entry.verb_text for entry in AuditEntry.about(ines)] == ["old.code", "修改了账号"]
    entry = AuditEntry.objects.get(verb="staff.change")
    shown = (
        as_user(ada)
        .get(reverse("admin:backoffice_auditentry_changelist"), {"verb": "staff.change"})
        .content.decode()
    )
    assert "changed the account" in shown
    assert "backoffice.user" not in shown.replace("object_type=backoffice.user", "")
    assert as_user(ada).get(reverse("admin:backoffice_auditentry_change", args=[entry.pk])).status_code == 200


def test_details_are_written_for_people(as_user, ada):
    details = {"orders": 1234, "shop.consent": 2, "active": True, "roles": ["marketer", "analyst"], "old": ""}
    entry = record(by=ada, verb="staff.change", about=ada, **details)
    page = reverse("admin:backoffice_auditentry_change", args=[entry.pk])
    shown = as_user(ada).get(page).content.decode()
    for line in ("Orders: 1,234", "Consent: 2", "Active: yes", "Roles: marketer, analyst", "Old: –"):
        assert line in shown


def test_names_link_only_where_the_reader_may_go(as_user, ada, mara):
    record(by=ada, verb="staff.change", about=mara)
    page = reverse("admin:backoffice_auditentry_change", args=[AuditEntry.objects.get().pk])
    account = reverse("admin:backoffice_user_change", args=[ada.pk])
    for reader, linked in ((ada, True), (mara, False)):
        shown = as_user(reader).get(page).content.decode()
        assert "ada" in shown
        assert (account in shown) is linked


def test_names_that_the_program_gave_are_read_in_the_readers_language(mara):
    run = JobRunFactory(name="segments.refresh")
    record(by=mara, verb="job.cancel", about=run)
    consent = ConsentFactory(channel="email", purpose="marketing", granted=True)
    with translation.override("zh-hans"):
        record(by=mara, verb="consent.record", about=consent)
    by_run, by_consent = AuditEntry.about(run).get(), AuditEntry.about(consent).get()
    assert by_run.label_text == f"{run.title} #{run.pk}"
    assert by_consent.label_text == "email · marketing messages · yes"
    with translation.override("zh-hans"):
        assert by_run.label_text == f"{run.title} #{run.pk}"
        assert by_consent.label_text == str(consent) != "email · marketing messages · yes"


def test_a_name_that_somebody_typed_stays_as_it_is(mara, ines):
    ines.username = "yes"
    record(by=mara, verb="staff.change", about=ines)
    with translation.override("zh-hans"):
        assert AuditEntry.about(ines).get().label_text == "yes"


@pytest.mark.parametrize(
    ("model", "key", "english", "chinese"),
    [
        ("segments.segment", "rule|Loyal", "Loyal · By rule", "忠实客户"),
        (
            "segments.segment",
            "kmeans|young|frequent|women",
            "Young frequent women · Behaviour groups (k-means)",
            "",
        ),
        ("segments.proposal", "kmeans #7", "Behaviour groups (k-means) #7", "#7"),
        ("segments.segmentrun", "kmeans #8", "Behaviour groups (k-means) #8", "#8"),
        ("predictions.predictionrun", "buys_30 #4", "Buys within 30 days #4", "#4"),
        ("ads.budgetplan", "1000.00 GBP 2026-11-30", "£1,000.00, 30 Nov 2026", "£1,000.00"),
        ("segments.segment", "", "", ""),
    ],
)
def test_each_app_reads_the_names_that_it_gives(model, key, english, chinese):
    entry = AuditEntry(object_type=model, label=key, label_is_key=True)
    assert entry.label_text == english
    with translation.override("zh-hans"):
        assert chinese in entry.label_text


def test_a_segment_is_named_by_what_somebody_typed_or_by_the_words_of_its_method(mara):
    found, renamed = SegmentFactory(name_key="Loyal"), SegmentFactory(custom_name="Tea lovers")
    for segment in (found, renamed):
        record(by=mara, verb="segment.archive", about=segment)
    with translation.override("zh-hans"):
        assert AuditEntry.about(found).get().label_text == found.label
        assert AuditEntry.about(renamed).get().label_text == "Tea lovers"
