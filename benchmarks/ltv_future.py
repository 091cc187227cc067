"""The customer value against a future that nobody saw: demo shops of which the last year is held back.

`ltv-future-total`: the mean distance of the total promised from the money spent in the promised days, in
parts of it. `ltv-future-rank`: the mean rank correlation with the money spent, against that of the spending
of as many days before.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from django.core.management import call_command
from scipy.stats import spearmanr

from benchmarks.pairs import row
from predictions.actions.refresh import refresh_predictions
from predictions.datasets.lifetime import money_spent
from predictions.models import Prediction
from shop.calendar import facts_until

ROWS = ["ltv-future-total", "ltv-future-rank"]
LARGE = True
CUSTOMERS, SEEDS, HELD_BACK = 4_000, (1, 2, 3, 4, 5), timedelta(days=365)
OFF = 0.05


def run() -> list[dict[str, object]]:
    from benchmarks.__main__ import _empty_database

    found = []
    for seed in SEEDS:
        _empty_database()
        call_command("seed_demo", customers=CUSTOMERS, seed=seed, verbosity=0)
        found.append(_measured(seed))
    off, rank, simple = np.abs(found).mean(axis=0)
    return [
        row(ROWS[0], float(off), OFF, goal=1.0),
        row(ROWS[1], float(rank), float(simple), goal=1.0, better="higher"),
    ]


def _measured(seed: int) -> tuple[float, float, float]:
    """How far the total is off, the rank correlation, and that of the last period."""
    as_of = facts_until() - HELD_BACK
    (made,) = refresh_predictions(as_of=as_of, kinds=["lifetime"])
    values = dict(Prediction.objects.filter(run=made).values_list("customer_id", "value"))
    ids, days = np.array(sorted(values)), made.horizon_days
    expected = np.array([values[pk] for pk in ids.tolist()])
    then, since = (
        money_spent(ids=ids, until=until, days=[days], currency=made.currency)[:, 0]
        for until in (as_of, as_of + timedelta(days=days))
    )
    off = float(expected.sum() / since.sum() - 1)
    ranks = [float(spearmanr(one, since).statistic) for one in (expected, then)]
    print(f"ltv-future: seed {seed}, {days} days, {made.champion}: total {off:+.1%}, ranks {ranks}")
    return off, ranks[0], ranks[1]
