"""What customers are offered by a fitted method: the same lists are measured and published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from recommendations.algorithms.interactions import Interactions
from recommendations.algorithms.methods import Recommender
from recommendations.algorithms.overlap import rank_overlap
from recommendations.algorithms.support import Support
from recommendations.algorithms.topk import NOTHING

Array = np.ndarray[Any, Any]

SHOWN = 6  # places that pages and messages show
ORDINARY = 0.8  # rank overlap with the popular list from which a list counts as the popular one


@dataclass(frozen=True)
class Lists:
    """Offers of some customers, best first: `items` and `scores` (customers, length), padded with NOTHING and
    0; `because`, positions in `confidence.data` of what speaks for each, NOTHING where nothing does;
    `personal` (customers,): False where the list hardly differs from the popular one, or nothing speaks for
    what stands on top of it. Such a customer gets the popular list."""

    items: Array
    scores: Array
    because: Array
    personal: Array


@dataclass(frozen=True)
class ListMaker:
    """Makes lists of `length` for customers of `facts`."""

    recommender: Recommender
    popular: Recommender
    facts: Interactions
    support: Support
    length: int
    without: Array

    def lists(self, rows: Array) -> Lists:
        asked: dict[str, Any] = {"rows": rows, "length": self.length, "without": self.without}
        popular, popular_scores = self.popular.recommend(self.facts, **asked)
        if not self.recommender.personal:
            nothing = np.full(popular.shape, NOTHING, np.int64)
            return Lists(popular, popular_scores, nothing, np.zeros(len(rows), bool))
        items, scores = self.recommender.recommend(self.facts, **asked)
        because = self.recommender.explain(self.facts, rows, items)
        speaks = because != NOTHING
        reasons = np.where(speaks, self.facts.confidence.indices[because], 0)
        speaks &= self.support.holds(reasons, np.where(speaks, items, 0))
        personal = (rank_overlap(items, popular) < ORDINARY) & speaks[:, :SHOWN].any(axis=1)
        kept = personal[:, None]
        return Lists(
            np.where(kept, items, popular),
            np.where(kept, scores, popular_scores),
            np.where(kept & speaks, because, NOTHING),
            personal,
        )


def list_maker(
    recommender: Recommender, popular: Recommender, facts: Interactions, *, length: int, without: Array
) -> ListMaker:
    """Lists of `recommender`, or of `popular` where a list would hardly be personal, without the product
    numbers `without`. Both were fitted on `facts`."""
    return ListMaker(recommender, popular, facts, Support(facts.confidence), length, without)
