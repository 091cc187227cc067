"""The smallest effect, against values of the published formula."""

from __future__ import annotations

import pytest

from campaigns.algorithms.power import smallest_effect


def test_a_known_value() -> None:
    """5 % against 7.5 % takes about 1,471 people in each group (two-sided 5 %, power 80 %)."""
    effect = smallest_effect(1471, 1471, 0.05)
    assert effect == pytest.approx(0.025, abs=0.0005)


def test_more_people_show_smaller_effects_and_half_is_best() -> None:
    effects = [smallest_effect(1000 - held, held, 0.1) or 1 for held in (50, 100, 200, 500)]
    assert effects == sorted(effects, reverse=True)
    assert (smallest_effect(5000, 5000, 0.1) or 1) < effects[-1]


@pytest.mark.parametrize(("treated", "control", "base"), [(0, 9, 0.1), (9, 0, 0.1), (9, 9, 0.0), (2, 1, 0.9)])
def test_nothing_can_be_shown(treated: int, control: int, base: float) -> None:
    assert smallest_effect(treated, control, base) is None
