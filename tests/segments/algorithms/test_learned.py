"""Who is like the examples."""

from __future__ import annotations

import numpy as np
import pytest

from segments.algorithms.learned import FEWEST, learn


def shop(customers: int = 600, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Examples are those whose first feature is high; the second says nothing."""
    points = np.random.default_rng(seed).normal(size=(customers, 2))
    return points, points[:, 0] > 0.8


@pytest.mark.parametrize("estimator", ["forest", "svm"])
def test_examples_rank_above_others_by_what_makes_them_examples(estimator):
    points, examples = shop()
    ranking = learn(points, examples, np.array([[2.0, 0.0], [-2.0, 0.0]]), estimator=estimator, seed=0)
    assert ranking.auc > 0.95
    assert ranking.scores[0] > ranking.scores[1]
    assert ranking.importance[0] > 0.2 > ranking.importance[1] >= 0


def test_the_probability_rises_with_the_score():
    points, examples = shop()
    ranking = learn(points, examples, points, estimator="forest", seed=0)
    rates = ranking.probability(np.linspace(0, 1, 21))
    assert (np.diff(rates) >= 0).all()
    assert 0 <= rates[0] < 0.2
    assert 0.8 < rates[-1] <= 1


def test_the_precision_of_the_best_ranked_falls_to_the_share_there_really_is():
    points, examples = shop()
    ranking = learn(points, examples, points, estimator="forest", seed=0)
    best, everybody = ranking.precision_at(np.array([0.05, 1.0]))
    assert best > 0.9
    assert everybody == pytest.approx(examples.mean(), abs=0.02)


def test_equal_examples_and_seed_give_equal_scores():
    points, examples = shop()
    first, second = (learn(points, examples, points, estimator="forest", seed=3) for _ in range(2))
    assert first.scores.tobytes() == second.scores.tobytes()


def test_examples_that_look_like_everybody_are_told_apart_no_better_than_by_chance():
    points, _examples = shop()
    drawn = np.random.default_rng(1).random(600) < 0.2
    assert learn(points, drawn, points, estimator="forest", seed=0).auc < 0.65


@pytest.mark.parametrize("examples", [FEWEST - 1, 600 - FEWEST + 1])
def test_too_few_examples_or_nobody_else_are_refused(examples):
    points, _examples = shop()
    with pytest.raises(ValueError, match="Too few"):
        learn(points, np.arange(600) < examples, points, estimator="forest", seed=0)
