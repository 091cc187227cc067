"""Counters and members follow what arrives, and nothing that arrived is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from backoffice.runner import _database_url
from intake.actions.events import ingest
from profiles.actions.counters import count_everybody
from profiles.models import CustomerCounters
from segments.actions.proposals import accept_proposal, choose_number_of_groups
from segments.actions.refresh import refresh_segments
from segments.actions.rules import catch_up as catching_up
from segments.actions.rules.catch_up import bring_up_to_date, catch_up, recount
from segments.actions.rules.evaluation import re_evaluate_rules
from segments.actions.rules.saving import save_rule
from segments.models import Method, Proposal, Rule, RuleSize, Segment
from segments.rules.tree import parse_stored
from segments.rules.wording import RuleWording
from shop.actions.consents import record_consent
from shop.actions.personal_data import erase_customer
from shop.models import Customer, CustomerTouched, Order
from tests.factories import CustomerFactory
from tests.planted import EACH, TODAY, buy

pytestmark = pytest.mark.django_db


def said(event, user="C1", **properties):
    return {
        "type": "track",
        "event": event,
        "userId": user,
        "messageId": f"{event}{user}{properties}",
        "properties": properties,
    }


def receive(by, *messages):
    return ingest(by=by, messages=list(messages), received_at=timezone.now())


def order(number, user="C1", price=20):
    return said(
        "Order Completed",
        user,
        order_id=number,
        currency="GBP",
        products=[{"product_id": "TEA", "category": "Drinks", "price": price, "quantity": 1}],
    )


def figures():
    """All counters but when they were counted; moments to the second."""
    rows = CustomerCounters.objects.order_by("pk").values()
    return [{key: plain(value) for key, value in row.items() if key != "counted_at"} for row in rows]


def plain(value):
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    return round(value, 6) if isinstance(value, float) else value


def numbers(segment):
    return set(segment.members().values_list("external_id", flat=True))


def test_the_first_few_that_arrive_are_shares_of_everybody(planted, ada, tea):
    """After the demo was emptied nobody has been counted yet."""
    segment = save_rule(name="Any order", tree={"field": "frequency", "op": ">=", "value": 1}, by=ada)
    for number in ("N1", "N2"):
        receive(ada, order(number, f"new-{number}"))
        catch_up()
    size = RuleSize.objects.get(segment=segment)
    assert (size.size, size.share) == (122, 1.0)


def test_increments_and_a_full_count_agree(planted, ada, tea):
    recount()
    receive(
        ada,
        order("N1", "loyal-3"),
        order("N2", "somebody-new"),
        said("Product Viewed", "lost-1", product_id="TEA"),
        said("Order Refunded", "loyal-3", order_id="N1"),
    )
    catch_up()
    counted = figures()
    assert CustomerCounters.objects.get(customer__external_id="somebody-new").frequency == 1
    assert CustomerCounters.objects.get(customer__external_id="lost-1").page_views == 1
    recount()
    assert figures() == counted


def test_an_event_changes_the_members_at_once(ada):
    segment = save_rule(
        tree={"field": "event.view", "op": ">=", "value": 2, "days": 14, "where": {"category": ["Drinks"]}},
        name="Thirsty",
        by=ada,
    )
    view = {"product_id": "TEA", "category": "Drinks"}
    receive(ada, said("Product Viewed", "C1", **view), said("Product Viewed", "C2", **view))
    catch_up()
    assert numbers(segment) == set()
    receive(ada, said("Product Viewed", "C1", n=2, **view))
    assert catch_up() == 1
    assert numbers(segment) == {"C1"}
    assert RuleSize.objects.get(segment=segment).size == 1


def test_consent_and_attributes_count_too(ada):
    agreed, french = (
        {"field": "consent.email", "op": "=", "value": True},
        {"field": "person.country", "op": "=", "value": "France"},
    )
    segment = save_rule(tree={"all": [agreed, french]}, name="French mail", by=ada)
    receive(
        ada,
        {"type": "identify", "userId": "C1", "messageId": "1", "traits": {"address": {"country": "France"}}},
    )
    catch_up()
    assert numbers(segment) == set()
    record_consent(
        by=ada,
        customer=Customer.objects.get(),
        channel="email",
        granted=True,
        purpose="marketing",
        note="by phone",
    )
    catch_up()
    assert numbers(segment) == {"C1"}


def test_a_kill_before_the_commit_loses_nothing(ada):
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    receive(ada, order("N1"))
    with transaction.atomic():
        assert catch_up() == 1
        transaction.set_rollback(True)  # what the database does when the process dies before the commit
    assert numbers(segment) == set()
    assert CustomerTouched.objects.exists()
    assert catch_up() == 1
    assert numbers(segment) == {"C1"}
    assert not CustomerTouched.objects.exists()


def test_many_batches_and_everybody_at_once_come_to_the_same(planted, ada, monkeypatch):
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 2}, name="Again", by=ada)
    CustomerTouched.objects.add(Customer.objects.values_list("pk", flat=True))
    monkeypatch.setattr(catching_up, "BATCH", 7)
    catch_up()
    in_batches = numbers(segment), figures()
    CustomerCounters.objects.all().delete()
    CustomerTouched.objects.add(Customer.objects.values_list("pk", flat=True))
    monkeypatch.setattr(catching_up, "EVERYBODY", 7)
    catch_up()
    assert (numbers(segment), figures()) == in_batches
    assert len(numbers(segment)) == len(planted["loyal"]) + len(planted["lost"])


def test_time_alone_moves_people_out(ada, tea):
    buy(CustomerFactory(external_id="C1"), tea, timezone.now() - timedelta(days=13), Decimal(9))
    recount()
    segment = save_rule(tree={"field": "recency", "op": "<", "value": 14}, name="Fresh", by=ada)
    assert numbers(segment) == {"C1"}
    Order.objects.update(placed_at=timezone.now() - timedelta(days=15))
    CustomerCounters.objects.update(
        last_order_at=timezone.now() - timedelta(days=15)
    )  # as if two days had passed
    assert re_evaluate_rules() == {"rules": 1, "joined": 0, "left": 1}
    assert numbers(segment) == set()


def test_rules_that_ask_about_rules_follow_in_order(ada):
    buyers = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    others = save_rule(tree={"field": "segment", "op": "not in", "value": [buyers.pk]}, name="Others", by=ada)
    Rule.objects.filter(segment=buyers).update(changed_at=timezone.now())  # the order of the rows is no help
    receive(
        ada, said("Product Viewed", "C1", product_id="TEA"), said("Product Viewed", "C2", product_id="TEA")
    )
    catch_up()
    assert (numbers(buyers), numbers(others)) == (set(), {"C1", "C2"})
    receive(ada, order("N1"))
    catch_up()
    assert (numbers(buyers), numbers(others)) == ({"C1"}, {"C2"})


def test_before_use_everything_that_arrived_is_applied(ada):
    buyers = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    both = save_rule(tree={"field": "segment", "op": "in", "value": [buyers.pk]}, name="Both", by=ada)
    receive(ada, order("N1"))
    bring_up_to_date(both)
    assert numbers(both) == numbers(buyers) == {"C1"}
    assert not CustomerTouched.objects.exists()


def test_people_who_share_an_address_are_one(ada):
    receive(
        ada,
        *(
            {"type": "identify", "userId": user, "messageId": user, "traits": {"email": "Same@example.com"}}
            for user in ("C1", "C2")
        ),
        order("N1", "C2"),
    )
    catch_up()
    one = CustomerCounters.objects.get()
    assert (one.customer.external_id, one.frequency) == ("C1", 1)
    erase_customer(by=ada, customer=Customer.objects.get(external_id="C1"))
    catch_up()
    assert CustomerCounters.objects.get().customer.external_id == "C2"


def test_a_rule_that_fails_keeps_its_members_and_says_so(ada):
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


def test_who_is_erased_is_no_longer_counted(planted, ada):
    recount()
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 2}, name="Again", by=ada)
    erase_customer(by=ada, customer=Customer.objects.get(pk=planted["loyal"][0]))
    assert catch_up() == 1
    assert RuleSize.objects.get(segment=segment).size == segment.members().count() == 79


def test_sizes_are_kept_a_day_each(planted, ada):
    recount()
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 2}, name="Again", by=ada)
    RuleSize.objects.update(day=datetime(2026, 1, 1, tzinfo=UTC).date())
    recount()
    assert [size.size for size in RuleSize.objects.filter(segment=segment)] == [80, 80]


@pytest.mark.django_db(transaction=True)
def test_facts_arrive_while_others_are_applied(ada):
    """Whoever writes facts does not wait for whoever applies them, and what they wrote is applied by the next
    look."""
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    receive(ada, order("N1"))
    done, beside = threading.Event(), []

    def write() -> None:
        try:
            receive(ada, order("N2", "C1"), order("N3", "C2"))
            beside.append(catch_up())
        finally:
            connection.close()
            done.set()

    with transaction.atomic():
        assert catch_up() == 1
        threading.Thread(target=write).start()
        assert done.wait(20), "the writer waited for the reader"
    assert beside == [0]  # somebody was at it already: no worker waits for them
    assert catch_up() == 2
    assert numbers(segment) == {"C1", "C2"}
    assert CustomerCounters.objects.get(customer__external_id="C1").frequency == 2


HALF_DONE = """
import time
from django.db import transaction
from segments.actions.rules.catch_up import catch_up
with transaction.atomic():
    print("applied", catch_up(), flush=True)
    time.sleep(120)
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_half_way_leaves_everything_to_the_next(ada, settings):
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    receive(ada, order("N1"), order("N2", "C2"))
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v0", "-c", HALF_DONE],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DATABASE_URL": _database_url()},
    )
    assert worker.stdout.readline() == "applied 2\n"
    worker.kill()
    worker.communicate()
    assert numbers(segment) == set()
    assert CustomerTouched.objects.count() == 2
    while catch_up() == 0:
        time.sleep(0.1)  # the database has not yet noticed that the worker is gone
    assert numbers(segment) == {"C1", "C2"}
    assert not CustomerTouched.objects.exists()


