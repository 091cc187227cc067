"""What every method of recommending can do."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, Self

import numpy as np

from recommendations.algorithms.interactions import Interactions

Array = np.ndarray[Any, Any]


def gettext_noop(message: str) -> str:
    """Marks a text for translation; the translation happens where it is shown."""
    return message


class Recommender(Protocol):
    """Fit once, then list products for any customer of the fit. Equal interactions, parameters and seed give
    equal lists.

    Customers and products are row and column numbers of the interactions. Lists are (customers, length)
    arrays of product numbers, best first, padded with `topk.NOTHING`.

    `name`: unique and stored with a run. `title`: a message id. `personal`: whether lists follow the taste of
    each customer. Hyper-parameters are a frozen dataclass of numbers, the method's own `Parameters`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    personal: ClassVar[bool]

    @classmethod
    def candidates(cls, customers: int, products: int) -> list[Any]:
        """The hyper-parameters worth trying at this size, the best guess first; never empty."""
        ...

    def __init__(self, parameters: Any, *, seed: int = 0) -> None: ...

    def fit(self, interactions: Interactions) -> Self: ...

    def recommend(
        self, interactions: Interactions, *, rows: Array, length: int, without: Array
    ) -> tuple[Array, Array]:
        """The best products of the customers in `rows`, with their scores (0 where padded), without what each
        customer bought already and without the products `without`. `interactions`: those of the fit, or, for
        an estimator from `from_arrays`, any with the same products."""
        ...

    def explain(self, interactions: Interactions, rows: Array, items: Array) -> Array:
        """Which of the customer's own interactions speaks for each offer most: positions in
        `interactions.confidence.data`, shaped like `items` (what `recommend` returned for `rows`), NOTHING
        where none does."""
        ...

    def to_arrays(self) -> dict[str, Array]:
        """What recommends to anybody by their history, for an npz file: no pickle, and nothing about a single
        customer, as erasing a person must not leave their taste in a file."""
        ...

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> Self:
        """The estimator that `to_arrays` came from; it recommends by the histories in the interactions it is
        given."""
        ...
