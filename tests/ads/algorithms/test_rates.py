"""Rates and values of placements with few conversions."""

from __future__ import annotations

import numpy as np
import pytest

from ads.algorithms.rates import PRIOR_EVENTS, shrunk_ratio, shrunk_value

GROUP = np.array([0, 0, 1])


def test_a_rate_is_pulled_to_its_platform_as_by_ten_events() -> None:
    events, trials = np.array([10.0, 1000.0, 0.0]), np.array([100.0, 20000.0, 50.0])
    few, many, none = shrunk_ratio(events, trials, GROUP)
    platform = 1010 / 20100
    assert few == pytest.approx((10 + PRIOR_EVENTS) / (100 + PRIOR_EVENTS / platform))
    assert platform < few < 0.1
    assert many == pytest.approx(0.05, rel=0.01)
    assert np.isnan(none)  # nothing is known of a platform without events


def test_a_value_is_pulled_to_its_platform_and_zero_without_conversions() -> None:
    revenue, conversions = np.array([100.0, 5000.0, 0.0]), np.array([1.0, 100.0, 0.0])
    few, many, none = shrunk_value(revenue, conversions, GROUP)
    assert 5100 / 101 < few < 100
    assert many == pytest.approx(50, rel=0.01)
    assert none == 0
