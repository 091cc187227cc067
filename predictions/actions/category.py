"""What each customer will buy from next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from predictions.actions.fairness import group_metrics
from predictions.actions.purchase import FEWEST_BUYERS, FEWEST_WINDOWS
from predictions.actions.results import Array, NotEnoughDataError, Places, PredictionResult
from predictions.actions.training_windows import LOOK_BACK, TrainingWindows
from predictions.algorithms import reasons
from predictions.algorithms.category import CategoryWindow, Popular, train
from predictions.cards import PredictionCard, WindowSummary
from predictions.datasets.category import next_categories
from predictions.datasets.labelled_samples import LabelledSample
from predictions.models import PredictionKind
from profiles.datasets.demographics import demographic_groups
from profiles.datasets.features import SHARE

HORIZON = 60  # days within which the next order must follow to teach anything
HORIZON_SPAN = timedelta(days=HORIZON)
FEWEST_ORDERS = 100  # next orders below which a window teaches and tests nothing
FEWEST_CATEGORIES = 2


def predict_category(windows: TrainingWindows) -> PredictionResult:
    """The most probable category of each buyer's next order, and how probable it is; below the minimum, what
    each bought most from.

    Raises NotEnoughDataError in a shop with fewer than two categories.
    """
    today = windows.today
    buyers = today.only((today.column("frequency") > 0) & (today.shares.sum(axis=1) > 0))
    if len(today.categories) < FEWEST_CATEGORIES or not len(buyers.ids):
        raise NotEnoughDataError("categories", FEWEST_CATEGORIES, len(today.categories))
    try:
        return _learned(windows, buyers)
    except NotEnoughDataError as too_little:
        return _favourites(buyers, too_little)


def _learned(windows: TrainingWindows, buyers: LabelledSample) -> PredictionResult:
    if len(buyers.ids) < FEWEST_BUYERS:
        raise NotEnoughDataError("buyers", FEWEST_BUYERS, len(buyers.ids))
    moments = windows.moments(HORIZON)
    if len(moments) < FEWEST_WINDOWS:
        needed = FEWEST_WINDOWS * HORIZON + max(HORIZON, LOOK_BACK)
        raise NotEnoughDataError("history", needed, int(windows.history_days()))
    found = {moment: _window(windows, windows.at(moment)) for moment in moments}
    training = {
        moment: window for moment, (window, _ids) in found.items() if len(window.outcome) >= FEWEST_ORDERS
    }
    if len(training) < FEWEST_WINDOWS:
        fewest = min(len(window.outcome) for window, _ids in found.values())
        raise NotEnoughDataError("next_orders", FEWEST_ORDERS, fewest)
    trained = train(list(training.values()), windows.seed)
    latest = training[max(training)]
    correct = (trained.tested.argmax(axis=1) == latest.outcome).astype(float)
    groups = demographic_groups(as_of=max(training), ids=found[max(training)][1])
    typical = Popular().fit(latest.shares, latest.outcome).rates_

    def rows(part: slice) -> tuple[Array, Places, Array]:
        probabilities = trained.estimator.probabilities(buyers.shares[part])
        return _most_probable(probabilities, buyers.shares[part], typical)

    card = replace(
        _card(buyers),
        candidates=trained.candidates,
        rows=trained.rows,
        tested=trained.champion,
        curves=trained.curves,
        fairness=group_metrics(groups, trained.tested.max(axis=1), correct, ranks=False),
        windows=tuple(
            WindowSummary(moment.isoformat(), len(window.outcome)) for moment, window in training.items()
        ),
    )
    return PredictionResult(PredictionKind.CATEGORY, HORIZON, trained.champion, card, buyers.ids, rows)


def _favourites(buyers: LabelledSample, too_little: NotEnoughDataError) -> PredictionResult:
    typical = buyers.shares.mean(axis=0)
    return PredictionResult(
        PredictionKind.CATEGORY,
        HORIZON,
        "favourite",
        replace(_card(buyers), refused=too_little.refusal),
        buyers.ids,
        lambda part: _most_probable(buyers.shares[part], buyers.shares[part], typical),
    )


def _card(buyers: LabelledSample) -> PredictionCard:
    return PredictionCard(
        features=tuple(f"{SHARE}{category}" for category in buyers.categories),
        categories=tuple(buyers.categories),
    )


def _most_probable(probabilities: Array, shares: Array, typical: Array) -> tuple[Array, Places, Array]:
    """Probability and number (from 1) of the best category; the one contribution is the customer's own share
    of it, against how probable it is of everybody (`typical`)."""
    place, value = probabilities.argmax(axis=1), probabilities.max(axis=1)
    own = np.take_along_axis(shares, place[:, None], 1)
    why = reasons.encode(
        place[:, None].astype(float), (value - typical[place])[:, None], own, typical=typical[place]
    )
    return value, place + 1, why


def _window(windows: TrainingWindows, sample: LabelledSample) -> tuple[CategoryWindow, Places]:
    """The buyers who ordered from one of the categories within HORIZON, and their ids."""
    outcome = next_categories(
        as_of=sample.as_of,
        until=min(windows.as_of, sample.as_of + HORIZON_SPAN),
        ids=sample.ids,
        categories=sample.categories,
    )
    rows = (outcome >= 0) & (sample.shares.sum(axis=1) > 0)
    return CategoryWindow(sample.shares[rows], outcome[rows]), sample.ids[rows]
