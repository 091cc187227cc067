"""Predicting what customers will do, and putting the predictions in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
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
from predictions.actions.category import predict_category
from predictions.actions.horizon_consistency import HorizonConsistency
from predictions.actions.lifetime import predict_lifetime_value
from predictions.actions.purchase import predict_purchase
from predictions.actions.results import NotEnoughDataError, PredictionResult
from predictions.actions.training_windows import TrainingWindows
from predictions.algorithms.reasons import adjusted
from predictions.models import Prediction, PredictionKind, PredictionRun
from shop.calendar import facts_until

RUNS_KEPT = 3  # of each kind with their values; cards stay
BLOCK = 50_000  # customers scored, explained and written at a time
TICKS = 10  # of progress, a kind

STEPS = {
    PredictionKind.LIFETIME: gettext_noop("Estimating what customers are worth"),
    PredictionKind.BUYS_7: gettext_noop("Learning who buys within 7 days"),
    PredictionKind.BUYS_30: gettext_noop("Learning who buys within 30 days"),
    PredictionKind.BUYS_90: gettext_noop("Learning who buys within 90 days"),
    PredictionKind.CHURN: gettext_noop("Learning churn risk"),
    PredictionKind.CATEGORY: gettext_noop("Learning which category comes next"),
}


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
    windows = TrainingWindows(as_of or facts_until(), seed)
    wanted, runs = [PredictionKind(kind) for kind in kinds], []
    consistency = HorizonConsistency()
    for place, kind in enumerate(wanted):
        watch = partial(_report, progress, (place, len(wanted)), STEPS[kind])
        watch(0, 1)
        try:
            runs.append(_publish(_predict(windows, kind, watch), windows, consistency))
        except NotEnoughDataError:
            continue
    _prune()
    progress(len(wanted) * TICKS, len(wanted) * TICKS)
    if not runs:
        raise Refused(_("There is nothing to learn from: import orders of at least two months first."))
    return runs


def _report(progress: Progress, at: tuple[int, int], step: str, done: int, total: int) -> None:
    place, kinds = at
    progress(place * TICKS + TICKS * done // max(total, 1), kinds * TICKS, step)


def _predict(
    windows: TrainingWindows, kind: PredictionKind, watch: Callable[[int, int], None]
) -> PredictionResult:
    match kind:
        case PredictionKind.LIFETIME:
            return predict_lifetime_value(windows)
        case PredictionKind.CATEGORY:
            return predict_category(windows)
        case _:
            return predict_purchase(windows, kind, watch=watch)


def _publish(
    result: PredictionResult, windows: TrainingWindows, consistency: HorizonConsistency
) -> PredictionRun:
    """Write the run with all its values and put it in force; what is built on predictions
    (settings.PREDICTION_USERS) follows in the same transaction."""
    consistency.begin(result)
    with transaction.atomic():
        run = PredictionRun.objects.create(
            kind=result.kind,
            as_of=windows.as_of,
            seed=windows.seed,
            horizon_days=result.horizon_days,
            customers=len(result.ids),
            currency=result.currency,
            champion=result.champion,
        )
        total = np.zeros(1)
        write_blocks(
            Prediction._meta.db_table,
            ["run_id", "customer_id", "value", "choice", "reasons"],
            _blocks(run, result, total, consistency),
        )
        run.card = replace(result.card, total=float(total[0]), mean=float(total[0] / max(len(result.ids), 1)))
        run.save(update_fields=["card"])
        run.publish()
        for path in settings.PREDICTION_USERS:
            import_string(path)(now=timezone.now())
    return run


def _blocks(
    run: PredictionRun,
    result: PredictionResult,
    total: np.ndarray[Any, Any],
    consistency: HorizonConsistency,
) -> Iterator[list[np.ndarray[Any, Any]]]:
    """The columns of the table, BLOCK customers at a time; adds their values to `total`."""
    for start in range(0, len(result.ids), BLOCK):
        part = slice(start, start + BLOCK)
        ids = result.ids[part]
        learned, choices, reasons = result.rows(part)
        values = consistency.adjust(result, part, learned)
        total += values.sum()
        yield [np.full(len(ids), run.pk), ids, values, choices, adjusted(reasons, values - learned)]


def _prune() -> None:
    """Forget the values of old runs; their cards stay as history."""
    forgotten = list(PredictionRun.objects.outdated(keep=RUNS_KEPT).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {Prediction._meta.db_table} WHERE run_id = ANY(%s)",  # noqa: S608 - our own table
            [forgotten],
        )
