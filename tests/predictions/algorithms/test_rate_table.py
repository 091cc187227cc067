from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from predictions.algorithms.rate_table import RateTable
from predictions.algorithms.training_windows import TrainingWindow
from tests.predictions.algorithms.planted import COLUMNS, planted_window


@pytest.fixture(scope="module")
def windows() -> list[TrainingWindow]:
    return [planted_window(seed) for seed in range(4)]


def test_the_table_is_of_the_latest_time_and_shrinks_small_cells(windows):
    rare = replace(windows[0], outcome=np.zeros(1500))
    table = RateTable.of([rare, windows[1]], COLUMNS)
    probability = table.probability(windows[1].values)
    assert probability.mean() == pytest.approx(windows[1].outcome.mean(), abs=0.005)
    assert 0 < probability.min() < probability.max() < 1
    cells = table.cells()
    assert sum(cell.customers for cell in cells) == 1500
    assert sum(cell.positives for cell in cells) == windows[1].outcome.sum()
    place = table.cell(windows[1].values)
    for row in (0, 700):
        (more, most), (fewer, often) = cells[place[row]].recency, cells[place[row]].orders
        assert (more or -1) < windows[1].values[row, 0] <= (most or np.inf)
        assert (fewer or 0) < windows[1].values[row, 1] <= (often or np.inf)


def test_the_table_keeps_those_apart_who_never_ordered():
    values = np.array([[np.nan, 0, 0, np.nan, 7]] * 200 + [[30.0, 1, 10, 30, 7]] * 200)
    table = RateTable.of([TrainingWindow(values, np.repeat([0.0, 1.0], 200))], COLUMNS)
    assert table.cell(values).tolist() == [0] * 200 + [1] * 200
    assert table.probability(values)[0] < 0.06
    nobody = RateTable.of([TrainingWindow(values[:200], np.zeros(200))], COLUMNS)
    assert 0 < nobody.probability(values).max() < 0.001
