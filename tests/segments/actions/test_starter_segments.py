from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from profiles.actions.counters import count_everybody
from segments.actions.rules.saving import archive_rule, save_rule
from segments.actions.starter_segments import ensure_starter_segments
from segments.models import Method, Rule, Segment
from segments.playbooks import playbook_for
from segments.presenters.summaries import summary_of
from segments.rules.tree import parse_stored
from segments.rules.wording import RuleWording
from segments.starter_segments import STARTER_SEGMENTS, origin_of
from tests.planted import EACH, TODAY


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=True):
        yield


@pytest.fixture
def counted(planted) -> dict[str, list[int]]:
    count_everybody(as_of=TODAY)
    return planted


def members(slug: str) -> set[int]:
    return set(Segment.objects.get(method=Method.RULE, slug=slug).members().values_list("pk", flat=True))


def test_every_kind_has_its_rule_its_origin_and_its_playbook(counted):
    made = ensure_starter_segments(as_of=TODAY)
    assert {segment.slug for segment in made} == set(STARTER_SEGMENTS)
    assert all(origin_of(slug) and playbook_for(slug) for slug in STARTER_SEGMENTS)
    assert len({segment.colour for segment in made}) == len(STARTER_SEGMENTS)


def test_the_figures_come_from_the_shop(counted):
    ensure_starter_segments(as_of=TODAY)
    assert members("high-value") <= set(counted["loyal"])
    tree = Rule.objects.get(segment__slug="high-value").tree
    assert 1500 < tree["all"][0]["value"] < 2700  # twelve orders of about 180


def test_who_is_new_lost_and_loyal_is_told_apart(counted):
    ensure_starter_segments(as_of=TODAY)
    assert members("loyal") == set(counted["loyal"])
    assert members("lost") == set(counted["lost"])
    assert members("new") == set(counted["new"])


def test_what_a_person_changed_or_put_away_stays_so(counted, mara):
    ensure_starter_segments(as_of=TODAY)
    lost, new = (Segment.objects.get(method=Method.RULE, slug=slug) for slug in ("lost", "new"))
    archive_rule(segment=lost, by=mara)
    save_rule(
        tree={"all": [{"field": "frequency", "op": "=", "value": 1}]}, name="Firsts", segment=new, by=mara
    )
    assert ensure_starter_segments(as_of=TODAY) == []
    assert summary_of(lost) is None
    summary = summary_of(Segment.objects.get(pk=new.pk))
    assert (summary.segment.name, summary.size, summary.sentence) == ("Firsts", EACH, "Orders is 1")
    assert summary.description == "Orders is 1"  # what it was made for is no longer what it says


def test_no_description_promises_a_share_that_the_next_import_breaks(counted):
    ensure_starter_segments(as_of=TODAY)
    told = summary_of(Segment.objects.get(method=Method.RULE, slug="high-value")).description
    assert "when the segment was made" in told


def test_a_shop_with_few_buyers_waits(tea):
    count_everybody(as_of=TODAY)
    assert ensure_starter_segments(as_of=TODAY) == []


def test_the_rule_is_a_sentence_in_the_readers_figures(counted):
    ensure_starter_segments(as_of=TODAY)
    tree = parse_stored(Rule.objects.get(segment__slug="bargain-hunters").tree)
    assert (
        RuleWording([tree]).sentence(tree)
        == "Orders with a discount is at least 50% and Orders is at least 2"
    )
