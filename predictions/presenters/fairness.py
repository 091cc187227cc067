"""Whether a prediction treats demographic groups alike: the rows of the estimator card, and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import NormalDist

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from backoffice.templatetags.formats import country, money_rounded, percent
from predictions.cards import GroupMetrics
from predictions.models import PredictionKind, PredictionRun

SIGNIFICANCE = 0.01  # how often chance alone may find a group that is treated unlike the others where none is
LEAST_MONEY = 0.1  # of the observed mean
LEAST_PROBABILITY = 0.02  # less makes no difference to anybody
FEWEST_CUSTOMERS = 30  # in a group; of fewer, the standard error itself is unknown, and no verdict is given
MUCH_WORSE = 0.05  # of AUC

TRAITS = {
    "gender": gettext_noop("Gender"),
    "age": gettext_noop("Age"),
    "income": gettext_noop("Income level"),
    "country": gettext_noop("Country"),
}
GROUPS = {
    "women": gettext_noop("women"),
    "men": gettext_noop("men"),
    "1": gettext_noop("low"),
    "2": gettext_noop("middle"),
    "3": gettext_noop("high"),
}


@dataclass(frozen=True)
class ComparedGroup:
    """One group of the test, in the reader's language. `off`: by how much more was observed than predicted in
    it than in all groups of the trait, in the unit of the prediction, where that is more than chance; else
    0, as in a group of less than FEWEST_CUSTOMERS."""

    trait: str
    name: str
    customers: int
    predicted: str
    observed: str
    off: float
    auc: float | None

    @property
    def title(self) -> str:
        """For example "Gender: women"."""
        return _("%(trait)s: %(name)s") % {"trait": self.trait, "name": self.name}


def compared_groups(run: PredictionRun) -> list[ComparedGroup]:
    """The groups of the run's test, trait by trait."""
    found = run.card.fairness
    # as many groups, as many chances (Bonferroni)
    beyond = NormalDist().inv_cdf(1 - SIGNIFICANCE / 2 / max(len(found), 1))
    rows = []
    for trait, of_trait in groupby(found, lambda group: group.trait):
        groups = list(of_trait)
        mean, least = _mean_gap(groups), _least(run, groups)
        rows += [
            ComparedGroup(
                trait=_(TRAITS[trait]),
                name=_name(group),
                customers=group.customers,
                predicted=_shown(run, group.predicted),
                observed=_shown(run, group.observed),
                off=_off(group, mean, beyond, least),
                auc=group.auc,
            )
            for group in groups
        ]
    return rows


def _name(group: GroupMetrics) -> str:
    if group.trait == "country":
        return country(group.name)
    return _(GROUPS[group.name]) if group.name in GROUPS else group.name


def _mean_gap(groups: Sequence[GroupMetrics]) -> float:
    customers = sum(group.customers for group in groups)
    gaps = sum(group.customers * (group.observed - group.predicted) for group in groups)
    return gaps / max(customers, 1)


def _least(run: PredictionRun, groups: Sequence[GroupMetrics]) -> float:
    """The smallest gap worth naming: of money a tenth of the observed mean, of probabilities
    LEAST_PROBABILITY."""
    if run.kind != PredictionKind.LIFETIME:
        return LEAST_PROBABILITY
    observed = sum(group.customers * group.observed for group in groups)
    return LEAST_MONEY * observed / sum(group.customers for group in groups)


def _shown(run: PredictionRun, value: float) -> str:
    return money_rounded(value, run.currency) if run.kind == PredictionKind.LIFETIME else percent(value, 1)


def _off(group: GroupMetrics, mean: float, beyond: float, least: float) -> float:
    if group.customers < FEWEST_CUSTOMERS:
        return 0.0
    gap = group.observed - group.predicted - mean
    return gap if abs(gap) >= max(beyond * group.standard_error, least) else 0.0


def verdict(groups: Sequence[ComparedGroup]) -> list[str]:
    """Sentences about `groups`, as `compared_groups` gives them; none without any."""
    if not groups:
        return []
    off = [group for group in groups if group.off]
    alike = _("Alike: but for chance, predictions were as accurate in each group as in the others.")
    found = [_gaps(off) if off else alike]
    ranked = [(group.auc, group) for group in groups if group.auc is not None]
    if ranked:
        (high, best), (low, worst) = (choose(ranked, key=lambda pair: pair[0]) for choose in (max, min))
        if high - low >= MUCH_WORSE:
            found.append(
                _(
                    "Within the group “%(worst)s” it puts %(low)s of pairs in the right order, the fewest; "
                    "within “%(best)s” %(high)s, the most."
                )
                % {
                    "worst": worst.title,
                    "low": percent(low),
                    "best": best.title,
                    "high": percent(high),
                }
            )
    return found


def _gaps(off: Sequence[ComparedGroup]) -> str:
    named = [
        _("%(group)s (%(predicted)s predicted, %(observed)s observed)")
        % {"group": group.title, "predicted": group.predicted, "observed": group.observed}
        for group in off
    ]
    return _("Not alike, by more than chance: %s. Look at them before you act on the prediction.") % pgettext(
        "between two values", ", "
    ).join(named)
