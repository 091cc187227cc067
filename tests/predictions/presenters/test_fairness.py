from __future__ import annotations

from dataclasses import replace
from math import sqrt

from predictions.cards import GroupMetrics, PredictionCard
from predictions.models import PredictionRun
from predictions.presenters.fairness import FEWEST_CUSTOMERS, compared_groups, verdict


def group(
    trait: str, name: str, customers: int, predicted: float, observed: float, auc: float | None = 0.8
) -> GroupMetrics:
    error = sqrt(predicted * (1 - predicted) / customers)
    return GroupMetrics(trait, name, customers, predicted, observed, error, auc)


def compared(*groups: GroupMetrics) -> tuple[list[float], list[str]]:
    found = compared_groups(PredictionRun(kind="buys_30", card=PredictionCard(fairness=groups)))
    return [round(row.off, 3) for row in found], verdict(found)


def test_what_is_off_for_everybody_is_not_unfair():
    off, sentences = compared(
        group("gender", "women", 5_000, 0.20, 0.15), group("gender", "men", 5_000, 0.22, 0.17)
    )
    assert off == [0, 0]
    assert sentences == [
        "Alike: but for chance, predictions were as accurate in each group as in the others."
    ]


def test_a_group_for_which_too_little_is_predicted_is_named():
    off, sentences = compared(
        group("gender", "women", 5_000, 0.20, 0.30),
        group("gender", "men", 5_000, 0.20, 0.20),
        group("country", "GB", 10_000, 0.20, 0.25, None),
    )
    assert off == [0.05, -0.05, 0]
    assert sentences[0].startswith(
        "Not alike, by more than chance: Gender: women (20.0% predicted, 30.0% observed), Gender: men (20.0%"
    )


def test_small_groups_differ_by_chance_and_a_weak_ranking_is_named():
    off, sentences = compared(
        group("income", "1", 20, 0.20, 0.35, None),
        group("income", "3", 5_000, 0.20, 0.20, 0.9),
        group("gender", "women", 5_000, 0.20, 0.20, 0.7),
    )
    assert off == [0, 0, 0]
    assert sentences[1] == (
        "Within the group “Gender: women” it puts 70% of pairs in the right order, the fewest; within "
        "“Income level: high” 90%, the most."
    )
    assert compared() == ([], [])


def test_a_tiny_group_gets_no_verdict():
    many = group("gender", "women", 5_000, 0.20, 0.20)
    pair = GroupMetrics("gender", "men", 2, 0.2, 1.0, standard_error=0.0, auc=None)
    assert compared(many, pair)[0] == [0, 0]
    just_enough = replace(pair, customers=FEWEST_CUSTOMERS)
    assert compared(many, just_enough)[0][1] > 0
