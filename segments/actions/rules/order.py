"""The order in which rules are evaluated: each after those that it refers to."""

from __future__ import annotations

from collections.abc import Iterable

from segments.models import Rule


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """Each rule after the rules of the segments it refers to. There are no circles: `save_rule` refuses
    them."""
    waiting = {rule.segment_id: rule for rule in rules}
    ordered: list[Rule] = []

    def take(pk: int) -> None:
        rule = waiting.pop(pk, None)
        if rule is not None:
            for reference in sorted(rule.references):
                take(reference)
            ordered.append(rule)

    for pk in sorted(waiting):
        take(pk)
    return ordered


def with_references(rule: Rule) -> list[Rule]:
    """The rule, after all that it depends on."""
    known = {other.segment_id: other for other in Rule.objects.in_force()} | {rule.segment_id: rule}
    needed: dict[int, Rule] = {}
    waiting = {rule.segment_id}
    while waiting:
        pk = waiting.pop()
        if pk in known and pk not in needed:
            needed[pk] = known[pk]
            waiting.update(known[pk].references)
    return in_order(needed.values())
