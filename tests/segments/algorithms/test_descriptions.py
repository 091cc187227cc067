from __future__ import annotations

import numpy as np

from segments.algorithms.descriptions import describe_behaviour, describe_groups


def test_a_group_near_everybodys_mean_is_in_the_middle_however_far_the_lowest_is():
    random = np.random.default_rng(0)
    orders = np.concatenate([random.normal(centre, 0.05, 300) for centre in (0.91, 0.20, -1.25)])
    age = np.repeat([-1.2, 0.0, 1.2], 300) + random.normal(0, 0.05, 900)
    points = np.column_stack([age, orders])
    described = describe_groups(points, points + 9, np.repeat([0, 1, 2], 300), 3, ["age", "frequency"])
    assert described == [
        ("young", "frequent", "buyers"),
        ("mid-age", "mid-frequency", "buyers"),
        ("older", "rare", "buyers"),
    ]


def test_without_age_or_gender_nobody_is_described():
    points = np.repeat([[-1.0], [1.0]], 50, axis=0)
    assert describe_groups(points, points + 9, np.repeat([0, 1], 50), 2, ["frequency"]) == [(), ()]


def test_behaviour_is_described_where_scaled_and_plain_figures_agree():
    keys = ["recency", "frequency", "monetary"]
    silent, plain = np.array([1.2, 0.6, 0.9]), np.array([30.0, 2.0, 99.0])
    assert describe_behaviour(silent, plain, keys) == ("silent", "frequent", "high-value", "buyers")
    assert describe_behaviour(silent, plain * [-1, 1, 1], keys) == ("frequent", "high-value", "buyers")
    assert describe_behaviour(np.array([-0.8, 0.1, -0.6]), np.array([-9.0, 0.1, -5.0]), keys) == (
        "recent",
        "low-value",
        "buyers",
    )


def test_the_amount_may_be_that_of_an_order():
    age, value = np.repeat([-1.2, 1.2], 50), np.repeat([1.0, -1.0], 50)
    for keys in (["age", "monetary"], ["age", "average_order_value"]):
        points = np.column_stack([age, value])
        described = describe_groups(points, points + 9, np.repeat([0, 1], 50), 2, keys)
        assert described == [("young", "high-value", "buyers"), ("older", "low-value", "buyers")]


def test_what_is_a_third_of_everybodys_is_not_in_the_middle():
    amount, age = np.repeat([90.0, 279.0, 1692.0, 2071.0], 50), np.repeat([-1.0, 1.0, -1.0, 1.0], 50)
    points = np.column_stack([np.log(amount), age])
    described = describe_groups(
        points, np.column_stack([amount, age + 40]), np.repeat(range(4), 50), 4, ["monetary", "age"]
    )
    assert [words[1] for words in described] == ["low-value", "low-value", "high-value", "high-value"]
