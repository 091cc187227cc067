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
from predictions.actions.training_windows import Past
from predictions.algorithms import purchase
from predictions.algorithms.estimators import BASELINE, Columns
from predictions.datasets.outcomes import FEATURES
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
    past = Past(end, 0)
    seen = [past.at(end - timedelta(days=DAYS * k)) for k in range(WINDOWS, 0, -1)]
    keys = past.told_throughout([one.as_of for one in seen])
    looks = [purchase.Stretch(one.about(keys).values, (one.next_order < DAYS).astype(float)) for one in seen]
    test = purchase.Stretch(
        np.concatenate([one.values for one in looks[-TESTED:]]),
        np.concatenate([one.outcome for one in looks[-TESTED:]]),
    )
    columns = Columns(keys, np.array([FEATURES[key].skewed for key in keys]), float(DAYS))
    learned = purchase.learn([*looks[:-TESTED], test], past.today.about(keys).values, columns, 0)
    rows = {one["name"]: one for one in learned.report["candidates"]}
    champion, baseline = rows[learned.champion], rows[BASELINE]
    for name, one in ((learned.champion, champion), (BASELINE, baseline)):
        print(f"{ROWS[0]}: {name} {one['auc']:.4f} ({one['interval'][0]:.4f} to {one['interval'][1]:.4f})")
    lead = champion.get("beats", [0.0, 0.0])
    print(f"{ROWS[0]}: ahead by {lead[0]:.4f} to {lead[1]:.4f}")
    return [
        row(ROWS[0], champion["auc"], baseline["auc"], goal=1.0, better="higher")
        | {
            "champion": learned.champion,
            "interval": champion["interval"],
            "baseline_interval": baseline["interval"],
            "lead": lead,
        }
    ]
