"""Fitting a method of recommending."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.methods import BASELINE, Recommender, personal_methods

# Below, nothing can be shown to beat the popular list
MINIMUM_CUSTOMERS, MINIMUM_PRODUCTS = 30, 10
MINIMUM_CELLS = 100


@dataclass(frozen=True)
class Configuration:
    """A method with its hyper-parameters (the method's own `Parameters`)."""

    method: type[Recommender]
    parameters: Any

    def fit(self, facts: Interactions, *, seed: int) -> Recommender:
        return self.method(self.parameters, seed=seed).fit(facts)

    def as_json(self) -> dict[str, float]:
        """The hyper-parameters by name."""
        return asdict(self.parameters)


def enough(facts: Interactions) -> bool:
    """Whether tastes can be learned from so much."""
    customers, products = facts.confidence.shape
    return (
        customers >= MINIMUM_CUSTOMERS
        and products >= MINIMUM_PRODUCTS
        and facts.confidence.nnz >= MINIMUM_CELLS
    )


def configurations(facts: Interactions) -> list[Configuration]:
    """Every personal method with every set of hyper-parameters worth trying at this size; first the one to
    use where none can be chosen."""
    return [
        Configuration(method, parameters)
        for method in personal_methods()
        for parameters in method.candidates(*facts.confidence.shape)
    ]


def baseline_configurations() -> list[Configuration]:
    """The popular products, in each way to count them; first the one to use where none can be chosen."""
    return [Configuration(BASELINE, parameters) for parameters in BASELINE.candidates(0, 0)]
