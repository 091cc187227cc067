from __future__ import annotations

from dataclasses import replace

from segments.number_of_groups import CandidateNumber, NumberOfGroups
from segments.presenters.number_of_groups import chosen_by_person, criteria_chart, how_chosen, inertia_chart

TWO = CandidateNumber(2, stability=0.95, smallest_share=0.3, silhouette=0.4, inertia=9.0, eligible=True)
THREE = CandidateNumber(3, stability=0.6, smallest_share=0.02, silhouette=0.5, inertia=7.0)
CHOSEN = NumberOfGroups(k=2, candidates=(TWO, THREE))


def test_the_criterion_or_that_nothing_meets_it():
    assert "stability at least 0.85" in how_chosen(CHOSEN)
    vague = NumberOfGroups(k=3, candidates=(replace(TWO, eligible=False), THREE))
    assert "The most stable was taken: 3 groups, stability 0.60, the smallest 2.0%" in how_chosen(vague)


def test_the_runner_up_is_shown_with_its_scores():
    assert how_chosen(CHOSEN).endswith(
        "Next comes 3 groups: stability 0.60 (against 0.95), silhouette 0.50 (against 0.40)."
    )
    four = replace(TWO, k=4, silhouette=0.3)
    assert "Next comes 4 groups" in how_chosen(replace(CHOSEN, candidates=(TWO, THREE, four))), "eligible"
    assert "Next comes" not in how_chosen(replace(CHOSEN, candidates=(TWO,)))


def test_a_stability_just_below_the_bar_is_not_rounded_up_to_it():
    close = NumberOfGroups(k=2, candidates=(replace(TWO, stability=0.8489, eligible=False),))
    assert "stability 0.849" in how_chosen(close)


def test_whether_a_person_chose():
    assert not chosen_by_person(CHOSEN, None)
    assert chosen_by_person(CHOSEN, 2)
    assert chosen_by_person(replace(CHOSEN, k=3, suggested=2), None)


def test_the_curves_mark_the_number_in_force():
    chart = criteria_chart(CHOSEN)
    assert chart["mark"] == {"x": 2, "label": "chosen"}
    assert [series["points"] for series in chart["series"]] == [
        [[2, 0.95], [3, 0.6]],
        [[2, 0.4], [3, 0.5]],
        [[2, 0.3], [3, 0.02]],
    ]
    assert inertia_chart(CHOSEN)["series"][0]["points"] == [[2, 9.0], [3, 7.0]]


def test_a_mixture_is_chosen_by_one_criterion():
    candidates = (CandidateNumber(2, bic=10.0), CandidateNumber(3, bic=None))
    chart = criteria_chart(NumberOfGroups(k=2, candidates=candidates, criterion="bic"), mark="in force")
    assert chart["series"][0]["points"] == [[2, 10.0]]
    assert chart["mark"]["label"] == "in force"
