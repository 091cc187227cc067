from __future__ import annotations

import numpy as np
import pytest

from segments.algorithms import rfm
from segments.algorithms.methods import RfmClasses
from segments.models import Method, StoredEstimator
from segments.presenters.rfm import bounds, classes_by_score, rfm_chart, scores_in_words
from tests.factories import SegmentFactory
from tests.segments.presenters.unsaved import run, segment

RANDOM = np.random.default_rng(6)
VALUES = np.column_stack(
    [RANDOM.integers(0, 400, 500), RANDOM.integers(1, 20, 500), RANDOM.gamma(2, 50, 500).round()]
).astype(float)
RUN = run(method=Method.RFM, estimator=StoredEstimator(rfm=RfmClasses().fit(VALUES, 0).stored()))
BEST = {"recency": 1.0, "frequency": 19.0, "monetary": 900.0}


def test_each_score_with_its_range_and_what_they_make():
    recency, orders, money, made = scores_in_words(RUN, BEST, segment("Champions"))
    assert "score 5 of 5" in recency
    assert "under" in recency
    assert "or more" in orders
    assert "over £" in money
    assert made == "Recency 5 with orders and money 5 is “Champions”."


def test_a_run_that_kept_no_bounds_says_nothing():
    assert scores_in_words(run(), BEST, segment("Champions")) == bounds(run()) == []


def test_bounds_of_all_scores_the_best_first():
    rows = bounds(RUN)
    assert [row["score"] for row in rows] == [5, 4, 3, 2, 1]
    assert all(len(row["ranges"]) == 3 for row in rows)


@pytest.mark.django_db
def test_the_table_of_classes_marks_the_cells_of_a_segment():
    champions = SegmentFactory(method=Method.RFM, slug="champions", name_key="Champions")
    table = classes_by_score(champions)
    assert [row["score"] for row in table] == [5, 4, 3, 2, 1]
    mine = [(row["score"], at) for row in table for at, cell in enumerate(row["cells"], 1) if cell["mine"]]
    assert mine == [(5, 5)]
    assert table[0]["cells"][4]["segment"] == champions
    assert len(table) == len(rfm.CLASSES)


def test_a_cell_a_pair_of_scores():
    table = tuple(tuple(5 * row + column for column in range(5)) for row in range(5))
    values = rfm_chart(table)["values"]
    assert len(values) == 25
    assert [3, 1, 8] in values
