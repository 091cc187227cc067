"""k-means, and how many groups there are, on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from segments.algorithms import clustering


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
    assert clustering.choose_k(points, range(2, 5), 3) == clustering.choose_k(points, range(2, 5), 3)
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


def test_the_map_keeps_most_of_what_differs():
    points, _truth = blobs([[0, 0, 0], [5, 0, 0], [0, 3, 0]])
    plane = clustering.project(points)
    assert plane.axes == [0, 1]
    assert plane.explained > 0.9
    assert clustering.project(points[:, :1]).points.shape == (600, 2)
