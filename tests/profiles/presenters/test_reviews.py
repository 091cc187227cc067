from __future__ import annotations

from profiles.datasets.features import BY_KEY
from profiles.models import FeatureReview
from profiles.presenters.reviews import contributions_chart, correlation, finding, flaw, known_share
from profiles.reviews import Verdict

KEPT = Verdict("frequency", "kept", 1.0, 0.2, contribution=0.6)
WEAK = Verdict("monetary", "redundant", 1.0, 0.1, rival="frequency", correlation=0.95, contribution=0.3)
EMPTY = Verdict("age", "unknown", 0.2, 0.1)


def test_flaws_in_words():
    assert [flaw(verdict) for verdict in (KEPT, WEAK, EMPTY)] == [
        "",
        "moves with “Orders”",
        "known of 20% of customers only",
    ]
    assert (correlation(WEAK), correlation(KEPT)) == (0.95, None)


def test_the_finding_names_the_best_of_those_that_tell_something():
    assert "1 of 3 features" in finding([KEPT, WEAK, EMPTY])
    assert "“Orders” separates" in finding([KEPT, WEAK, EMPTY])
    assert finding([EMPTY]) == "None of the features tells customers apart."
    assert finding([]) == ""


def test_the_chart_has_the_strongest_first_and_greys_what_tells_little():
    chart = contributions_chart([WEAK, EMPTY, KEPT])
    assert chart["categories"] == ["Orders", "Money spent"]
    assert chart["series"][0]["values"] == [0.6, 0.3]
    assert len(set(chart["colours"])) == 2


def test_days_since_an_order_are_known_of_those_who_ordered():
    review = FeatureReview(customers=100, never_bought=30)
    verdict = Verdict("recency", "kept", 1.0, 0.1)
    assert known_share(verdict, BY_KEY["recency"], review) == 0.7
    assert known_share(verdict, BY_KEY["frequency"], review) == 1.0
    assert known_share(None, BY_KEY["frequency"], review) is None
