"""Flows between segments: names, the finding, the picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.templatetags.formats import number, percent
from segments.colours import NEUTRAL
from segments.datasets.memberships import NOBODY
from segments.models import Flow, Segment, SegmentRun

NamedFlow = tuple[Flow, str, str]  # the flow, where it comes from, where it goes to


def moves_of(flows: Iterable[Flow]) -> list[Flow]:
    """Those from one group to another."""
    return [flow for flow in flows if flow.origin_id != flow.destination_id]


def former_name(former: Segment | None, names: Mapping[str, int]) -> str:
    """The name of a group of before; `names` -> id of the groups of now: another one may bear the same
    name."""
    name = _name(former, before=True)
    return _("the former “%s”") % name if former and names.get(name, former.pk) != former.pk else name


def named_flows(shown: Iterable[Flow], found: Iterable[Flow]) -> list[NamedFlow]:
    """Each of `shown` with the names of where it comes from and goes to; `found` are all flows of the pair of
    runs."""
    names = {flow.destination.name: flow.destination.pk for flow in found if flow.destination}
    return [(flow, former_name(flow.origin, names), _name(flow.destination, before=False)) for flow in shown]


def _name(segment: Segment | None, *, before: bool) -> str:
    if segment:
        return segment.name
    return _("not grouped before") if before else _("no longer grouped")


def flow_url(flow: Flow) -> str:
    """The page of the customers behind it; "" for a flow that is not between two runs."""
    if not (flow.before_id and flow.after_id):
        return ""
    ends = [flow.origin_id or NOBODY, flow.destination_id or NOBODY]
    return reverse("segments:flow", args=[flow.before_id, flow.after_id, *ends])


def flows_finding(before: SegmentRun, found: list[Flow]) -> str:
    """How many customers moved since the run `before`, and the largest flow."""
    moves = moves_of(found)
    stayed = sum(flow.customers for flow in found if flow.origin_id == flow.destination_id)
    grouped = [flow for flow in moves if flow.origin_id and flow.destination_id]
    moved = sum(flow.customers for flow in grouped)
    words = {
        "day": date_format(localtime(before.published_at), "SHORT_DATETIME_FORMAT"),
        "n": number(moved),
        "share": percent(moved / max(moved + stayed, 1), 1),
    }
    if not moved:
        return _("Nobody changed group since %(day)s.") % words
    ((top, origin, destination),) = named_flows(grouped[:1], found)
    words |= {"most": number(top.customers), "from": origin, "to": destination}
    return (
        ngettext(
            "%(n)s customer (%(share)s) is in another group than on %(day)s, from %(from)s to %(to)s.",
            "%(n)s customers (%(share)s) are in another group than on %(day)s; most of them, %(most)s, moved "
            "from %(from)s to %(to)s.",
            moved,
        )
        % words
    )


def sizes_before(found: Iterable[Flow]) -> dict[int | None, int]:
    """Customers by the id of the segment they were in; None: in none."""
    sizes: dict[int | None, int] = {}
    for flow in found:
        sizes[flow.origin_id] = sizes.get(flow.origin_id, 0) + flow.customers
    return sizes


def sankey_chart(shown: Iterable[Flow], found: Iterable[Flow]) -> dict[str, Any]:
    """Groups of before on the left, groups of now on the right."""
    nodes: dict[str, dict[str, Any]] = {}
    links: list[dict[str, Any]] = []
    for flow, origin, destination in named_flows(shown, found):
        ends = []
        for side, (segment, name) in enumerate(((flow.origin, origin), (flow.destination, destination))):
            key = f"{side}:{segment.pk if segment else ''}"
            colour = segment.colour if segment else NEUTRAL
            nodes.setdefault(key, {"id": key, "name": name, "side": side, "colour": colour})
            ends.append(key)
        links.append({"source": ends[0], "target": ends[1], "value": flow.customers, "url": flow_url(flow)})
    weight: dict[str, int] = {}
    for link in links:
        for key in (link["source"], link["target"]):
            weight[key[1:]] = weight.get(key[1:], 0) + link["value"]
    # so that a group is opposite itself
    ordered = sorted(nodes.values(), key=lambda node: -weight[node["id"][1:]])
    return {"nodes": ordered, "links": links, "unit": _("customers")}
