from __future__ import annotations

from predictions.cards import PredictionCard, Refusal
from predictions.models import PredictionKind, PredictionRun
from predictions.presenters.refusals import REASONS, absent, refusal


def refused(kind: str, reason: str, needed: float = 0, found: float = 0) -> str:
    card = PredictionCard(refused=Refusal(reason, needed, found))
    return refusal(PredictionRun(kind=kind, currency="GBP", card=card))


def test_every_reason_has_a_sentence_with_its_figures():
    for reason in REASONS:
        assert "%(" not in refused("buys_30", reason, 3, 1)
    assert refused("buys_30", "buyers", 200, 12).startswith("Learning needs 200 customers with an order")
    assert "predicted £1,200 and £800 was spent" in refused("lifetime", "money", 800, 1200)
    assert "off by 6.0 points; the limit is 3.0" in refused("churn", "calibration", 0.03, 0.06)


def test_nothing_is_refused_where_something_was_learned():
    assert refusal(PredictionRun(kind="buys_30")) == ""


def test_what_is_missing_says_why():
    assert "two categories" in absent(PredictionKind.CATEGORY)
    assert "too short" in absent(PredictionKind.BUYS_90)
    assert "computed" in absent(PredictionKind.BUYS_90, computing=True)
