"""Who buys within some days, and who churns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from predictions.actions.fairness import group_metrics
from predictions.actions.results import Array, NotEnoughDataError, Places, PredictionResult
from predictions.actions.training_windows import LOOK_BACK, TrainingWindows
from predictions.algorithms import metrics, purchase, reasons
from predictions.algorithms.estimators import ESTIMATORS, Columns, evenly_spaced
from predictions.algorithms.rate_table import RateTable
from predictions.algorithms.training_windows import TrainingWindow, joined
from predictions.cards import CHANCE, EstimatorMetrics, PredictionCard, RateCell, WindowSummary
from predictions.datasets.labelled_samples import FEATURES, LabelledSample
from predictions.datasets.purchase import churn_days
from predictions.models import PredictionKind
from profiles.datasets.demographics import demographic_groups

DAYS = {PredictionKind.BUYS_7: 7, PredictionKind.BUYS_30: 30, PredictionKind.BUYS_90: 90}
FEWEST_BUYERS = 200
FEWEST_OUTCOMES = 50  # in the window that calibrates and in the one that tests, of either kind
FEWEST_WINDOWS = 3
REASONS = 4
LEVEL_ROWS = 50_000


def predict_purchase(
    windows: TrainingWindows,
    kind: PredictionKind,
    *,
    names: Iterable[str] = ESTIMATORS,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> PredictionResult:
    """Learn the probability of `kind` from earlier moments, or fall back on a table of rates and say why.

    Churn is the opposite of buying, predicted for those alone who have bought within the same number of days.
    Raises NotEnoughDataError when there is not even one earlier moment to count rates at.
    """
    prediction = PurchasePrediction(windows, kind)
    try:
        return prediction.learned(names, watch)
    except NotEnoughDataError as too_little:
        return prediction.counted(too_little)


class PurchasePrediction:
    """One kind of prediction, made in the same way for every earlier moment and for today."""

    def __init__(self, windows: TrainingWindows, kind: PredictionKind) -> None:
        self.windows, self.kind = windows, kind
        self.churn = kind == PredictionKind.CHURN
        self.days = churn_days(as_of=windows.as_of) if self.churn else DAYS[kind]
        self.moments = windows.moments(self.days)
        keys = windows.features_known_at(self.moments)
        self.columns = Columns(keys, np.array([FEATURES[key].skewed for key in keys]), float(self.days))
        self.today = self._eligible(windows.today)

    def _eligible(self, sample: LabelledSample) -> LabelledSample:
        """For whom it is predicted: everybody, or for churn those who have bought lately."""
        sample = sample.with_columns(self.columns.keys)
        return sample.only(sample.column("recency") < self.days) if self.churn else sample

    def _window(self, sample: LabelledSample) -> TrainingWindow:
        return TrainingWindow(sample.values, (sample.next_order < self.days).astype(float))

    def learned(self, names: Iterable[str], watch: Callable[[int, int], None]) -> PredictionResult:
        """The best estimator's probabilities. Raises NotEnoughDataError for too little to learn from; falls
        back on rates when the test says that nothing was learned."""
        self._check_size()
        samples = [self._eligible(self.windows.at(moment)) for moment in self.moments]
        windows = [self._window(sample) for sample in samples]
        for window in (*windows[-2:], joined(windows[:-2])):
            _check_outcomes(window.outcome)
        trained = purchase.train(
            windows,
            evenly_spaced(self.today.values, LEVEL_ROWS),
            self.columns,
            self.windows.seed,
            names=names,
            watch=watch,
        )
        card = self._tested_card(samples, windows, trained)
        champion = card.metrics_of(trained.champion)
        if champion is None or champion.auc is None:
            raise RuntimeError("The champion was not tested.")
        if min(champion.interval) <= CHANCE:
            return self.counted(NotEnoughDataError("chance", CHANCE, champion.auc), card)
        if champion.calibration_error > trained.max_calibration_error:
            refusal = NotEnoughDataError(
                "calibration", trained.max_calibration_error, champion.calibration_error
            )
            return self.counted(refusal, card)
        return self._result(
            trained.champion, card, trained.probability, lambda values: trained.reasons(values, REASONS)
        )

    def counted(
        self, too_little: NotEnoughDataError, tried: PredictionCard | None = None
    ) -> PredictionResult:
        """The fallback: rates by recency and number of orders in the latest window. `tried`: the card of
        what was learned and not good enough. The one contribution to each value is its cell of the card's
        table."""
        if not self.moments:
            raise too_little
        samples = [self._eligible(self.windows.at(moment)) for moment in self.moments]
        windows = [self._window(sample) for sample in samples]
        if not sum(len(window.outcome) for window in windows):
            raise too_little
        table = RateTable.of(windows, self.columns)
        card = replace(
            tried or self._card(samples, windows), refused=too_little.refusal, table=self._cells(table)
        )

        def why(values: Array) -> Array:
            cell, rates = table.cell(values), table.rates
            return reasons.encode(
                cell[:, None].astype(float),
                (rates[cell] - table.rate)[:, None],
                table.customers[cell][:, None].astype(float),
            )

        return self._result("table", card, table.probability, why)

    def _cells(self, table: RateTable) -> tuple[RateCell, ...]:
        cells = table.cells()
        if not self.churn:
            return cells
        return tuple(replace(cell, positives=cell.customers - cell.positives) for cell in cells)

    def _check_size(self) -> None:
        buyers = int((self.windows.today.column("frequency") > 0).sum())
        if buyers < FEWEST_BUYERS:
            raise NotEnoughDataError("buyers", FEWEST_BUYERS, buyers)
        if len(self.moments) < FEWEST_WINDOWS:
            needed = FEWEST_WINDOWS * self.days + max(self.days, LOOK_BACK)
            raise NotEnoughDataError("history", needed, int(self.windows.history_days()))

    def _card(self, samples: list[LabelledSample], windows: list[TrainingWindow]) -> PredictionCard:
        return PredictionCard(
            features=tuple(self.columns.keys),
            windows=tuple(
                WindowSummary(
                    sample.as_of.isoformat(),
                    len(sample.ids),
                    int((1 - window.outcome if self.churn else window.outcome).sum()),
                )
                for sample, window in zip(samples, windows, strict=True)
            ),
        )

    def _tested_card(
        self,
        samples: list[LabelledSample],
        windows: list[TrainingWindow],
        trained: purchase.TrainedPurchase,
    ) -> PredictionCard:
        """The card of what was trained; for churn with the figures of the opposite outcome: AUC, Brier score
        and calibration error stay, curves are drawn anew."""
        latest, outcome, tested = samples[-1], windows[-1].outcome, trained.tested
        candidates, rate, positives = trained.candidates, trained.rate, trained.positives
        if self.churn:
            outcome, tested = 1 - outcome, 1 - tested
            rate, positives = 1 - rate, len(outcome) - positives
            curves = metrics.curves(outcome, tested)
            candidates = tuple(
                replace(row, curves=curves if row.name == trained.champion else row.curves)
                for row in candidates
            )
        groups = demographic_groups(as_of=latest.as_of, ids=latest.ids)
        return replace(
            self._card(samples, windows),
            candidates=_without_other_curves(candidates, trained.champion),
            rows=trained.rows,
            tested=trained.champion,
            calibration=trained.calibrator.method,
            fidelity=trained.fidelity,
            rate=rate,
            positives=positives,
            max_calibration_error=trained.max_calibration_error,
            fairness=group_metrics(groups, tested, outcome),
        )

    def _result(
        self,
        champion: str,
        card: PredictionCard,
        probability: Callable[[Array], Array],
        why: Callable[[Array], Array],
    ) -> PredictionResult:
        def rows(part: slice) -> tuple[Array, Places, Array]:
            values = self.today.values[part]
            value, row = probability(values), why(values)
            if self.churn:
                value, row = 1 - value, reasons.opposite(row)
            return value, np.zeros(len(value), dtype=np.int64), row

        return PredictionResult(
            self.kind, self.days, champion, card, self.today.ids, rows, self.today.currency
        )


def _without_other_curves(
    candidates: Iterable[EstimatorMetrics], champion: str
) -> tuple[EstimatorMetrics, ...]:
    """Curves are shown of the champion alone: the others' would make the card four times as large."""
    return tuple(row if row.name == champion else replace(row, curves=None) for row in candidates)


def _check_outcomes(outcome: Array) -> None:
    fewest = int(min(outcome.sum(), (1 - outcome).sum()))
    if fewest < FEWEST_OUTCOMES:
        raise NotEnoughDataError("outcomes", FEWEST_OUTCOMES, fewest)
