"""Association rules as sentences and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from backoffice.templatetags.formats import number, percent
from recommendations.models import AssociationRule

PICTURED = 12  # rules, or categories, in a picture


def rule_sentence(rule: AssociationRule) -> str:
    """For example: Of the orders with Shoes, 34 % also have Bags: 2.1 times as often as usual (210
    orders)."""
    values = {
        "antecedents": " + ".join(rule.antecedents),
        "consequent": rule.consequent,
        "confidence": percent(rule.confidence),
        "lift": number(rule.lift, 1),
        "count": number(rule.count),
    }
    if rule.kind == AssociationRule.Kind.VIEWED:
        sentence = _(
            "Of the customers who viewed %(antecedents)s, %(confidence)s bought %(consequent)s within 30 "
            "days: %(lift)s times as often as usual (%(count)s customers)."
        )
    else:
        sentence = _(
            "Of the orders with %(antecedents)s, %(confidence)s also have %(consequent)s: %(lift)s times as "
            "often as usual (%(count)s orders)."
        )
    return sentence % values


def lift_bars(rules: Sequence[AssociationRule]) -> dict[str, Any]:
    """A bar chart of the strongest rules, the longest bar first; of both directions of a rule the
    stronger."""
    by_items = {frozenset([*rule.antecedents, rule.consequent]): rule for rule in reversed(rules)}
    strongest = sorted(by_items.values(), key=lambda rule: rule.rank)[:PICTURED]
    shown = sorted(strongest, key=lambda rule: -rule.lift)
    return {
        "categories": [f"{' + '.join(rule.antecedents)} → {rule.consequent}" for rule in shown],
        "horizontal": True,
        "format": "number",
        "wide": True,
        "x": _("times as often as usual"),
        "series": [
            {
                "name": _("times as often as usual"),
                "values": [round(rule.lift, 2) for rule in shown],
                "colour": "#4F46E5",
            }
        ],
    }


def lift_heat_map(rules: Sequence[AssociationRule]) -> dict[str, Any] | None:
    """Lift by antecedent and consequent, of rules with one antecedent; None where there is hardly any."""
    pairs = [rule for rule in rules if len(rule.antecedents) == 1]
    rows = list(dict.fromkeys(rule.antecedents[0] for rule in pairs))[:PICTURED]
    columns = list(dict.fromkeys(rule.consequent for rule in pairs))[:PICTURED]
    if len(rows) < 2:
        return None
    return {
        "rows": rows,
        "columns": columns,
        "x": _("then"),
        "y": "",
        "narrow": True,
        "name": _("times as often as usual"),
        "format": "number",
        "values": [
            [columns.index(rule.consequent), rows.index(rule.antecedents[0]), round(rule.lift, 2)]
            for rule in pairs
            if rule.consequent in columns and rule.antecedents[0] in rows
        ],
    }
