from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from recommendations.models.evaluation import Comparison, Interval, MethodResult, RankingMetrics
from recommendations.presenters.evaluation import finding, method_rows, recall_chart


def metrics(mean: float, *, low: float, high: float) -> RankingMetrics:
    interval = Interval(mean, low, high)
    return RankingMetrics(found=interval, recall=interval, ndcg=interval, map=interval)


COMPARISON = Comparison(
    k=20,
    test_from=datetime(2026, 1, 1, tzinfo=UTC),
    test_until=datetime(2026, 1, 31, tzinfo=UTC),
    customers=400,
    best="learned",
    baseline="popular",
    champion="learned",
    methods={
        "popular": MethodResult(metrics(0.1, low=0.05, high=0.15), coverage=0.02),
        "learned": MethodResult(metrics(0.3, low=0.25, high=0.35), 0.9, Interval(0.2, 0.1, 0.3)),
        "other": MethodResult(metrics(0.2, low=0.15, high=0.25), 0.9, Interval(0.1, 0.05, 0.15)),
        "bad": MethodResult(metrics(0.05, low=0.0, high=0.1), 0.9, Interval(-0.05, -0.1, -0.01)),
    },
    difference=metrics(0.2, low=0.1, high=0.3),
    ratio=3.0,
)
BEATEN = replace(COMPARISON, champion="popular", difference=metrics(-0.2, low=-0.3, high=-0.1), ratio=0.5)
UNSURE = replace(COMPARISON, champion="popular", difference=metrics(0.1, low=-0.1, high=0.3))


@pytest.mark.parametrize(
    ("comparison", "sentence"),
    [
        (COMPARISON, "find 3.0 times as many"),
        (replace(COMPARISON, ratio=None), "the list of popular products finds none"),
        (replace(COMPARISON, ratio=1.01), "about as many"),
        (replace(COMPARISON, test_from=None), "purchases that were hidden"),
        (UNSURE, "not shown to be better than the list of popular products, so everybody gets that list"),
        (BEATEN, "does better than personal lists, so everybody gets it"),
    ],
)
def test_the_finding_says_what_is_in_force_and_claims_no_more(comparison, sentence):
    assert sentence in finding(comparison)


def test_the_chart_has_every_method_with_its_interval():
    chart = recall_chart(COMPARISON)
    assert chart["categories"] == ["learned", "other", "Popular products only", "bad"]
    assert chart["series"][0]["values"] == [0.3, 0.2, 0.1, 0.05]
    assert chart["intervals"][0] == [0.25, 0.35]
    assert len(set(chart["colours"][1:])) == 1
    assert chart["colours"][0] != chart["colours"][1]
    assert "30.0%" in chart["title"]
    assert "hidden purchases" in recall_chart(replace(COMPARISON, test_from=None))["title"]
    assert recall_chart(BEATEN)["colours"].index(chart["colours"][0]) == 2


def test_the_table_says_of_each_method_why_it_is_in_force_or_not():
    rows = {row.title: row for row in method_rows(COMPARISON)}
    assert [row.in_force for row in rows.values()] == [True, False, False, False]
    assert "better than the popular list beyond chance when tested" in rows["learned"].why
    assert rows["other"].why == "another method did better when one was chosen"
    assert rows["bad"].why == "worse than the popular list"
    assert (rows["learned"].ndcg, rows["learned"].gain_interval) == ("0.300", "0.100 to 0.300")
    assert (rows["Popular products only"].gain, rows["Popular products only"].coverage) == ("", "2.0%")
    beaten = {row.title: row for row in method_rows(UNSURE)}
    assert beaten["learned"].why == "not shown to be better than the popular list"
    assert beaten["Popular products only"].why == "no personal method is shown to beat it"
