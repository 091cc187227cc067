"""Features on one scale: skewed ones by their logarithm, giants cut off, constants left out."""

from __future__ import annotations

import numpy as np
import pytest

from profiles.algorithms.scaling import Scaler, finite_rows


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
    again = Scaler.from_stored(scaler.stored())
    assert again.transform(values).tobytes() == scaler.transform(values).tobytes()
    with pytest.raises(ValueError, match="No feature varies"):
        Scaler.fit(np.ones((10, 2)), np.array([False, True]))


def test_nan_and_infinity_are_found():
    assert finite_rows(np.array([[1.0, 2.0], [np.nan, 1.0], [np.inf, 1.0]])).tolist() == [True, False, False]
