from __future__ import annotations

import math

import pytest

from predictions.algorithms.reasons import Reasons
from predictions.cards import PredictionCard, RateCell, Refusal
from predictions.models import Prediction, PredictionRun
from predictions.presenters.reasons import reasons

UNKNOWN = math.nan


def test_what_two_features_say_in_the_same_words_is_written_once():
    run = PredictionRun(kind="buys_30", card=PredictionCard(features=("gap", "overdue", "frequency")))
    why = [0, -0.04, UNKNOWN, 2, -0.06, 1.0, 1, -0.03, UNKNOWN]
    assert reasons(Prediction(run=run, value=0.1, reasons=why)) == [
        "No second order yet: −7 points",
        "Orders: 1: −6 points",
    ]


def test_all_adds_up_to_the_difference_from_the_typical_customer(monkeypatch):
    run = PredictionRun(kind="buys_30", card=PredictionCard(features=("recency",)))
    why = Reasons(typical=0.3, adjustment=0.05)
    monkeypatch.setattr("predictions.presenters.reasons.decode", lambda numbers: why)
    assert reasons(Prediction(run=run, value=0.4, reasons=[])) == [
        "To agree with the other predictions: +5 points",
        "Everything else: +5 points; the typical customer has 30%",
    ]


def test_a_cell_in_words():
    cells = (
        RateCell(9, 1),
        RateCell(212, 25, (60, 120), (1, 2)),
        RateCell(30, 3, (120, None), (3, None)),
        RateCell(40, 4, (None, 60), (None, 1)),
        RateCell(0, 0, (None, 60), (1, 2)),
    )
    card = PredictionCard(refused=Refusal("buyers"), table=cells)
    run = PredictionRun(kind="buys_30", horizon_days=30, card=card)
    found = [reasons(Prediction(run=run, value=0.5, reasons=[place, 0.1, 1])) for place in range(len(cells))]
    assert found[0][1].startswith("Taken as 50%: a rate of few is drawn towards that of all")
    assert reasons(Prediction(run=run, value=0.111, reasons=[0, 0.1, 1]))[1:] == []
    assert [lines[0] for lines in found] == [
        "Of 9 earlier cases without an order, 11% ordered within 30 days",
        "Of 212 earlier cases with 2 orders and the last order 60 to 120 days ago, 12% ordered within 30 "
        "days",
        "Of 30 earlier cases with 4 orders or more and the last order more than 120 days ago, 10% ordered "
        "within 30 days",
        "Of 40 earlier cases with 1 order and the last order 0 to 60 days ago, 10% ordered within 30 days",
        "Nobody like this was counted: the rate of all customers is used",
    ]


@pytest.mark.parametrize(("kind", "shown"), [("buys_30", "+2 points"), ("lifetime", "+£12")])
def test_an_effect_has_the_unit_of_the_prediction(kind, shown):
    card = PredictionCard(features=("recency",))
    run = PredictionRun(kind=kind, currency="GBP", card=card)
    amount = 12.0 if kind == "lifetime" else 0.02
    assert reasons(Prediction(run=run, value=1, reasons=[0, amount, 12.0])) == [
        f"Last order 12 days ago: {shown}"
    ]
