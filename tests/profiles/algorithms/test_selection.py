from __future__ import annotations

import numpy as np

from profiles.algorithms.selection import select
from segments.algorithms.descriptions import describe_groups

RANDOM = np.random.default_rng(8)
A = RANDOM.normal(size=500)


def verdicts(columns, **more):
    values = np.column_stack(list(columns.values()))
    return {one.key: one for one in select(values, list(columns), **more)}


def test_what_says_the_same_by_rank_is_left_out():
    found = verdicts({"a": A, "curved": np.exp(A), "other": RANDOM.normal(size=500)})
    assert [found[key].verdict for key in ("a", "curved", "other")] == ["kept", "redundant", "kept"]
    assert (found["curved"].rival, round(found["curved"].correlation, 6)) == ("a", 1.0)


def test_the_better_known_of_two_stays():
    found = verdicts({"a": A, "b": -A}, coverage={"a": 0.7, "b": 0.9})
    assert (found["a"].verdict, found["a"].rival, found["b"].verdict) == ("redundant", "b", "kept")


def test_unknown_and_constant_features_are_left_out_with_the_figure():
    nearly = np.zeros(500)
    nearly[:3] = 1
    found = verdicts({"rare": RANDOM.normal(size=500), "flat": nearly}, coverage={"rare": 0.2})
    assert (found["rare"].verdict, found["rare"].coverage) == ("unknown", 0.2)
    assert (found["flat"].verdict, found["flat"].same) == ("constant", 0.994)


def test_contribution_is_the_share_between_groups():
    labels = np.repeat([0, 1], 250)
    found = verdicts({"apart": labels.astype(float), "noise": RANDOM.normal(size=500)}, labels=labels)
    assert found["apart"].contribution == 1.0
    assert found["noise"].contribution < 0.05


def test_nobody_gives_no_kept_feature():
    assert [one.verdict for one in select(np.zeros((0, 2)), ["a", "b"])] == ["constant", "constant"]


def test_groups_are_described_only_by_what_separates_them():
    labels = np.repeat([0, 1, 2], 100)
    age, noise = np.repeat([-1.2, 0.0, 1.2], 100) + RANDOM.normal(0, 0.1, 300), RANDOM.normal(size=300)
    points = np.column_stack([age, noise])
    words = describe_groups(points, 45 + 20 * points, labels, 3, ["age", "frequency"])
    assert words == [("young", "buyers"), ("mid-age", "buyers"), ("older", "buyers")]
    turned = points[:, ::-1]
    assert describe_groups(turned, turned + 9, labels, 3, ["age", "frequency"]) == [()] * 3