def test_shares_are_of_everybody_there_is_now(ada):
    for n in range(4):
        receive(ada, order(f"A{n}", f"first-{n}"))
    catch_up()
    recount()
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    for n in range(6):
        receive(ada, order(f"B{n}", f"later-{n}"))
    catch_up()
    size = RuleSize.objects.get(segment=segment)
    assert (size.size, size.share) == (10, 1.0)
    erase_customer(by=ada, customer=Customer.objects.get(external_id="later-0"))
    catch_up()
    size = RuleSize.objects.get(segment=segment)
    assert (size.size, size.share) == (9, 1.0)


def test_many_arrivals_add_up_the_revenue_too(ada, monkeypatch):
    monkeypatch.setattr(catching_up, "MANY", 50)
    recount()
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    receive(ada, *[order(f"A{n}", f"C{n}", price=7) for n in range(catching_up.MANY)])
    catch_up()
    assert RuleSize.objects.get(segment=segment).revenue == 7 * catching_up.MANY


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


def test_revenue_follows_arrivals_one_by_one(planted, ada, tea):
    recount()
    often = save_rule(tree={"all": [{"field": "frequency", "op": ">=", "value": 3}]}, name="Often", by=ada)
    everybody = save_rule(
        tree={"all": [{"field": "frequency", "op": ">=", "value": 0}]}, name="Everybody", by=ada
    )

    def agree() -> None:
        catch_up()
        kept = {one.segment_id: one for one in RuleSize.objects.filter(day=timezone.now().date())}
        for segment in (often, everybody):
            now = kept[segment.pk]
            spent = segment.members().aggregate(all=Sum("counters__monetary"))["all"]
            assert now.size == segment.members().count()
            assert float(now.revenue) == pytest.approx(spent)
        assert kept[everybody.pk].revenue_share == pytest.approx(1)
        assert kept[often.pk].revenue_share == pytest.approx(
            float(kept[often.pk].revenue / kept[everybody.pk].revenue)
        )

    receive(ada, order("a1", user="new-0", price=500), order("a2", user="fresh", price=90))
    agree()
    receive(ada, *(order(f"b{n}", user="fresh", price=70) for n in range(3)))  # comes into a segment
    agree()
    RuleSize.objects.all().delete()  # another day
    receive(ada, said("Order Refunded", "fresh", order_id="a2"))
    agree()


def test_rules_that_ask_about_found_groups_follow_when_those_change(planted, mara):
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
    assert told(rule) == "Segment is one of Lost · Behaviour groups (k-means)"
    choose_number_of_groups(k=2, by=mara)
    refresh_segments(as_of=TODAY, fresh=True)
    proposal = Proposal.objects.pending().get()
    accept_proposal(proposal=proposal, by=mara)
    ended = lost not in Segment.objects.in_force()
    assert (
        told(rule)
        == f"Segment is one of {'“Lost”, which has ended' if ended else 'Lost · Behaviour groups (k-means)'}"
    )
    now = lost.members().count()
    assert (rule.members().count(), other.members().count()) == (now, 3 * EACH - now)
    assert RuleSize.objects.filter(segment=rule).latest("day").size == now


def told(segment) -> str:
    tree = parse_stored(segment.rule.tree)
    return RuleWording([tree]).sentence(tree)
