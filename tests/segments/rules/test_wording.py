from __future__ import annotations

import pytest
from django.utils import translation

from segments.rules.tree import read_stored
from segments.rules.wording import Speaker


@pytest.mark.parametrize(("asked", "said"), [
    ({"op": ">=", "value": 3, "days": 14, "where": {"category": ["Shoes"]}},
     "viewed (category Shoes) at least 3 times in the last 14 days"),
    ({"op": ">=", "value": 1}, "viewed at least once"),
    ({"op": "=", "value": 0, "days": 1}, "never viewed in the last 1 day"),
    ({"op": "between", "value": [2, 5]}, "viewed between 2 and 5 times"),
])
def test_what_somebody_did_is_said_as_a_person_would(db, asked, said):
    tree = read_stored({"field": "event.view"} | asked)
    with translation.override("en"):
        assert Speaker([tree]).sentence(tree) == said


def test_what_is_not_an_event_is_compared(db):
    tree = read_stored({"field": "order.count", "op": ">=", "value": 2, "days": 30})
    with translation.override("en"):
        assert Speaker([tree]).sentence(tree) == "Orders placed in the last 30 days is at least 2"
