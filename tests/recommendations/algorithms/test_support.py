from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from recommendations.algorithms import support
from recommendations.algorithms.support import Support

# 0 and 1 go together; 2 has nothing to do with either; 3 is had with 0 once
HELD = csr_matrix(
    np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 0, 1], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 1, 0]], np.float32)
)


def test_a_reason_holds_where_two_products_go_together():
    because, offers = np.array([[0, 1, 0, 0]]), np.array([[1, 0, 2, 3]])
    assert Support(HELD).holds(because, offers).tolist() == [[True, True, False, False]]


def test_a_product_speaks_for_itself():
    assert Support(HELD).holds(np.array([3]), np.array([3])).all()


def test_what_everybody_has_is_no_reason():
    everybody = csr_matrix(np.array([[1, 1], [1, 0], [1, 1]], np.float32))
    assert not Support(everybody).holds(np.array([0]), np.array([1])).any()


def test_a_large_shop_is_counted_in_part(monkeypatch):
    monkeypatch.setattr(support, "PAIRS", 14)
    assert 0 < Support(HELD).customers < 6
    assert Support(csr_matrix((0, 3))).customers == 0
