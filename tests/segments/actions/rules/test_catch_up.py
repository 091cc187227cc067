"""Counters and members follow what arrives, and nothing that arrived is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import datetime

import pytest
from django.db import connection, transaction

from backoffice.runner import _database_url
from profiles.models import CustomerCounters
from segments.actions.rules import catch_up as catching
from segments.actions.rules import catch_up as catching_up
from segments.actions.rules.catch_up import bring_up_to_date, catch_up, recount
from segments.actions.rules.saving import save_rule
from segments.models import RuleSize
from shop.actions.consents import record_consent
from shop.actions.personal_data import erase_customer
from shop.models import Customer, CustomerTouched
from tests.segments.actions.rules.arrivals import message, numbers, order, receive

pytestmark = pytest.mark.django_db


def figures():
    """All counters but when they were counted; moments to the second."""
    rows = CustomerCounters.objects.order_by("pk").values()
    return [{key: plain(value) for key, value in row.items() if key != "counted_at"} for row in rows]


def plain(value):
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    return round(value, 6) if isinstance(value, float) else value


def test_increments_and_a_full_count_agree(planted, ada, tea):
    recount()
    receive(
        ada,
        order("N1", "loyal-3"),
        order("N2", "somebody-new"),
        message("Product Viewed", "lost-1", product_id="TEA"),
        message("Order Refunded", "loyal-3", order_id="N1"),
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
    receive(ada, message("Product Viewed", "C1", **view), message("Product Viewed", "C2", **view))
    catch_up()
    assert numbers(segment) == set()
    receive(ada, message("Product Viewed", "C1", n=2, **view))
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


def test_before_use_everything_that_arrived_is_applied(ada):
    buyers = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    both = save_rule(tree={"field": "segment", "op": "in", "value": [buyers.pk]}, name="Both", by=ada)
    receive(ada, order("N1"))
    bring_up_to_date(both)
    assert numbers(both) == numbers(buyers) == {"C1"}
    assert not CustomerTouched.objects.exists()


def test_who_waits_at_a_page_does_not_wait_for_what_keeps_arriving(ada, monkeypatch):
    buyers = save_rule(tree={"field": "frequency", "op": ">=", "value": 1}, name="Buyers", by=ada)
    receive(ada, order("N1"))
    catch_up()
    apply, rounds = catching._apply_touched, []
    pk = Customer.objects.get(external_id="C1").pk
    CustomerTouched.objects.add([pk])

    def and_more_arrives(**how):
        rounds.append(apply(**how))
        CustomerTouched.objects.add([pk])
        return rounds[-1]

    monkeypatch.setattr(catching, "_apply_touched", and_more_arrives)
    assert bring_up_to_date(buyers) == 1  # still to come
    assert len(rounds) == 1
    monkeypatch.setattr(catching, "CATCH_UP_SECONDS", 0)
    assert bring_up_to_date(buyers) == 1
    assert len(rounds) == 1


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
    counters = CustomerCounters.objects.get()
    assert (counters.customer.external_id, counters.frequency) == ("C1", 1)
    erase_customer(by=ada, customer=Customer.objects.get(external_id="C1"))
    catch_up()
    assert CustomerCounters.objects.get().customer.external_id == "C2"


def test_who_is_erased_is_no_longer_counted(planted, ada):
    recount()
    segment = save_rule(tree={"field": "frequency", "op": ">=", "value": 2}, name="Again", by=ada)
    erase_customer(by=ada, customer=Customer.objects.get(pk=planted["loyal"][0]))
    assert catch_up() == 1
    assert RuleSize.objects.get(segment=segment).size == segment.members().count() == 79


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
    assert CustomerTouched.objects.values("customer").distinct().count() == 2
    while catch_up() == 0:
        time.sleep(0.1)  # the database has not yet noticed that the worker is gone
    assert numbers(segment) == {"C1", "C2"}
    assert not CustomerTouched.objects.exists()
