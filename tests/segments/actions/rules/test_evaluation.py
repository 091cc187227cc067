"""Members are what the rules say, in the order of their references."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from profiles.actions.counters import count_everybody
from profiles.models import CustomerCounters
from segments.actions.proposals import accept_proposal, choose_number_of_groups
from segments.actions.refresh import refresh_segments
from segments.actions.rules.catch_up import catch_up, recount
from segments.actions.rules.evaluation import re_evaluate_rules
from segments.actions.rules.saving import save_rule
from segments.models import Method, Proposal, Rule, RuleSize, Segment
from segments.rules.tree import parse_stored
from segments.rules.wording import RuleWording
from shop.models import Order
from tests.factories import CustomerFactory
from tests.planted import EACH, TODAY, buy
from tests.segments.actions.rules.arrivals import message, numbers, order, receive

pytestmark = pytest.mark.django_db


def test_time_alone_moves_people_out(ada, tea):
    buy(CustomerFactory(external_id="C1"), tea, timezone.now() - timedelta(days=4), Decimal(9))
    recount()
    segment = save_rule(tree={"field": "recency", "op": "<", "value": 5}, name="Fresh", by=ada)
    assert numbers(segment) == {"C1"}
    Order.objects.update(placed_at=timezone.now() - timedelta(days=6))
    # as if two days had passed; after a week without orders the shop itself stands still
    CustomerCounters.objects.update(last_order_at=timezone.now() - timedelta(days=6))
    assert re_evaluate_rules() == {"rules": 1, "joined": 0, "left": 1}
    assert numbers(segment) == set()


def test_a_rule_that_fails_keeps_its_members_and_states_the_problem(ada):
    broken = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Broken", by=ada)
    sound = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Sound", by=ada)
    receive(ada, order("N1"))
    catch_up()
    Rule.objects.filter(segment=broken).update(
        tree={"all": [{"field": "no.longer.there", "op": "=", "value": 1}]}
    )
    receive(ada, order("N2", "C2"))
    catch_up()
    assert (numbers(broken), numbers(sound)) == ({"C1"}, {"C1", "C2"})
    assert Rule.objects.get(segment=broken).problem


def test_rules_about_rules_follow_in_order(ada):
    buyers = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    others = save_rule(tree={"field": "segment", "op": "not in", "value": [buyers.pk]}, name="Others", by=ada)
    Rule.objects.filter(segment=buyers).update(changed_at=timezone.now())  # the order of the rows is no help
    receive(
        ada,
        message("Product Viewed", "C1", product_id="TEA"),
        message("Product Viewed", "C2", product_id="TEA"),
    )
    catch_up()
    assert (numbers(buyers), numbers(others)) == (set(), {"C1", "C2"})
    receive(ada, order("N1"))
    catch_up()
    assert (numbers(buyers), numbers(others)) == ({"C1"}, {"C2"})


def test_rules_on_a_changed_rule_follow_at_once(ada):
    receive(ada, order("N1", "C1"), order("N2", "C2"), order("N3", "C2"))
    catch_up()
    inner = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    outer = save_rule(tree={"field": "segment", "op": "in", "value": [inner.pk]}, name="In buyers", by=ada)
    outermost = save_rule(tree={"field": "segment", "op": "in", "value": [outer.pk]}, name="In that", by=ada)
    assert numbers(outermost) == {"C1", "C2"}
    save_rule(
        tree={"field": "frequency", "op": ">=", "value": 2}, name="Buyers", segment=inner, by=ada, version=1
    )
    assert numbers(outer) == numbers(outermost) == {"C2"}


def test_rules_about_found_groups_follow_when_those_change(planted, mara):
    count_everybody()
    refresh_segments(as_of=TODAY)
    lost = Segment.objects.get(method=Method.KMEANS, slug="lost")
    rule = save_rule(
        tree={"all": [{"field": "segment", "op": "in", "value": [lost.pk]}]}, name="Theirs", by=mara
    )
    other = save_rule(
        tree={"not": [{"field": "segment", "op": "in", "value": [rule.pk]}]}, name="The others", by=mara
    )
    assert (rule.members().count(), other.members().count()) == (EACH, 2 * EACH)
    assert rule_sentence(rule) == "Segment is one of Lost · Behaviour groups (k-means)"
    choose_number_of_groups(k=2, by=mara)
    refresh_segments(as_of=TODAY, fresh=True)
    proposal = Proposal.objects.pending().get()
    accept_proposal(proposal=proposal, by=mara)
    ended = lost not in Segment.objects.in_force()
    assert (
        rule_sentence(rule)
        == f"Segment is one of {'“Lost”, which has ended' if ended else 'Lost · Behaviour groups (k-means)'}"
    )
    now = lost.members().count()
    assert (rule.members().count(), other.members().count()) == (now, 3 * EACH - now)
    assert RuleSize.objects.filter(segment=rule).latest("day").size == now


def rule_sentence(segment) -> str:
    tree = parse_stored(segment.rule.tree)
    return RuleWording([tree]).sentence(tree)
