"""The mathematics, on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from profiles.algorithms.scaling import Scaler, finite_rows
from segments.algorithms import clustering, naming, rfm
from segments.algorithms.explaining import contributions


def blobs(centres: list[list[float]], each: int = 200, spread: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    points = np.vstack([random.normal(centre, spread, (each, len(centre))) for centre in centres])
    return points, np.repeat(np.arange(len(centres)), each)


def test_choose_k_finds_the_planted_number():
    points, truth = blobs([[0, 0], [5, 0], [0, 5], [5, 5]])
    choice = clustering.choose_k(points, range(2, 7), seed=1)
    assert choice.k == 4
    assert adjusted_rand_score(truth, clustering.cluster(points, choice.k, 1).labels) == 1.0


def test_same_seed_same_groups_to_the_byte():
    points, _truth = blobs([[0, 0], [3, 0], [0, 3]], spread=1.0)
    assert (
        clustering.choose_k(points, range(2, 5), 3).as_json()
        == clustering.choose_k(points, range(2, 5), 3).as_json()
    )
    assert (
        clustering.cluster(points, 3, 3).centres.tobytes()
        == clustering.cluster(points, 3, 3).centres.tobytes()
    )


def test_fewer_different_points_than_groups_is_refused():
    with pytest.raises(ValueError, match="Fewer different"):
        clustering.choose_k(np.zeros((50, 2)), range(2, 5), 0)


def test_a_warm_start_keeps_the_order_of_groups():
    points, truth = blobs([[0, 0], [5, 0], [0, 5]])
    centres = np.array([[0, 5.2], [0.1, 0.1], [4.8, 0]])
    found = clustering.recluster(points, centres)
    assert [int(found.labels[truth == group][0]) for group in range(3)] == [1, 2, 0]


def test_a_changed_world_has_a_challenger_and_an_unchanged_one_has_none():
    points, truth = blobs([[0, 0], [10, 0], [100, 0]])
    trapped = clustering.recluster(points, np.array([[5.0, 0.0], [99.9, 0.0], [100.1, 0.0]]))
    better = clustering.challenger(points, trapped, seed=0)
    assert better is not None
    assert adjusted_rand_score(truth, better.labels) == 1.0
    assert clustering.challenger(points, better, seed=0) is None


def test_a_centre_that_nobody_is_near_to_waits():
    points, _truth = blobs([[0, 0], [5, 0]])
    found = clustering.recluster(points, np.array([[0.0, 0.0], [50.0, 50.0], [5.0, 0.1]]))
    assert found.centres[1].tolist() == [50.0, 50.0]
    assert set(found.labels.tolist()) == {0, 2}


def test_customers_near_a_border_stay_and_the_margin_is_the_largest_within_the_budget():
    random = np.random.default_rng(3)
    points = random.normal(size=(3_000, 2))
    found = clustering.cluster(points, 4, 0)
    former = clustering.recluster(points + random.normal(scale=0.15, size=points.shape), found.centres).labels
    settled = clustering.settle(points, found, former)
    moved, raw = (settled.labels != former).mean(), (found.labels != former).mean()
    assert moved < raw / 2
    cost = ((points - found.centres[settled.labels]) ** 2).sum() / found.inertia - 1
    assert cost == pytest.approx(settled.cost)
    assert cost <= clustering.KEPT_INERTIA
    gone = settled.labels != former
    to_former, to_nearest = (
        ((points - found.centres[group]) ** 2).sum(axis=1) for group in (former, found.labels)
    )
    assert (to_former <= clustering.FARTHER * to_nearest)[~gone].all()
    given_up = (to_former - to_nearest)[gone & (to_former <= clustering.FARTHER * to_nearest)]
    assert given_up.min() > settled.margin
    assert given_up.min() + settled.cost * found.inertia > clustering.KEPT_INERTIA * found.inertia


def test_new_customers_have_no_former_group_to_stay_in():
    points, truth = blobs([[0, 0], [5, 0]])
    found = clustering.recluster(points, np.array([[0.0, 0.0], [5.0, 0.0]]))
    assert clustering.settle(points, found, np.full(len(points), -1)).labels.tolist() == truth.tolist()


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_number_of_threads_does_not_change_a_byte(threads):
    random = np.random.default_rng(1)
    points = random.normal(size=(clustering.START_SAMPLE + 5_000, 6))
    expected = clustering.cluster(points, 5, 2)
    with threadpool_limits(threads):
        again = clustering.cluster(points, 5, 2)
    assert again.centres.tobytes() == expected.centres.tobytes()
    assert again.labels.tobytes() == expected.labels.tobytes()
    assert again.inertia == expected.inertia


def test_one_giant_customer_does_not_move_the_scale():
    values = np.random.default_rng(0).lognormal(3, 1, (1000, 1))
    giant = np.vstack([values, [[1e9]]])
    skewed = np.array([True])
    ordinary, with_giant = Scaler.fit(values, skewed), Scaler.fit(giant, skewed)
    assert with_giant.mean == pytest.approx(ordinary.mean, abs=0.02)
    assert np.abs(with_giant.transform(giant)).max() <= 3.0


def test_scaler_drops_constants_and_survives_a_round_trip():
    values = np.column_stack([np.arange(100.0), np.full(100, 7.0)])
    scaler = Scaler.fit(values, np.array([False, False]))
    assert scaler.kept.tolist() == [0]
    again = Scaler.from_json(scaler.as_json())
    assert again.transform(values).tobytes() == scaler.transform(values).tobytes()
    with pytest.raises(ValueError, match="No feature varies"):
        Scaler.fit(np.ones((10, 2)), np.array([False, True]))


def test_nan_and_infinity_are_found():
    assert finite_rows(np.array([[1.0, 2.0], [np.nan, 1.0], [np.inf, 1.0]])).tolist() == [True, False, False]


def test_rfm_scores_are_fifths_and_ties_are_equal():
    assert np.bincount(rfm.scores(np.arange(100.0), high_is_good=True))[1:].tolist() == [20] * 5
    tied = rfm.scores(np.array([1.0] * 80 + [2.0] * 20), high_is_good=True)
    assert len(set(tied[:80])) == 1
    assert tied[0] < tied[-1]
    assert set(rfm.scores(np.array([1.0] * 80 + [2.0] * 20), high_is_good=True, ties="min")) == {1, 5}


def test_rfm_classes_of_extremes():
    found = rfm.classes(
        np.array([[5, 5, 5], [1, 1, 1], [5, 4, 5], [5, 5, 3], [1, 4, 5], [5, 1, 5], [1, 1, 5]])
    )
    assert [rfm.NAMES[one] for one in found] == [
        "champions",
        "lost",
        "champions",
        "loyal",
        "cant-lose",
        "potential-loyalist",
        "lost",
    ]


def test_names_are_different_and_fit():
    keys = ["recency", "frequency", "monetary", "tenure"]
    differences = np.array([[-1.0, 1.5, 1.5, 0.4], [1.2, -0.8, -0.8, 0.2], [-0.9, -0.8, -0.6, -1.4]])
    assert naming.match_archetypes(differences, differences, keys) == ["champions", "lost", "new"]
    many = naming.match_archetypes(np.tile(differences, (33, 1)), np.tile(differences, (33, 1)), keys)
    assert len(set(many) - {""}) == len(many) - many.count("")


def test_a_word_that_says_what_is_not_true_is_not_given():
    keys = ["recency", "frequency", "monetary", "average_order_value", "tenure"]
    average = np.array([[-0.2, 0.1, 0.1, 0.0, 0.1]])
    assert naming.match_archetypes(average, average, keys) == ["steady"]
    one_strong_trait = np.array([[-0.2, 0.9, 0.1, 0.0, 0.1]])
    assert naming.match_archetypes(one_strong_trait, one_strong_trait, keys) != ["steady"]
    silent, plain = np.array([[1.2, 0.6, 0.9, 0.9, 0.6]]), np.array([[20.0, 2.0, 50.0, 9.0, 30.0]])
    assert naming.match_archetypes(silent, plain, keys) == ["lost-high-value"]
    assert naming.match_archetypes(silent, plain, keys, ["new"]) == [""]
    fewer_days_than_the_mean = plain * [-1, 1, 1, 1, 1]
    assert naming.match_archetypes(silent, fewer_days_than_the_mean, keys) != ["lost-high-value"]
    assert naming.match_archetypes(np.array([[2.0]]), np.array([[9.0]]), ["return_rate"]) == [""]


def test_profiles_are_means_against_everybody():
    values = np.array([[1.0], [3.0], [10.0]])
    small, big = naming.profiles(values, values, np.array([0, 0, 1]), 2)
    assert (small.size, small.mean[0], big.mean[0]) == (2, 2.0, 10.0)
    assert small.overall[0] == pytest.approx(14 / 3)
    assert big.difference[0] == pytest.approx(10 - 14 / 3)
    without_categories = np.zeros((3, 0))
    assert [
        taste.mean.size
        for taste in naming.profiles(without_categories, without_categories, np.array([0, 0, 1]), 2)
    ] == [0, 0]


def test_groups_are_matched_by_overlap():
    old = np.array([0] * 50 + [1] * 50)
    new = np.array([1] * 48 + [0] * 52)
    assert naming.match_groups(old, new) == {1: 0, 0: 1}
    assert naming.match_groups(old, np.tile([0, 1, 2, 3], 25)) == {}


def test_contributions_add_up_to_the_difference_of_distances():
    point, centres = (
        np.array([1.0, 2.0, -1.0]),
        np.array([[1.0, 1.0, 0.0], [-3.0, 2.0, 0.0], [9.0, 9.0, 9.0]]),
    )
    weights = contributions(point, centres, group=0)
    distances = ((centres - point) ** 2).sum(axis=1)
    assert weights.sum() == pytest.approx(distances[1] - distances[0])
    assert weights.argmax() == 0


def test_the_map_keeps_most_of_what_differs():
    points, _truth = blobs([[0, 0, 0], [5, 0, 0], [0, 3, 0]])
    plane = clustering.project(points)
    assert plane.axes == [0, 1]
    assert plane.explained > 0.9
    assert clustering.project(points[:, :1]).points.shape == (600, 2)


def test_reasons_name_each_family_once():
    difference = np.array([2.0, -1.9, 1.8, 0.9, 0.1])
    assert naming.strongest(difference, ["browsing", "browsing", "browsing", "money", "orders"]) == [0, 3]
