"""Lifetime value on CDNOW: the published parameters, the hold-out, the speed of the `lifetimes` package, and
who buys in 91 days.

`bgnbd-speed`: fits a second of BG/NBD on all 23,570 customers of cdnow_master.txt, calibrated to 1997-09-30,
ours against `lifetimes` 0.11.3, which is installed into a folder of its own, never into the product's.
`bgnbd-parameters`: the largest deviation of the seven parameters of the 1/10 sample from the published ones,
against half a unit of their third decimal. `bgnbd-holdout`: mean absolute error of the 39 weeks after, in
purchases. `buys-91-auc` and `buys-91-ece`: ROC AUC and calibration error of the champion on the last 91 days
of the full file, from the product's own features and choice (rhythm and money, not BG/NBD alone), chosen and
calibrated on earlier time.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pairs import interleaved, row
from intake.actions import imports
from predictions.actions.training_windows import TrainingWindows
from predictions.algorithms.estimators import Columns
from predictions.algorithms.lifetime import BetaGeometricNBD, GammaGamma
from predictions.algorithms.purchase import train
from predictions.algorithms.training_windows import TrainingWindow
from predictions.datasets.labelled_samples import FEATURES
from shop.calendar import facts_until
from tests.predictions.cdnow import Known, later_purchases, purchases, summary

ROWS = ["bgnbd-speed", "bgnbd-parameters", "bgnbd-holdout", "buys-91-auc", "buys-91-ece"]
LARGE = True
DATA = Path(__file__).parents[2] / "shared" / "data"
SAMPLE, MASTER = DATA / "cdnow_sample.txt", DATA / "cdnow_master.txt"
UNTIL, WEEKS_AFTER, DAYS, WINDOWS = "1997-09-30", 39, 91, 4
PUBLISHED = (0.243, 4.414, 0.793, 2.426, 6.250, 3.744, 15.444)
HALF_A_UNIT, ERROR, AUC, ECE, TIMES = 5e-4, 0.79, 0.835, 0.02, 20
THEIRS = ("lifetimes==0.11.3", "numpy<2", "scipy<1.13", "pandas<2.2", "autograd<1.7")
FIT = """
import sys, warnings
import numpy as np
from lifetimes import BetaGeoFitter
warnings.simplefilter("ignore")
known = np.load(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    fitted = BetaGeoFitter().fit(known["frequency"], known["recency"], known["age"])
    print(*fitted.params_.round(4), flush=True)
"""


def run() -> list[dict[str, Any]]:
    if not (SAMPLE.exists() and MASTER.exists()):
        print(f"{', '.join(ROWS)}: skipped, there is no {SAMPLE} or no {MASTER}")
        return []
    return [*_speed(), *_published(), *_buys()]


def _published() -> list[dict[str, Any]]:
    known = summary(SAMPLE, until=UNTIL)
    history = known.frequency, known.recency, known.age
    orders, money = BetaGeometricNBD().fit(*history), GammaGamma().fit(known.frequency, known.value)
    found = np.array([orders.r_, orders.alpha_, orders.a_, orders.b_, money.p_, money.q_, money.v_])
    expected = orders.expected_purchases(WEEKS_AFTER, *history)
    error = float(np.abs(expected - later_purchases(SAMPLE, known, after=UNTIL)).mean())
    return [
        row("bgnbd-parameters", float(np.abs(found - PUBLISHED).max()), HALF_A_UNIT, goal=1.0),
        row("bgnbd-holdout", error, ERROR, goal=1.0),
    ]


def _speed() -> list[dict[str, Any]]:
    known = summary(MASTER, until=UNTIL)
    with tempfile.TemporaryDirectory() as folder, _library(Path(folder), known) as theirs:
        if theirs is None:
            print("bgnbd-speed: skipped, the lifetimes package cannot be installed here")
            return []
        mine, usual = interleaved(
            lambda: BetaGeometricNBD().fit(known.frequency, known.recency, known.age), theirs, rounds=5
        )
    return [row("bgnbd-speed", 1 / mine, 1 / usual, goal=TIMES, better="higher")]


@contextlib.contextmanager
def _library(folder: Path, known: Known) -> Iterator[Callable[[], str] | None]:
    """A call that fits the package once, in a process of its own that is ready and waits; None where it
    cannot be installed."""
    python = folder / "bin" / "python"
    made = (
        subprocess.run([sys.executable, "-m", "venv", folder], check=False, capture_output=True).returncode
        == 0
    )
    install = [python, "-m", "pip", "install", "-q", *THEIRS]
    if not made or subprocess.run(install, check=False, capture_output=True).returncode:
        yield None
        return
    np.savez(folder / "known.npz", frequency=known.frequency, recency=known.recency, age=known.age)
    command = [python, "-c", FIT, folder / "known.npz"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        requests, answers = process.stdin, process.stdout
        assert requests is not None
        assert answers is not None

        def fit() -> str:
            requests.write("fit\n")
            requests.flush()
            return answers.readline()

        yield fit if answers.readline().strip() == "ready" else None
        requests.close()


def _buys() -> list[dict[str, Any]]:
    _import()
    end = facts_until()
    windows = TrainingWindows(end, 0)
    samples = [windows.at(end - timedelta(days=DAYS * k)) for k in range(WINDOWS, 0, -1)]
    keys = windows.features_known_at([sample.as_of for sample in samples])
    earlier = [
        TrainingWindow(sample.with_columns(keys).values, (sample.next_order < DAYS).astype(float))
        for sample in samples
    ]
    columns = Columns(keys, np.array([FEATURES[key].skewed for key in keys]), float(DAYS))
    trained = train(earlier, windows.today.with_columns(keys).values, columns, 0)
    champion = next(row for row in trained.candidates if row.name == trained.champion)
    low, high = champion.interval
    print(
        f"buys-91: {trained.champion} {champion.auc:.4f} ({low:.4f} to {high:.4f}), calibration error "
        f"{champion.calibration_error:.4f}"
    )
    return [
        row("buys-91-auc", champion.auc, AUC, goal=1.0, better="higher"),
        row("buys-91-ece", champion.calibration_error, ECE, goal=1.0),
    ]


def _import() -> None:
    """The full file as orders of one line, through the ordinary import."""
    customer, day, dollars = purchases(MASTER)
    dates = np.datetime_as_string(day.astype("datetime64[D]"))
    lines = ["InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"]
    lines += [
        f"{i},CD,CD,1,{date} 12:00:00,{price:.2f},{who},USA"
        for i, (who, date, price) in enumerate(
            zip(customer.tolist(), dates.tolist(), dollars.tolist(), strict=True), start=1
        )
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cdnow.csv"
        path.write_text("\n".join(lines) + "\n")
        with path.open("rb") as file:
            imports.import_file(import_id=imports.take_file(file=file, filename=path.name, by=None).pk)
