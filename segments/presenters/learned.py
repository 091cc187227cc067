"""How well a segment was learned: the sentence, remarks, pictures."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.templatetags.formats import number, percent
from profiles.datasets.features import BY_KEY
from segments.colours import ACCENT, NEUTRAL
from segments.models import LearnedMetrics, LearnedPlan, Likeness, Method


def learned_finding(learned: LearnedMetrics, size: int) -> str:
    if not learned.promises:
        return ngettext(
            "%(size)s customer is most like the %(examples)s examples without being among them.",
            "%(size)s customers are most like the %(examples)s examples without being among them.",
            size,
        ) % {"size": number(size), "examples": number(learned.examples)}
    return ngettext(
        "%(size)s customer is most like the %(examples)s examples: of customers that look like this one, "
        "%(precision)s were "
        "examples when it was tried, where %(base)s would be chance.",
        "%(size)s customers are most like the %(examples)s examples: of customers that look like these, "
        "%(precision)s were "
        "examples when it was tried, where %(base)s would be chance.",
        size,
    ) % {
        "size": number(size),
        "examples": number(learned.examples),
        "precision": percent(learned.precision),
        "base": percent(learned.base, 1),
    }


def remarks(plan: LearnedPlan, learned: LearnedMetrics) -> list[str]:
    """What the AUC does not say: examples that do not count, and what the grouping of the examples was made
    of."""
    notes = []
    if (missing := learned.given - learned.examples) > 0:
        notes.append(
            ngettext(
                "%(n)s example does not count: somebody who opted out of personalisation, a second record of "
                "the same person, or one who "
                "was not yet a customer at the moment that is learned from.",
                "%(n)s examples do not count: people who opted out of personalisation, second records of the "
                "same person, or some who "
                "were not yet customers at the moment that is learned from.",
                missing,
            )
            % {"n": number(missing)}
        )
    if plan.precision:
        notes.append(
            _("As many as are right in %s of cases together: the next ones would be right less often.")
            % percent(plan.precision)
        )
    if left_out := learned.left_out:
        notes.append(
            _("Left out, because the rule of the examples uses it or gives it away: %s.")
            % ", ".join(str(BY_KEY[key].title) for key in left_out)
        )
    elif plan.segment and plan.segment.method != Method.RULE:
        notes.append(
            _(
                "The examples were grouped by these features: a nearly perfect ranking has learned the "
                "grouping again."
            )
        )
    return notes


def learned_charts(learned: LearnedMetrics, likeness: Likeness) -> dict[str, Any]:
    """What the ranking goes by, and how often its best-ranked customers are examples."""
    strongest = sorted(likeness.importance.items(), key=lambda item: -item[1])[:10]
    importance = [round(100 * loss, 2) for _key, loss in strongest]
    ranking = [[100 * point.share, point.precision] for point in learned.curve]
    chance = [[100 * point.share, round(learned.base, 4)] for point in learned.curve]
    return {
        "importance": {
            "categories": [str(BY_KEY[key].title) for key, _loss in strongest],
            "format": "number",
            "horizontal": True,
            "x": _("what the ranking loses without it (points of AUC)"),
            "series": [{"name": _("importance"), "values": importance, "colour": ACCENT}],
        },
        "curve": {
            "x": _("best-ranked customers, %"),
            "y": _("share that were examples"),
            "format": "percent",
            "series": [
                {"name": _("learned ranking"), "points": ranking, "colour": ACCENT},
                {"name": _("chance"), "points": chance, "colour": NEUTRAL, "dashed": True},
            ],
        },
    }
