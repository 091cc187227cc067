"""Which answers are news, by how exactly their source dates them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from intake.actions.facts.consents import write_consents
from intake.actions.facts.staging import CONSENTS, StagedBatch
from intake.importers.policies import ConsentDates
from shop.models import Consent, Customer
from tests.factories import ConsentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 5, 10, 12, tzinfo=UTC)


def write(dates: ConsentDates, granted: bool, at: datetime | None) -> int:
    staged = StagedBatch()
    answer = {"external_id": "C1", "channel": "email", "purpose": "marketing", "granted": granted}
    staged.add(CONSENTS, [{**answer, "stated_at": at}])
    return write_consents(staged, dates, source=Consent.Source.IMPORT, note="list.csv")


@pytest.mark.parametrize("dates", ConsentDates)
def test_a_first_answer_is_written_with_its_source(dates: ConsentDates) -> None:
    CustomerFactory(external_id="C1")
    assert write(dates, True, NOON) == 1
    consent = Consent.objects.get()
    assert (consent.granted, consent.source, consent.note) == (True, "import", "list.csv")
    assert consent.recorded_at == NOON
    assert write(dates, True, NOON) == 0


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("dates", "known", "granted", "later", "written"),
    [
        (
            ConsentDates.EXACT,
            True,
            False,
            -2 * DAY,
            True,
        ),  # the ledger is a history: the latest answer counts
        (ConsentDates.EXACT, True, True, HOUR, False),
        (ConsentDates.OF_ORDERS, True, True, HOUR, True),
        (ConsentDates.OF_DAYS, True, True, HOUR, False),
        (ConsentDates.OF_DAYS, False, True, HOUR, True),
        (ConsentDates.OF_DAYS, False, True, -HOUR, False),
        (ConsentDates.OF_DAYS, True, False, -HOUR, True),  # a day without its hour: silence is safer
        (ConsentDates.OF_DAYS, True, False, -2 * DAY, False),
        (ConsentDates.OF_DAYS, False, True, None, False),
        (ConsentDates.OF_DAYS, True, False, None, True),
    ],
)
def test_an_answer_after_another(
    dates: ConsentDates, known: bool, granted: bool, later: timedelta | None, written: bool
) -> None:
    ConsentFactory(customer=CustomerFactory(external_id="C1"), granted=known, recorded_at=NOON)
    assert write(dates, granted, NOON + later if later else None) == int(written)
    assert Consent.objects.count() == 1 + written


def test_a_refusal_of_the_same_day_comes_after_the_yes_that_it_ends() -> None:
    ConsentFactory(customer=CustomerFactory(external_id="C1"), granted=True, recorded_at=NOON)
    write(ConsentDates.OF_DAYS, False, NOON - HOUR)
    assert Consent.objects.order_by("recorded_at", "pk").last().granted is False


def test_an_older_yes_that_comes_late_does_not_undo_a_repeated_no() -> None:
    CustomerFactory(external_id="C1")
    for granted, days in ((False, 0), (False, 2), (True, 1)):
        write(ConsentDates.EXACT, granted, NOON + days * DAY)
    assert Consent.objects.order_by("recorded_at").last().granted is False


def test_an_undated_yes_does_not_undo_a_no_on_another_record_of_the_person() -> None:
    CustomerFactory(external_id="C1", email="Eva@example.com")
    ConsentFactory(customer=CustomerFactory(external_id="C2", email="eva@example.com"), granted=False)
    assert write(ConsentDates.OF_DAYS, True, None) == 0


@pytest.mark.parametrize(("at", "reached"), [(None, 0), (NOON, 0), (NOON + 2 * DAY, 2)])
def test_a_yes_beside_a_refusal_on_another_record_needs_a_later_day(
    at: datetime | None, reached: int
) -> None:
    staged = StagedBatch()
    answer = {"channel": "email", "purpose": "marketing"}
    for name, email, granted, stated_at in [
        ("C1", "Ann@example.com", False, NOON),
        ("C2", "ann@example.com", True, at),
    ]:
        CustomerFactory(external_id=name, email=email)
        staged.add(CONSENTS, [{**answer, "external_id": name, "granted": granted, "stated_at": stated_at}])
    write_consents(staged, ConsentDates.OF_DAYS, source=Consent.Source.IMPORT)
    assert Customer.objects.consenting("email").count() == reached


def test_a_yes_of_the_future_ends_with_the_no_of_today() -> None:
    customer = CustomerFactory(external_id="C1")
    write(ConsentDates.EXACT, True, datetime.now(UTC) + DAY)
    ConsentFactory(customer=customer, granted=False, recorded_at=datetime.now(UTC))
    assert not Customer.objects.consenting("email").exists()
