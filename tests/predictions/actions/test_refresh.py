from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.errors import Refused
from predictions.actions.refresh import refresh_predictions
from predictions.models import Prediction, PredictionKind, PredictionRun
from predictions.tasks import refresh
from shop.models import Event
from tests.planted import TODAY, buy

QUICK = [PredictionKind.LIFETIME, PredictionKind.CATEGORY]


def everything() -> bytes:
    rows = (
        Prediction.objects.in_force()
        .order_by("run__kind", "customer")
        .values_list("run__kind", "customer", "value", "choice", "reasons")
    )
    cards = list(PredictionRun.objects.in_force().order_by("kind").values_list("kind", "champion", "card"))
    return repr([list(rows), cards]).encode()


def test_the_same_facts_and_seed_give_the_same(seasoned):
    refresh_predictions(as_of=TODAY, kinds=QUICK)
    first = everything()
    refresh_predictions(as_of=TODAY, kinds=QUICK)
    assert everything() == first


def test_what_happens_later_changes_nothing(seasoned, tea):
    refresh_predictions(as_of=TODAY, kinds=QUICK)
    before = everything()
    buy(seasoned[0], tea, TODAY + timedelta(hours=1), Decimal(900))
    Event.objects.create(
        customer=seasoned[1], kind="view", occurred_at=TODAY + timedelta(days=1), session_id="x"
    )
    refresh_predictions(as_of=TODAY, kinds=QUICK)
    assert everything() == before


def test_an_empty_shop_is_told_what_to_do(db):
    with pytest.raises(Refused, match="import orders"):
        refresh_predictions(as_of=TODAY)
    assert not PredictionRun.objects.exists()


def test_a_crash_leaves_yesterdays_in_force(seasoned, monkeypatch):
    (before,) = refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    monkeypatch.setattr(PredictionRun, "publish", lambda run: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    assert PredictionRun.objects.published("lifetime") == before
    assert PredictionRun.objects.count() == 1


def test_values_of_old_runs_are_forgotten_and_cards_stay(seasoned, monkeypatch):
    monkeypatch.setattr("predictions.actions.refresh.RUNS_KEPT", 1)
    for _ in range(3):
        refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    assert PredictionRun.objects.count() == 3
    assert Prediction.objects.values("run").distinct().count() == 1


def test_erasing_a_customer_erases_what_was_predicted(seasoned):
    refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    seasoned[0].delete()
    assert Prediction.objects.count() == len(seasoned) - 1


def test_the_job_reports_how_many(seasoned):
    reported = []
    result = refresh(
        lambda done, total=None, step="": reported.append((done, total)), kinds=["lifetime"], as_of=TODAY
    )
    assert result == {"Value to come": len(seasoned)}
    assert reported[-1][0] == reported[-1][1]


def test_what_is_built_on_predictions_follows_in_the_same_transaction(seasoned, settings):
    settings.PREDICTION_USERS = ["tests.predictions.actions.test_refresh.follower"]
    with pytest.raises(RuntimeError, match="2026"):
        refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    assert not PredictionRun.objects.exists(), "what fails with them takes them back"


def follower(*, now) -> None:
    assert PredictionRun.objects.in_force().exists()
    raise RuntimeError(f"called at {now}")
