"""Who buys within 30 days, UCI Online Retail, the last 60 days as test.

`purchase-30d-auc`: ROC AUC of the champion against that of the RFM score, on two looks 30 days apart at the
end of the file that neither had seen. The champion is chosen and calibrated on the 30 days before and learns
from the months before those. Both with their 95 % bootstrap intervals, and that of their difference on the
same resamples, printed and kept with the row.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pairs import row
from intake.actions import imports
from predictions.actions.training_windows import TrainingWindows
from predictions.algorithms.estimators import Columns
from predictions.algorithms.purchase import train
from predictions.algorithms.training_windows import TrainingWindow, joined
from predictions.cards import PURCHASE_BASELINE
from predictions.datasets.labelled_samples import FEATURES
from shop.calendar import facts_until

ROWS = ["purchase-30d-auc"]
LARGE = True
ONLINE_RETAIL = Path(__file__).parents[2] / "shared" / "data" / "online_retail.csv.gz"
DAYS, WINDOWS, TESTED = 30, 10, 2


def run() -> list[dict[str, Any]]:
    if not ONLINE_RETAIL.exists():
        print(f"{ROWS[0]}: skipped, there is no {ONLINE_RETAIL}")
        return []
    with ONLINE_RETAIL.open("rb") as file:
        imports.import_file(import_id=imports.take_file(file=file, filename=ONLINE_RETAIL.name, by=None).pk)
    end = facts_until()
    windows = TrainingWindows(end, 0)
    samples = [windows.at(end - timedelta(days=DAYS * k)) for k in range(WINDOWS, 0, -1)]
    keys = windows.features_known_at([sample.as_of for sample in samples])
    earlier = [
        TrainingWindow(sample.with_columns(keys).values, (sample.next_order < DAYS).astype(float))
        for sample in samples
    ]
    test = joined(earlier[-TESTED:])
    columns = Columns(keys, np.array([FEATURES[key].skewed for key in keys]), float(DAYS))
    trained = train([*earlier[:-TESTED], test], windows.today.with_columns(keys).values, columns, 0)
    rows = {candidate.name: candidate for candidate in trained.candidates}
    champion, baseline = rows[trained.champion], rows[PURCHASE_BASELINE]
    for candidate in (champion, baseline):
        low, high = candidate.interval
        print(f"{ROWS[0]}: {candidate.name} {candidate.auc:.4f} ({low:.4f} to {high:.4f})")
    lead = champion.lead or (0.0, 0.0)
    print(f"{ROWS[0]}: ahead by {lead[0]:.4f} to {lead[1]:.4f}")
    return [
        row(ROWS[0], champion.auc, baseline.auc, goal=1.0, better="higher")
        | {
            "champion": trained.champion,
            "interval": champion.interval,
            "baseline_interval": baseline.interval,
            "lead": lead,
        }
    ]
