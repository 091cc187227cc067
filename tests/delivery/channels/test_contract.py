"""What every channel of the registry promises.

A new channel adds a row to `PROVIDERS`: a provider that records what arrives, and how to make it unreachable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from delivery.channels import CHANNELS, Adapter, Fate, Letter, UnavailableError
from shop.models import Channel


@dataclass(frozen=True)
class Provider:
    """A provider of one channel as a test sees it."""

    address: Callable[[str], str]  # of a person
    refuse: Callable[[str, Fate], None]  # answer so to this person from now on
    break_down: Callable[[], None]  # no longer reachable
    received: Callable[[], list[str]]  # addresses, in order


@pytest.fixture
def email(post: Any, settings: Any) -> Provider:
    answers = {Fate.FAILED: "550 no such user", Fate.LATER: "451 try again later"}

    def break_down() -> None:
        settings.EMAIL_PORT = 1

    return Provider(
        address=lambda person: f"{person}@example.com",
        refuse=lambda person, fate: post.answers.update({person: answers[fate]}),
        break_down=break_down,
        received=lambda: post.recipients,
    )


PROVIDERS = {Channel.EMAIL: "email"}


@pytest.fixture(params=sorted(CHANNELS))
def channel(request: pytest.FixtureRequest) -> tuple[Callable[[], Adapter], Provider]:
    return CHANNELS[request.param], request.getfixturevalue(PROVIDERS[request.param])


def letter(to: str, number: int = 1) -> Letter:
    return Letter(
        f"delivery-{number}", to, "Hello", "Hello", "<p>Hello</p>", "https://shop.example/unsubscribe"
    )


def test_every_channel_is_tested() -> None:
    assert set(PROVIDERS) == set(CHANNELS)


def test_one_connection_carries_many_letters(channel: tuple[Callable[[], Adapter], Provider]) -> None:
    connect, provider = channel
    people = [provider.address(name) for name in ("ann", "bob", "cleo")]
    with connect() as adapter:
        assert [adapter.send(letter(to)).fate for to in people] == [Fate.SENT] * 3
    assert provider.received() == people


@pytest.mark.parametrize("fate", [Fate.FAILED, Fate.LATER])
def test_a_refusal_is_an_outcome_without_the_address_and_the_next_letter_goes_out(
    channel: tuple[Callable[[], Adapter], Provider], fate: Fate
) -> None:
    connect, provider = channel
    refused, other = provider.address("ann"), provider.address("bob")
    provider.refuse("ann", fate)
    with connect() as adapter:
        outcome = adapter.send(letter(refused))
        assert (outcome.fate, adapter.send(letter(other)).fate) == (fate, Fate.SENT)
    assert refused not in outcome.detail
    assert provider.received() == [other]


def test_a_letter_that_cannot_be_sent_at_all_fails(channel: tuple[Callable[[], Adapter], Provider]) -> None:
    connect, provider = channel
    with connect() as adapter:
        assert adapter.send(letter("no\naddress")).fate is Fate.FAILED
    assert provider.received() == []


def test_a_provider_out_of_reach_is_known_before_anything_is_attempted(
    channel: tuple[Callable[[], Adapter], Provider],
) -> None:
    connect, provider = channel
    provider.break_down()
    with pytest.raises(UnavailableError), connect():
        pass


def test_an_address_that_needs_smtputf8_fails_alone(post: Any) -> None:
    with CHANNELS[Channel.EMAIL]() as adapter:
        outcomes = [adapter.send(letter(to)) for to in ("josé@example.com", "ann@bücher.example")]
    assert [outcome.fate for outcome in outcomes] == [Fate.FAILED, Fate.SENT]
    assert post.recipients == ["ann@xn--bcher-kva.example"]


@pytest.mark.parametrize("answer", ["530 log in first", "500 what?", "421 closing"])
def test_trouble_of_the_server_is_no_failure_of_the_letter(post: Any, answer: str) -> None:
    post.answers["ann"] = answer
    with CHANNELS[Channel.EMAIL]() as adapter:
        assert adapter.send(letter("ann@example.com")).fate is Fate.LATER
