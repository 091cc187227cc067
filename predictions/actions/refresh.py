"""Predicting what customers will do, and putting the predictions in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.bulk_copy import write_blocks
from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from predictions.actions.category import foresee_category
from predictions.actions.lifetime import foresee_value
from predictions.actions.purchase import foresee_purchase
from predictions.actions.training_windows import Array, Foreseen, Past, Places, TooLittleError
from predictions.algorithms.feature_contributions import OTHERS, changed
from predictions.models import Prediction, PredictionKind, PredictionRun, PublishedPrediction
from shop.calendar import facts_until

RUNS_KEPT = 3  # of each kind with their values; cards stay
BLOCK = 50_000  # customers scored, explained and written at a time
LEAST_PACE = 0.1
TICKS = 10  # of progress, a kind


def refresh_predictions(
    *,
    as_of: datetime | None = None,
    seed: int = 0,
    kinds: Iterable[str] = PredictionKind.values,
    progress: Progress = silent,
) -> list[PredictionRun]:
    """Learn each of `kinds` from the facts before `as_of`, predict for everybody, and put each in force when
    it is complete.

    A kind with too little to learn from has its fallback written, with the reason on its card; one for which
    even that is impossible keeps what is in force. The same facts and seed give the same values. A crash
    leaves the kinds that were not complete as they were. Raises Refused when nothing at all could be
    predicted.
    """
    past = Past(as_of or facts_until(), seed)
    wanted, runs = [PredictionKind(kind) for kind in kinds], []
    sooner = Sooner()
    for place, kind in enumerate(wanted):
        watch = partial(_tell, progress, (place, len(wanted)), STEPS[kind])
        watch(0, 1)
        try:
            runs.append(_publish(_foresee(past, kind, watch), past, sooner))
        except TooLittleError:
            continue
    _prune()
    progress(len(wanted) * TICKS, len(wanted) * TICKS)
    if not runs:
        raise Refused(_("There is nothing to learn from: import orders of at least two months first."))
    return runs


STEPS = {
    PredictionKind.LIFETIME: gettext_noop("Estimating what customers are worth"),
    PredictionKind.BUYS_7: gettext_noop("Learning who buys within 7 days"),
    PredictionKind.BUYS_30: gettext_noop("Learning who buys within 30 days"),
    PredictionKind.BUYS_90: gettext_noop("Learning who buys within 90 days"),
    PredictionKind.CHURN: gettext_noop("Learning who stops buying"),
    PredictionKind.CATEGORY: gettext_noop("Learning which category comes next"),
}


def _tell(progress: Progress, at: tuple[int, int], step: str, done: int, total: int) -> None:
    place, kinds = at
    progress(place * TICKS + TICKS * done // max(total, 1), kinds * TICKS, step)


def _foresee(past: Past, kind: PredictionKind, watch: Callable[[int, int], None]) -> Foreseen:
    match kind:
        case PredictionKind.LIFETIME:
            return foresee_value(past)
        case PredictionKind.CATEGORY:
            return foresee_category(past)
        case _:
            return foresee_purchase(past, kind, watch=watch)


class Sooner:
    """Who buys within a week buys within a month, and does not stop buying: each question is learned by
    itself, so a customer's probability may come out below that of a shorter time, or hardly above it.

    It is raised to what is left after the shorter time, at LEAST_PACE of the pace until then at least: with p
    for d days, at least 1 - (1 - p)^(1 + LEAST_PACE (D - d) / d) for D days. A longer time is more likely,
    unless the shorter one is impossible. The probability of stopping is lowered to what that leaves.
    """

    HORIZONS = (PredictionKind.BUYS_7, PredictionKind.BUYS_30, PredictionKind.BUYS_90)

    def __init__(self) -> None:
        self.ids: Places = np.zeros(0, np.int64)
        self.known: dict[int, Array] = {}  # days -> what was said of each of `ids`

    def begin(self, found: Foreseen) -> None:
        """`found` comes next, longer than what came before."""
        if found.kind not in self.HORIZONS:
            return
        if not np.array_equal(self.ids, found.ids):
            self.ids, self.known = found.ids, {}
        self.known[found.horizon_days] = np.zeros(len(found.ids))

    def agreed(self, found: Foreseen, part: slice, values: Array) -> Array:
        """`values` of the customers `found.ids[part]`, so that they contradict nothing said before."""
        if found.kind in self.HORIZONS:
            values = np.maximum(values, self._least(found, part))
            self.known[found.horizon_days][part] = values
        elif found.kind == PredictionKind.CHURN:
            values = np.minimum(values, 1 - self._least(found, part))
        return values

    def _least(self, found: Foreseen, part: slice) -> Array:
        """How probable a purchase within `found.horizon_days` is at least; 0 for customers of whom nothing
        was said."""
        ids = found.ids[part]
        days = max((known for known in self.known if known < found.horizon_days), default=0)
        if not days or not len(self.ids):
            return np.zeros(len(ids))
        place = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        sooner = np.where(self.ids[place] == ids, self.known[days][place], 0.0)
        longer = 1 + LEAST_PACE * (found.horizon_days - days) / days
        return np.asarray(-np.expm1(longer * np.log1p(-sooner)))


def _publish(found: Foreseen, past: Past, sooner: Sooner) -> PredictionRun:
    sooner.begin(found)
    with transaction.atomic():
        run = PredictionRun.objects.create(
            kind=found.kind,
            as_of=past.as_of,
            seed=past.seed,
            horizon_days=found.horizon_days,
            customers=len(found.ids),
            currency=found.currency,
            champion=found.champion,
        )
        sums = np.zeros(1)
        write_blocks(
            Prediction._meta.db_table,
            ["run_id", "customer_id", "value", "choice", "reasons"],
            _blocks(run, found, sums, sooner),
        )
        run.card = found.card | {"total": float(sums[0]), "mean": float(sums[0] / max(len(found.ids), 1))}
        run.save(update_fields=["card"])
        PublishedPrediction.point_to(run)
        for path in settings.PREDICTION_USERS:
            import_string(path)(now=timezone.now())
    return run


def _blocks(
    run: PredictionRun, found: Foreseen, sums: np.ndarray[Any, Any], sooner: Sooner
) -> Iterator[list[np.ndarray[Any, Any]]]:
    for start in range(0, len(found.ids), BLOCK):
        part = slice(start, start + BLOCK)
        ids = found.ids[part]
        values, choices, reasons = found.rows(part)
        learned, values = values, sooner.agreed(found, part, values)
        if reasons.shape[1] and (reasons[:, -3] == OTHERS).all() and (learned != values).any():
            reasons = np.column_stack([reasons[:, :-3], changed(values - learned), reasons[:, -3:]])
        sums += values.sum()
        yield [np.full(len(ids), run.pk), ids, values, choices, reasons]


def _prune() -> None:
    """Forget the values of old runs; their cards stay as history."""
    published = set(PublishedPrediction.objects.values_list("run_id", flat=True))
    for kind in PredictionKind:
        old = PredictionRun.objects.filter(kind=kind).values_list("pk", flat=True)[RUNS_KEPT:]
        forgotten = [pk for pk in old if pk not in published]
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {Prediction._meta.db_table} WHERE run_id = ANY(%s)", [forgotten])  # noqa: S608
