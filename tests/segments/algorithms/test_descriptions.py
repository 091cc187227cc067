from __future__ import annotations

import numpy as np

from segments.algorithms.descriptions import describe_behaviour, describe_groups


def test_a_group_near_everybodys_mean_is_in_the_middle_however_far_the_lowest_is():
    random = np.random.default_rng(0)
    orders = np.concatenate([random.normal(centre, 0.05, 300) for centre in (0.91, 0.20, -1.25)])
    age = np.repeat([-1.2, 0.0, 1.2], 300) + random.normal(0, 0.05, 900)
    points = np.column_stack([age, orders])
    plain = np.column_stack([45 + 20 * age, 6 + 3 * orders])
    described = describe_groups(points, plain, np.repeat([0, 1, 2], 300), 3, ["age", "frequency"])
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
        plain = np.column_stack([45 + 20 * age, value + 9])
        described = describe_groups(points, plain, np.repeat([0, 1], 50), 2, keys)
        assert described == [("young", "high-value", "buyers"), ("older", "low-value", "buyers")]


def test_what_is_a_third_of_everybodys_is_not_in_the_middle():
    amount, age = np.repeat([90.0, 279.0, 1692.0, 2071.0], 50), np.repeat([-1.0, 1.0, -1.0, 1.0], 50)
    points = np.column_stack([np.log(amount), age])
    described = describe_groups(
        points, np.column_stack([amount, age + 40]), np.repeat(range(4), 50), 4, ["monetary", "age"]
    )
    assert [words[1] for words in described] == ["low-value", "low-value", "high-value", "high-value"]


def named(ages: list[float], orders: list[float]) -> list[tuple[str, ...]]:
    """The words for groups of 50 people of these ages, who ordered so often."""
    labels = np.repeat(range(len(ages)), 50)
    plain = np.column_stack([np.repeat(ages, 50), np.repeat(orders, 50)])
    points = (plain - plain.mean(axis=0)) / np.maximum(plain.std(axis=0), 1e-9)
    return describe_groups(points, plain, labels, len(ages), ["age", "frequency"])


def test_a_word_follows_the_figure_and_not_the_place_among_the_groups():
    assert [words[0] for words in named([58.0, 72.0], [3.0, 3.0])] == ["mid-age", "older"]
    assert [words[0] for words in named([21.0, 29.0], [3.0, 3.0])] == ["young", "mid-age"]
    assert [words[1] for words in named([30.0, 60.0], [1.0, 1.4])] == ["rare", "mid-frequency"]
    assert [words[1] for words in named([30.0, 60.0], [20.0, 45.0])] == ["mid-frequency", "frequent"]


def test_who_is_above_the_shop_is_not_low_however_high_the_highest_is():
    words = named([25.0, 26.0, 47.0, 90.0], [2.0, 2.0, 2.0, 2.0])
    assert [word[0] for word in words] == ["young", "young", "mid-age", "older"]
