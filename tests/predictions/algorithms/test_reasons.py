from __future__ import annotations

import numpy as np
import pytest

from predictions.algorithms.reasons import Contribution, Reasons, adjusted, decode, encode, opposite

FEATURES, AMOUNTS, FIGURES = np.array([[3.0, 0.0]]), np.array([[0.2, -0.1]]), np.array([[7.0, np.nan]])
CONTRIBUTIONS = (Contribution(3, 0.2, 7.0), Contribution(0, -0.1, None))


def test_what_is_encoded_is_decoded():
    assert decode(encode(FEATURES, AMOUNTS, FIGURES)[0]) == Reasons(CONTRIBUTIONS)
    typical = encode(FEATURES, AMOUNTS, FIGURES, typical=np.array([0.3]))
    assert decode(typical[0].tolist()) == Reasons(CONTRIBUTIONS, typical=0.3)
    assert decode([]) == Reasons()


def test_an_adjustment_stands_beside_the_contributions():
    row = encode(FEATURES, AMOUNTS, FIGURES, typical=np.array([0.3]))
    assert decode(adjusted(row, np.array([0.05]))[0]) == Reasons(CONTRIBUTIONS, 0.3, 0.05)
    assert (adjusted(row, np.zeros(1)) == row).sum() == row.size - 2  # but for the two NaN
    bare = encode(FEATURES, AMOUNTS, FIGURES)
    assert adjusted(bare, np.array([0.05])).shape == bare.shape


def test_the_opposite_outcome_has_the_opposite_reasons():
    why = decode(opposite(encode(FEATURES, AMOUNTS, FIGURES, typical=np.array([0.3])))[0])
    assert [part.amount for part in why.contributions] == [-0.2, 0.1]
    assert why.typical == pytest.approx(0.7)


def test_half_a_contribution_is_an_error():
    with pytest.raises(ValueError, match="no contributions"):
        decode([1.0, 0.2])
