from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from recommendations.models.evaluation import Comparison, Interval, MethodResult, RankingMetrics
from recommendations.presenters.evaluation import finding, metric_rows, recall_chart


def metrics(mean: float, *, low: float, high: float) -> RankingMetrics:
    interval = Interval(mean, low, high)
    return RankingMetrics(found=interval, recall=interval, ndcg=interval, map=interval)


COMPARISON = Comparison(
    k=20,
    test_from=datetime(2026, 1, 1, tzinfo=UTC),
    test_until=datetime(2026, 1, 31, tzinfo=UTC),
    customers=400,
    best="learned",
    baseline="plain",
    methods={
        "learned": MethodResult(metrics(0.3, low=0.25, high=0.35), coverage=0.9),
        "plain": MethodResult(metrics(0.1, low=0.05, high=0.15), coverage=0.02),
    },
    difference=metrics(0.2, low=0.1, high=0.3),
    ratio=3.0,
)


@pytest.mark.parametrize(
    ("low", "high", "ratio", "sentence"),
    [
        (0.1, 0.3, 3.0, "find 3.0 times as many"),
        (0.1, 0.3, None, "the list of popular products finds none"),
        (-0.1, 0.3, 3.0, "about equally well"),
        (-0.3, -0.1, 0.5, "still does better"),
    ],
)
def test_the_finding_claims_no_more_than_the_interval_allows(low, high, ratio, sentence):
    comparison = replace(COMPARISON, difference=metrics(0.1, low=low, high=high), ratio=ratio)
    assert sentence in finding(comparison)


def test_the_chart_has_both_lists_with_their_intervals():
    chart = recall_chart(COMPARISON)
    assert chart["series"][0]["values"] == [0.3, 0.1]
    assert chart["intervals"] == [[0.25, 0.35], [0.05, 0.15]]
    assert "30%" in chart["title"]


def test_the_table_has_each_metric():
    rows = metric_rows(COMPARISON)
    assert [row.title for row in rows] == [
        "Products found, per customer",
        "Recall@20",
        "NDCG@20",
        "MAP@20",
        "Coverage",
    ]
    assert (rows[0].personal, rows[1].popular, rows[1].interval) == ("0.30", "10.0%", "10.0% to 30.0%")
    assert (rows[-1].personal, rows[-1].difference) == ("90.0%", "")
