from __future__ import annotations

import pytest

from segments.models import Flow
from segments.presenters.flows import (
    flow_url,
    flows_finding,
    former_name,
    moves_of,
    sankey_chart,
    sizes_before,
)
from tests.segments.presenters.unsaved import AS_OF, run, segment

CHAMPIONS, LOST = segment("Champions"), segment("Lost", pk=2)
BEFORE = run(published_at=AS_OF)


def flow(origin, destination, customers: int, runs: tuple[int | None, int | None] = (None, None)) -> Flow:
    return Flow(
        before_id=runs[0], after_id=runs[1], origin=origin, destination=destination, customers=customers
    )


FLOWS = [
    flow(CHAMPIONS, CHAMPIONS, 90),
    flow(CHAMPIONS, LOST, 8, runs=(3, 4)),
    flow(LOST, CHAMPIONS, 2),
    flow(None, LOST, 5),
]


def test_moves_are_from_one_group_to_another():
    assert [move.customers for move in moves_of(FLOWS)] == [8, 2, 5]


def test_the_finding_counts_who_changed_group_and_names_the_largest_flow():
    finding = flows_finding(BEFORE, FLOWS)
    assert "10 customers (10.0%)" in finding
    assert "most of them, 8, moved from Champions to Lost" in finding
    assert "1 customer (1.1%)" in flows_finding(BEFORE, [flow(LOST, LOST, 90), flow(LOST, CHAMPIONS, 1)])
    assert "Nobody changed group" in flows_finding(BEFORE, [flow(LOST, LOST, 90), flow(None, LOST, 9)])


def test_a_former_group_whose_name_another_one_bears_now():
    assert former_name(CHAMPIONS, {"Champions": 9}) == "the former “Champions”"
    assert former_name(CHAMPIONS, {"Champions": 1}) == "Champions"
    assert former_name(None, {}) == "not grouped before"


def test_the_page_of_a_flow_goes_by_its_runs_and_groups():
    assert flow_url(FLOWS[1]).endswith("/flows/3/4/1/2/")
    assert flow_url(flow(None, LOST, 5, runs=(3, 4))).endswith("/flows/3/4/0/2/")
    assert flow_url(FLOWS[0]) == "", "of a proposal"


def test_sizes_before_count_those_who_stayed_too():
    assert sizes_before(FLOWS) == {1: 98, 2: 2, None: 5}


@pytest.mark.django_db
def test_groups_of_before_and_of_now_are_nodes_of_two_sides():
    chart = sankey_chart(FLOWS, FLOWS)
    assert {node["id"] for node in chart["nodes"]} == {"0:1", "0:2", "0:", "1:1", "1:2"}
    assert [link["value"] for link in chart["links"]] == [90, 8, 2, 5]
    assert [bool(link["url"]) for link in chart["links"]] == [False, True, False, False]
    assert chart["nodes"][0]["name"] == "Champions", "the largest comes first"
