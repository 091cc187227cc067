"""Whether a prediction treats demographic groups alike: the rows of the estimator card, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import sqrt
from statistics import NormalDist
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from backoffice.templatetags.formats import money_rounded, number, percent
from predictions.models import PredictionKind, PredictionRun
from predictions.presenters.wording import TRAITS, group_name

CERTAIN = 0.01  # how often chance alone may find a group that is treated unlike the others where none is
MONEY_WORTH_SAYING = 0.1
WORTH_SAYING = 0.02  # of probability: less makes no difference to anybody
MUCH_WORSE = 0.05  # of AUC


def groups_compared(run: PredictionRun) -> list[dict[str, Any]]:
    """Of each group of the test period {trait, name, customers, foretold, came, auc, off}. `off`: by how much
    more of what was foretold came in it than in all groups of the trait, in the unit of the prediction, where
    that is more than chance; else 0."""
    found: list[dict[str, Any]] = run.card.get("fairness", [])
    beyond = NormalDist().inv_cdf(
        1 - CERTAIN / 2 / max(len(found), 1)
    )  # as many groups, as many chances (Bonferroni)
    rows = []
    for trait, of_trait in groupby(found, lambda row: row["trait"]):
        groups = list(of_trait)
        usual = _mean_gap(groups)
        least = _worth_saying(run, groups)
        rows += [
            row
            | {
                "trait": _(TRAITS[trait]),
                "name": group_name(trait, row["name"]),
                "off": _off(row, usual, beyond, least),
                "foretold": _told(run, row["mean"]),
                "came": _told(run, row["observed"]),
            }
            for row in groups
        ]
    return rows


def _mean_gap(groups: Sequence[Mapping[str, Any]]) -> float:
    customers = sum(row["customers"] for row in groups)
    return sum(row["customers"] * (row["observed"] - row["mean"]) for row in groups) / max(customers, 1)


def _worth_saying(run: PredictionRun, groups: Sequence[Mapping[str, Any]]) -> float:
    """Of money a tenth of what came on average, of probabilities WORTH_SAYING."""
    if run.kind != PredictionKind.LIFETIME:
        return WORTH_SAYING
    return (
        MONEY_WORTH_SAYING
        * sum(row["customers"] * row["observed"] for row in groups)
        / sum(row["customers"] for row in groups)
    )


def _told(run: PredictionRun, value: float) -> str:
    return money_rounded(value, run.currency) if run.kind == PredictionKind.LIFETIME else percent(value, 1)


def _off(row: Mapping[str, Any], usual: float, beyond: float, least: float) -> float:
    gap = row["observed"] - row["mean"] - usual
    by_chance = row.get("chance") or sqrt(
        max(row["mean"] * (1 - row["mean"]), 1e-9) / max(row["customers"], 1)
    )
    return gap if abs(gap) >= max(beyond * by_chance, least) else 0.0


def verdict(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Sentences about `rows`, as `groups_compared` gives them; none without any."""
    if not rows:
        return []
    off = [row for row in rows if row["off"]]
    said = [
        _gaps(off)
        if off
        else _("Alike: but for chance, what was foretold came in each group as in the others.")
    ]
    ranked = [row for row in rows if row["auc"] is not None]
    best, worst = (choose(ranked, key=lambda row: row["auc"], default=None) for choose in (max, min))
    if best and worst and best["auc"] - worst["auc"] >= MUCH_WORSE:
        said.append(
            _("It ranks %(worst)s worst (AUC %(low)s) and %(best)s best (%(high)s).")
            % {
                "worst": _named(worst),
                "low": number(worst["auc"], 2),
                "best": _named(best),
                "high": number(best["auc"], 2),
            }
        )
    return said


def _gaps(off: Sequence[Mapping[str, Any]]) -> str:
    told = [
        _("%(group)s (%(foretold)s foretold, %(came)s came)")
        % {"group": _named(row), "foretold": row["foretold"], "came": row["came"]}
        for row in off
    ]
    return _("Not alike, by more than chance: %s. Look at them before you act on the prediction.") % pgettext(
        "between two values", ", "
    ).join(told)


def _named(row: Mapping[str, Any]) -> str:
    return _("%(trait)s: %(name)s") % {"trait": row["trait"], "name": row["name"]}
