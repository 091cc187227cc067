from __future__ import annotations

from dataclasses import replace

from segments.models import CurvePoint, LearnedMetrics, LearnedPlan, Likeness
from segments.presenters.learned import learned_charts, learned_finding, remarks
from tests.segments.presenters.unsaved import segment

METRICS = LearnedMetrics(
    auc=0.9,
    precision=0.6,
    base=0.05,
    examples=80,
    given=80,
    promises=True,
    curve=(CurvePoint(0.1, 0.6), CurvePoint(1.0, 0.05)),
)


def test_the_finding_promises_only_what_was_tried():
    assert "60% were examples when it was tried, where 5.0% would be chance" in learned_finding(METRICS, 500)
    assert learned_finding(METRICS, 1).startswith("1 customer is")
    silent = learned_finding(replace(METRICS, promises=False), 500)
    assert "500 customers are most like the 80 examples" in silent
    assert "60%" not in silent


def test_remarks_name_examples_that_do_not_count_and_what_was_left_out():
    plan = LearnedPlan(source="list", precision=0.5)
    notes = remarks(plan, replace(METRICS, given=83, left_out=("monetary",)))
    assert len(notes) == 3
    assert notes[0].startswith("3 examples do not count")
    assert "right in 50% of cases" in notes[1]
    assert notes[2].startswith("Left out")
    assert remarks(LearnedPlan(source="list", size=10), METRICS) == []


def test_a_group_that_a_method_found_is_easily_learned_again():
    (note,) = remarks(LearnedPlan(source="segment", segment=segment("Champions"), size=9), METRICS)
    assert "has learned the grouping again" in note
    assert (
        remarks(LearnedPlan(source="segment", segment=segment("Mine", method="rule"), size=9), METRICS) == []
    )


def test_the_charts_show_what_matters_and_how_often_the_best_ranked_are_examples():
    importance = {"recency": 0.01, "monetary": 0.2}
    charts = learned_charts(METRICS, Likeness(weights=(0.0, 1.0), importance=importance))
    assert charts["importance"]["series"][0]["values"] == [20.0, 1.0]
    ranking, chance = charts["curve"]["series"]
    assert ranking["points"] == [[10.0, 0.6], [100.0, 0.05]]
    assert chance["points"] == [[10.0, 0.05], [100.0, 0.05]]
