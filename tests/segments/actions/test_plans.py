"""What staff set up has a name and an address of its own."""

from __future__ import annotations

import pytest

from backoffice.errors import Refused
from segments.actions.groupings import plan_grouping, withdraw_grouping
from segments.actions.plans import count_buyers, free_topic, run_each
from segments.models import Method
from tests.factories import GroupingPlanFactory

BUYING = ["recency", "frequency", "monetary", "tenure"]


def test_two_groupings_in_use_have_two_names(planted, mara):
    plan = plan_grouping(title="By buying", method=Method.KMEANS, features=BUYING, groups=2, by=mara)
    with pytest.raises(Refused, match="another name") as refusal:
        plan_grouping(title="by  Buying", method=Method.MIXTURE, features=BUYING, groups=2, by=mara)
    assert refusal.value.field == "title"
    withdraw_grouping(plan=plan, by=mara)
    plan_grouping(title="By buying", method=Method.MIXTURE, features=BUYING, groups=2, by=mara)


@pytest.mark.django_db
def test_a_topic_is_free_and_readable():
    assert free_topic("Spring sale") == "spring-sale"
    GroupingPlanFactory(topic="spring-sale")
    assert free_topic("Spring sale") == "spring-sale-2"
    assert free_topic("春季") == "customers"


def test_buyers_are_counted_up_to_what_is_needed(planted):
    assert (count_buyers(20), count_buyers(1000)) == (20, 120)


def test_a_plan_that_is_refused_does_not_stop_the_next():
    def run(plan: str) -> None:
        if plan == "bad":
            raise Refused("Too few customers.")

    assert run_each(["bad", "good"], run) == {"bad": "Too few customers.", "good": "done"}
