"""What a rule may cost."""

from __future__ import annotations

import pytest
from django.db import InternalError

from backoffice.errors import Refused
from segments.actions.rules import limits
from segments.actions.rules.drafts import preview_rule
from segments.actions.rules.saving import save_rule
from shop.models import Customer
from tests.planted import EACH
from tests.segments.actions.rules.rules import OFTEN


def test_an_expensive_rule_is_refused_before_it_runs(shop, mara, monkeypatch):
    monkeypatch.setattr(limits.expect_affordable, "__kwdefaults__", {"most": 1.0})
    with pytest.raises(Refused, match="too expensive"):
        preview_rule(tree=OFTEN, by=mara)


def test_a_slow_rule_is_stopped_and_leaves_the_session_as_it_was(shop, mara):
    with pytest.raises(Refused, match="takes too long"):
        limits.read_only("SELECT pg_sleep(5)", {}, patience_ms=50)
    ((timeout, mode),) = limits.read_only(
        "SELECT current_setting('statement_timeout'), current_setting('transaction_read_only')",
        {},
        patience_ms=7000,
    )
    assert (timeout, mode) == ("7s", "on")
    assert (
        save_rule(tree=OFTEN, name="Regulars", by=mara).members().count() == EACH
    )  # writing goes on after reading only


def test_a_rule_cannot_write(shop):
    with pytest.raises(InternalError, match="read-only"):
        limits.read_only("DELETE FROM shop_customer", {})
    assert Customer.objects.count() == 3 * EACH
