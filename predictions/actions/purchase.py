"""Who buys within some days, and who stops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from predictions.actions.fairness import by_group
from predictions.actions.training_windows import LOOK_BACK, Array, Foreseen, Past, Places, TooLittleError
from predictions.algorithms import metrics, purchase
from predictions.algorithms.estimators import FACTORIES, Columns, every
from predictions.algorithms.feature_contributions import OTHERS
from predictions.datasets.outcomes import FEATURES, Hindsight, churn_days
from predictions.models import PredictionKind
from profiles.datasets.demographics import demographic_groups

DAYS = {PredictionKind.BUYS_7: 7, PredictionKind.BUYS_30: 30, PredictionKind.BUYS_90: 90}
FEWEST_BUYERS = 200
FEWEST_OUTCOMES = 50  # in the stretch that calibrates and in the one that tests, of either kind
FEWEST_WINDOWS = 3
REASONS = 4
CHANCE = 0.5  # the AUC of a coin
LEVEL_ROWS = 50_000


def foresee_purchase(
    past: Past,
    kind: PredictionKind,
    *,
    names: Iterable[str] = FACTORIES,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> Foreseen:
    """Learn the probability of `kind` from earlier moments, or fall back on a table of rates and say why.

    Stopping is the opposite of buying, asked of those alone who have bought within the same number of days.
    Raises TooLittleError when there is not even one earlier moment to count rates at.
    """
    question = Question(past, kind)
    try:
        return question.learned(names, watch)
    except TooLittleError as little:
        return question.counted(little)


class Question:
    """One kind of prediction, asked at every moment of the past in the same way."""

    def __init__(self, past: Past, kind: PredictionKind) -> None:
        self.past, self.kind = past, kind
        self.stops = kind == PredictionKind.CHURN
        self.days = churn_days(as_of=past.as_of) if self.stops else DAYS[kind]
        self.moments = past.moments(self.days)
        keys = past.told_throughout(self.moments)
        self.columns = Columns(keys, np.array([FEATURES[key].skewed for key in keys]), float(self.days))
        self.today = self._asked(past.today)

    def _asked(self, seen: Hindsight) -> Hindsight:
        """Of whom it is asked: everybody, or for stopping those who have bought lately."""
        seen = seen.about(self.columns.keys)
        return seen.only(seen.column("recency") < self.days) if self.stops else seen

    def _stretch(self, seen: Hindsight) -> purchase.Stretch:
        return purchase.Stretch(seen.values, (seen.next_order < self.days).astype(float))

    def learned(self, names: Iterable[str], watch: Callable[[int, int], None]) -> Foreseen:
        self._check_size()
        seen = [self._asked(self.past.at(moment)) for moment in self.moments]
        stretches = [self._stretch(one) for one in seen]
        for stretch in (*stretches[-2:], _union(stretches[:-2])):
            _check_outcomes(stretch.outcome)
        learned = purchase.learn(
            stretches,
            every(self.today.values, LEVEL_ROWS),
            self.columns,
            self.past.seed,
            names=names,
            watch=watch,
        )
        tested, outcome = learned.tested, stretches[-1].outcome
        if self.stops:
            tested, outcome = 1 - tested, 1 - outcome
        card = (
            self._card(seen, stretches)
            | learned.report
            | {
                "fairness": by_group(
                    demographic_groups(as_of=seen[-1].as_of, ids=seen[-1].ids), tested, outcome
                )
            }
        )
        if self.stops:
            card |= _turned(card, tested, outcome)
        if min(_champion(card)["interval"]) <= CHANCE:
            return self.counted(TooLittleError("chance", CHANCE, _champion(card)["auc"]), card)
        if _champion(card)["ece"] > card["most_off"]:
            return self.counted(TooLittleError("calibration", card["most_off"], _champion(card)["ece"]), card)
        return self._foreseen(
            learned.champion, card, learned.probability, lambda values: learned.reasons(values, REASONS)
        )

    def counted(self, little: TooLittleError, tried: Mapping[str, Any] = MappingProxyType({})) -> Foreseen:
        """The fallback: rates by recency and number of orders in the latest stretch. `tried`: the card of
        what was learned and not good enough. The one reason of each value is its cell of the table (see
        `RateTable.as_json`)."""
        if not self.moments:
            raise little
        seen = [self._asked(self.past.at(moment)) for moment in self.moments]
        stretches = [self._stretch(one) for one in seen]
        if not sum(len(one.outcome) for one in stretches):
            raise little
        table = purchase.RateTable.of(stretches, self.columns)
        card = {
            **self._card(seen, stretches),
            **tried,
            "refused": little.as_json(),
            "table": self._cells(table),
        }

        def reasons(values: Array) -> Array:
            cell, rates = table.cell(values), table.rates
            return np.column_stack([cell.astype(float), rates[cell] - table.rate, table.customers[cell]])

        return self._foreseen("table", card, table.probability, reasons)

    def _cells(self, table: purchase.RateTable) -> list[dict[str, Any]]:
        cells = table.as_json()
        return (
            [cell | {"positives": cell["customers"] - cell["positives"]} for cell in cells]
            if self.stops
            else cells
        )

    def _check_size(self) -> None:
        buyers = int((self.past.today.column("frequency") > 0).sum())
        if buyers < FEWEST_BUYERS:
            raise TooLittleError("buyers", FEWEST_BUYERS, buyers)
        if len(self.moments) < FEWEST_WINDOWS:
            needed = FEWEST_WINDOWS * self.days + max(self.days, LOOK_BACK)
            raise TooLittleError("history", needed, int(self.past.history()))

    def _card(self, seen: list[Hindsight], stretches: list[purchase.Stretch]) -> dict[str, Any]:
        return {
            "features": self.columns.keys,
            "windows": [
                {
                    "as_of": one.as_of.isoformat(),
                    "customers": len(one.ids),
                    "positives": int((1 - stretch.outcome if self.stops else stretch.outcome).sum()),
                }
                for one, stretch in zip(seen, stretches, strict=True)
            ],
        }

    def _foreseen(
        self,
        champion: str,
        card: dict[str, Any],
        probability: Callable[[Array], Array],
        reasons: Callable[[Array], Array],
    ) -> Foreseen:
        def rows(part: slice) -> tuple[Array, Places, Array]:
            values = self.today.values[part]
            value, why = probability(values), reasons(values)
            if self.stops:
                value = 1 - value
                why[:, 1::3] *= -1
                why[:, -2] += why[:, -3] == OTHERS  # the usual customer's probability of the opposite
            return value, np.zeros(len(value), dtype=np.int64), why

        return Foreseen(self.kind, self.days, champion, card, self.today.ids, rows, self.today.currency)


def _union(stretches: list[purchase.Stretch]) -> purchase.Stretch:
    return purchase.Stretch(
        np.concatenate([one.values for one in stretches]), np.concatenate([one.outcome for one in stretches])
    )


def _check_outcomes(outcome: Array) -> None:
    fewest = int(min(outcome.sum(), (1 - outcome).sum()))
    if fewest < FEWEST_OUTCOMES:
        raise TooLittleError("outcomes", FEWEST_OUTCOMES, fewest)


def _champion(card: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in card["candidates"] if one["name"] == card["champion"])
    return found


def _turned(card: dict[str, Any], tested: Array, outcome: Array) -> dict[str, Any]:
    """The same figures of the opposite outcome: AUC, Brier score and calibration error stay, curves are drawn
    anew."""
    candidates = [
        one | {"curves": metrics.judge(outcome, tested)["curves"]} if one["name"] == card["champion"] else one
        for one in card["candidates"]
    ]
    return {"candidates": candidates, "rate": 1 - card["rate"], "positives": int(outcome.sum())}
