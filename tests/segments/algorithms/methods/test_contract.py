"""What every method of grouping promises."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from backoffice.fields import from_json, to_json
from profiles.algorithms.scaling import Scaler
from segments.algorithms.methods import METHODS
from segments.models import PlannedGroups

CENTRES = np.array([[60.0, 2, 40], [5.0, 12, 900], [300.0, 5, 2000]])  # days, orders, money


def shop(seed: int = 3, each: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Customers around three far-apart centres: (n x 3 in their own units, planted groups)."""
    random = np.random.default_rng(seed)
    spread = random.normal(1, 0.08, (3 * each, 3))
    planted = np.repeat(np.arange(3), each)
    return CENTRES[planted] * spread, planted


def ready(name: str, values: np.ndarray) -> np.ndarray:
    """RFM reads figures in their own units, the others scaled ones."""
    if name == "rfm":
        return values
    return Scaler.fit(values, np.array([True] * values.shape[1])).transform(values)


@pytest.fixture(params=METHODS)
def name(request) -> str:
    return request.param


def fitted(name, points, k=3, seed=0):
    return METHODS[name](k).fit(points, seed)


def test_planted_groups_come_out(name):
    values, planted = shop()
    points = ready(name, values)
    labels = fitted(name, points).assign(points)
    if (
        name == "rfm"
    ):  # scores cut by fifths, not where the gaps are: no class mixes two of these kinds by more than a few
        assert adjusted_rand_score(planted, labels) > 0.3
    else:
        assert adjusted_rand_score(planted, labels) == 1


def test_same_points_and_seed_same_bytes(name):
    points = ready(name, shop()[0])
    first, second = (fitted(name, points) for _ in range(2))
    assert first.stored() == second.stored()
    assert first.assign(points).tobytes() == second.assign(points).tobytes()


def test_json_round_trip(name):
    points = ready(name, shop()[0])
    estimator = fitted(name, points)
    again = METHODS[name].from_stored(
        from_json(PlannedGroups, to_json(PlannedGroups(name, estimator.stored(), ()))).fitted
    )
    assert again.groups == estimator.groups
    assert (again.assign(points) == estimator.assign(points)).all()
    assert (again.reasons(points[0]) == estimator.reasons(points[0])).all()


def test_the_order_of_rows_does_not_matter(name):
    points = ready(name, shop()[0])
    order = np.random.default_rng(1).permutation(len(points))
    labels = fitted(name, points).assign(points)
    assert adjusted_rand_score(labels[order], fitted(name, points[order]).assign(points[order])) == 1


def test_duplicates_share_a_group(name):
    points = ready(name, np.repeat(shop(each=20)[0], 3, axis=0))
    labels = fitted(name, points).assign(points).reshape(-1, 3)
    assert (labels == labels[:, :1]).all()


def test_fewer_different_customers_than_groups_are_refused(name):
    same = np.ones((50, 3))
    if name == "rfm":
        labels = fitted(name, same).assign(same)
        assert len(set(labels)) == 1
    else:
        with pytest.raises(ValueError, match="Fewer"):
            fitted(name, same)


def test_a_constant_feature_changes_nothing(name):
    points = ready(name, shop()[0])
    padded = np.column_stack([points, np.full(len(points), 0.0)])
    labels = fitted(name, points).assign(points)
    assert adjusted_rand_score(labels, fitted(name, padded).assign(padded)) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_refused(name, bad):
    points = ready(name, shop()[0])
    estimator = fitted(name, points)
    points[5, 1] = bad
    with pytest.raises(ValueError, match="finite"):
        fitted(name, points)
    with pytest.raises(ValueError, match="finite"):
        estimator.assign(points)


def test_one_giant_customer_is_no_group(name):
    values, planted = shop()
    values[0] = [1, 10_000, 10_000_000]
    points = ready(name, values)
    labels = fitted(name, points).assign(points)
    if name == "rfm":  # the giant may well be the only champion; the others stay what they were
        assert (labels[1:] == fitted(name, points[1:]).assign(points[1:])).mean() > 0.95
    else:
        assert (labels == labels[0]).sum() > 1
        assert adjusted_rand_score(planted[1:], labels[1:]) > 0.98


def test_labels_are_positions(name):
    points = ready(name, shop()[0])
    estimator = fitted(name, points)
    labels = estimator.assign(points)
    assert labels.dtype == np.int64
    assert set(labels) <= set(range(estimator.groups))
    assert len(estimator.assign(points[:0])) == 0


def test_reasons_speak_for_the_own_group(name):
    points = ready(name, shop()[0])
    estimator = fitted(name, points)
    reasons = estimator.reasons(points[0])
    assert reasons.shape == (3,)
    assert reasons.max() > 0


@pytest.mark.parametrize("name", [name for name in METHODS if name != "rfm"])
def test_the_number_of_groups_is_found(name):
    points = ready(name, shop(each=150)[0])
    estimator = METHODS[name]().fit(points, 0)
    assert estimator.groups == 3
    assert estimator.selection.k == 3
    assert len(estimator.selection.candidates) > 3
