"""How the number of groups was chosen: in words that hold for this shop, and as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import number, percent
from segments.algorithms.clustering import SMALLEST_SHARE, STABLE
from segments.number_of_groups import NumberOfGroups


def how_chosen(chosen: NumberOfGroups) -> str:
    """The criterion, or that no number of groups meets it and which was taken instead; and what is next."""
    return " ".join(filter(None, [_chosen_by(chosen), _next_best(chosen)]))


def _next_best(chosen: NumberOfGroups) -> str:
    other, best = chosen.runner_up, chosen.best
    if other is None:
        return ""
    return _(
        "Next comes %(k)s groups: stability %(stability)s (against %(best_stability)s), silhouette "
        "%(silhouette)s (against %(best_silhouette)s)."
    ) % {
        "k": number(other.k),
        "stability": number(other.stability, 2),
        "silhouette": number(other.silhouette, 2),
        "best_stability": number(best.stability, 2),
        "best_silhouette": number(best.silhouette, 2),
    }


def _chosen_by(chosen: NumberOfGroups) -> str:
    words = {"stable": number(STABLE, 2), "smallest": percent(SMALLEST_SHARE)}
    best = chosen.best
    if best.eligible:
        return (
            _(
                "The number of groups is the one that reappears on resampled customers (stability at least "
                "%(stable)s), leaves no group below %(smallest)s, and separates best (silhouette)."
            )
            % words
        )
    close = STABLE - 0.005 <= best.stability < STABLE  # two decimals would say that it is stable
    return _(
        "No number of groups reappears on resampled customers with a stability of at least %(stable)s and "
        "no group below %(smallest)s. The most stable was taken: %(k)s groups, stability %(found)s, the "
        "smallest %(least)s. Read the groups with care."
    ) % (
        words
        | {
            "k": number(best.k),
            "found": number(best.stability, 3 if close else 2),
            "least": percent(best.smallest_share, 1),
        }
    )


def chosen_by_person(chosen: NumberOfGroups, wanted: int | None) -> bool:
    """Whether the number in force is one that a person chose, now (`wanted`) or before."""
    return chosen.k == wanted or chosen.k != chosen.best.k


def criteria_chart(chosen: NumberOfGroups, *, mark: str = "") -> dict[str, Any]:
    """The criteria by the number of groups; the one in force is marked with the word `mark`."""
    label = mark or _("chosen")
    if chosen.criterion == "bic":
        curves = [(_("Bayesian information criterion"), [row.bic for row in chosen.candidates])]
        return _chart(chosen, label, curves) | {"y": _("per customer; lower is better"), "format": "number"}
    curves = [
        (_("stability"), [row.stability for row in chosen.candidates]),
        (_("silhouette"), [row.silhouette for row in chosen.candidates]),
        (_("smallest group's share"), [row.smallest_share for row in chosen.candidates]),
    ]
    return _chart(chosen, label, curves) | {"y": _("score from 0 to 1")}


def inertia_chart(chosen: NumberOfGroups) -> dict[str, Any]:
    """The mean squared distance to the centre of the own group, by the number of groups."""
    curves = [(_("inertia"), [row.inertia for row in chosen.candidates])]
    return _chart(chosen, _("chosen"), curves)


def _chart(
    chosen: NumberOfGroups, label: str, curves: Sequence[tuple[str, Sequence[float | None]]]
) -> dict[str, Any]:
    return {
        "x": _("number of groups"),
        "format": "ratio",
        "integers": True,
        "mark": {"x": chosen.k, "label": label},
        "series": [
            {
                "name": name,
                "points": [
                    [row.k, round(value, 3)]
                    for row, value in zip(chosen.candidates, values, strict=True)
                    if value is not None
                ],
            }
            for name, values in curves
        ],
    }
