from __future__ import annotations

from typing import Any

from predictions.models import PredictionRun
from predictions.presenters.fairness import groups_compared, verdict


def group(
    trait: str, name: str, customers: int, mean: float, observed: float, auc: float | None = 0.8
) -> dict[str, Any]:
    return {
        "trait": trait,
        "name": name,
        "customers": customers,
        "mean": mean,
        "observed": observed,
        "auc": auc,
    }


def judged(*groups: dict[str, Any]) -> tuple[list[float], list[str]]:
    rows = groups_compared(PredictionRun(card={"fairness": list(groups)}))
    return [round(row["off"], 3) for row in rows], verdict(rows)


def test_what_is_off_for_everybody_is_not_unfair():
    off, said = judged(group("gender", "women", 5_000, 0.20, 0.15), group("gender", "men", 5_000, 0.22, 0.17))
    assert off == [0, 0]
    assert said == ["Alike: but for chance, what was foretold came in each group as in the others."]


def test_a_group_for_which_too_much_is_foretold_is_named():
    off, said = judged(
        group("gender", "women", 5_000, 0.20, 0.30),
        group("gender", "men", 5_000, 0.20, 0.20),
        group("country", "GB", 10_000, 0.20, 0.25, None),
    )
    assert off == [0.05, -0.05, 0]
    assert said[0].startswith(
        "Not alike, by more than chance: Gender: women (20.0% foretold, 30.0% came), Gender: men (20.0%"
    )


def test_small_groups_differ_by_chance_and_a_weak_ranking_is_said():
    off, said = judged(
        group("income", "1", 20, 0.20, 0.35, None),
        group("income", "3", 5_000, 0.20, 0.20, 0.9),
        group("gender", "women", 5_000, 0.20, 0.20, 0.7),
    )
    assert off == [0, 0, 0]
    assert said[1] == "It ranks Gender: women worst (AUC 0.70) and Income level: high best (0.90)."
    assert judged() == ([], [])
