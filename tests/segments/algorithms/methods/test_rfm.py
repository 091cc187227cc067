from __future__ import annotations

import numpy as np

from segments.algorithms import rfm
from segments.algorithms.methods import RfmClasses


def test_rfm_assigns_those_it_was_fitted_on_as_the_ranks_do():
    random = np.random.default_rng(6)
    values = np.column_stack(
        [random.integers(0, 40, 500), random.poisson(2, 500), random.gamma(2, 50, 500).round()]
    ).astype(float)
    ranks = np.column_stack(
        [
            rfm.scores(values[:, 0], high_is_good=False),
            *(rfm.scores(column, high_is_good=True, ties="min") for column in values[:, 1:].T),
        ]
    )
    fitted = RfmClasses().fit(values, 0)
    assert (fitted.scores(values) == ranks).all()
    assert (fitted.assign(values) == rfm.classes(ranks)).all()


def test_rfm_ranges_hold_exactly_those_with_the_score():
    random = np.random.default_rng(6)
    values = np.column_stack(
        [random.integers(0, 40, 500), random.poisson(2, 500), random.gamma(2, 50, 500).round()]
    ).astype(float)
    fitted = RfmClasses.from_stored(RfmClasses().fit(values, 0).stored())
    scored = fitted.scores(values)
    for column, ranges in enumerate(fitted.ranges()):
        for score, ends in enumerate(ranges, start=1):
            mine = values[scored[:, column] == score, column]
            if ends is None:
                assert not len(mine)
            else:
                low, high = ends
                assert ((low <= mine) & (mine < high) if column == 0 else (low < mine) & (mine <= high)).all()
