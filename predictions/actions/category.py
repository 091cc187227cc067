"""What each customer will buy from next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from predictions.actions.fairness import by_group
from predictions.actions.purchase import FEWEST_BUYERS, FEWEST_WINDOWS
from predictions.actions.training_windows import LOOK_BACK, Array, Foreseen, Past, Places, TooLittleError
from predictions.algorithms.category import Choices, Popular, choose
from predictions.algorithms.feature_contributions import against
from predictions.datasets.outcomes import Hindsight, next_categories
from predictions.models import PredictionKind
from profiles.datasets.demographics import demographic_groups

HORIZON = 60  # days within which the next order must come to teach anything
HORIZON_SPAN = timedelta(days=HORIZON)
FEWEST_ORDERS = 100  # next orders below which a period teaches and tests nothing
FEWEST_CATEGORIES = 2


def foresee_category(past: Past) -> Foreseen:
    """The most probable category of each buyer's next order, and how probable it is; below the minimum, what
    each bought most from.

    Raises TooLittleError in a shop with fewer than two categories.
    """
    today = past.today
    buyers = today.only((today.column("frequency") > 0) & (today.shares.sum(axis=1) > 0))
    if len(today.categories) < FEWEST_CATEGORIES or not len(buyers.ids):
        raise TooLittleError("categories", FEWEST_CATEGORIES, len(today.categories))
    try:
        return _learned(past, buyers)
    except TooLittleError as little:
        return _favourites(buyers, little)


def _learned(past: Past, buyers: Hindsight) -> Foreseen:
    if len(buyers.ids) < FEWEST_BUYERS:
        raise TooLittleError("buyers", FEWEST_BUYERS, len(buyers.ids))
    moments = past.moments(HORIZON)
    if len(moments) < FEWEST_WINDOWS:
        raise TooLittleError(
            "history", FEWEST_WINDOWS * HORIZON + max(HORIZON, LOOK_BACK), int(past.history())
        )
    stretches = {moment: _stretch(past, past.at(moment)) for moment in moments}
    taught = {moment: one for moment, (one, _ids) in stretches.items() if len(one.outcome) >= FEWEST_ORDERS}
    if len(taught) < FEWEST_WINDOWS:
        raise TooLittleError(
            "next_orders", FEWEST_ORDERS, min(len(one.outcome) for one, _ids in stretches.values())
        )
    chosen = choose(list(taught.values()), past.seed)
    latest = taught[max(taught)]
    right = (chosen.tested.argmax(axis=1) == latest.outcome).astype(float)
    groups = demographic_groups(as_of=max(taught), ids=stretches[max(taught)][1])
    usual = Popular().fit(latest.shares, latest.outcome).rates_

    def rows(part: slice) -> tuple[Array, Places, Array]:
        said = chosen.chooser.probabilities(buyers.shares[part])
        return _best(said, buyers.shares[part], usual)

    return Foreseen(
        PredictionKind.CATEGORY,
        HORIZON,
        chosen.champion,
        _card(buyers)
        | chosen.report
        | {
            "fairness": by_group(groups, chosen.tested.max(axis=1), right, ranks=False),
            "windows": [
                {"as_of": moment.isoformat(), "customers": len(one.outcome)} for moment, one in taught.items()
            ],
        },
        buyers.ids,
        rows,
    )


def _favourites(buyers: Hindsight, little: TooLittleError) -> Foreseen:
    usual = buyers.shares.mean(axis=0)
    return Foreseen(
        PredictionKind.CATEGORY,
        HORIZON,
        "favourite",
        _card(buyers) | {"refused": little.as_json()},
        buyers.ids,
        lambda part: _best(buyers.shares[part], buyers.shares[part], usual),
    )


def _card(buyers: Hindsight) -> dict[str, Any]:
    return {
        "features": [f"share:{category}" for category in buyers.categories],
        "categories": buyers.categories,
    }


def _best(said: Array, shares: Array, usual: Array) -> tuple[Array, Places, Array]:
    """Probability and place of the best category; the one reason is the customer's own share of it, against
    how probable it is of everybody (`usual`)."""
    place = said.argmax(axis=1)
    value, own = said.max(axis=1), np.take_along_axis(shares, place[:, None], 1)[:, 0]
    return (
        value,
        place + 1,
        np.column_stack([place.astype(float), value - usual[place], own, against(usual[place])]),
    )


def _stretch(past: Past, seen: Hindsight) -> tuple[Choices, Places]:
    """The buyers who ordered from one of the categories within HORIZON, and their ids."""
    outcome = next_categories(
        as_of=seen.as_of,
        until=min(past.as_of, seen.as_of + HORIZON_SPAN),
        ids=seen.ids,
        categories=seen.categories,
    )
    rows = (outcome >= 0) & (seen.shares.sum(axis=1) > 0)
    return Choices(seen.shares[rows], outcome[rows]), seen.ids[rows]
