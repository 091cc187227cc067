"""Methods of recommending behind one interface (`base.Recommender`), one file a method.

A new method is a file with a class and a row in `METHODS`: it is then tried, compared and shown like the
others, and `tests/recommendations/algorithms/methods/test_contract.py` holds it to the same promises.
"""

from __future__ import annotations

from recommendations.algorithms.methods.als import AlternatingLeastSquares
from recommendations.algorithms.methods.base import Recommender
from recommendations.algorithms.methods.ease import SparseRegression
from recommendations.algorithms.methods.graph import GraphFilter
from recommendations.algorithms.methods.neighbours import ItemNeighbours
from recommendations.algorithms.methods.popular import PopularProducts

METHODS: dict[str, type[Recommender]] = {
    method.name: method
    for method in (AlternatingLeastSquares, SparseRegression, ItemNeighbours, GraphFilter, PopularProducts)
}
BASELINE = PopularProducts  # what every other method must beat, and the list of those without a history

__all__ = ["BASELINE", "METHODS", "Recommender"]


def personal_methods() -> list[type[Recommender]]:
    """Those whose lists follow the taste of each customer; the first is used where none can be chosen."""
    return [method for method in METHODS.values() if method.personal]
