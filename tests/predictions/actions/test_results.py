from __future__ import annotations

from predictions.actions.results import NotEnoughDataError
from predictions.cards import Refusal


def test_the_error_carries_what_the_card_keeps():
    assert NotEnoughDataError("buyers", 200, 12).refusal == Refusal("buyers", 200.0, 12.0)
