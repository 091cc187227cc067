"""What every channel is given and answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol, Self


class Fate(Enum):
    """What became of one attempt."""

    SENT = "sent"
    LATER = "later"  # certainly not sent, worth another try
    FAILED = "failed"  # certainly not sent, and never will be
    UNKNOWN = "unknown"  # the connection broke in the middle: it may have arrived


UNUSABLE_ADDRESS = "address"  # the detail of a failure that lies in how the address is written


@dataclass(frozen=True)
class Outcome:
    """`detail` is the provider's code ("550"), never its text, which may repeat an address."""

    fate: Fate
    detail: str = ""


@dataclass(frozen=True)
class Letter:
    """One rendered message. `html` and `text` have the same content; `unsubscribe_url` is empty on a test."""

    id: str  # globally unique and the same on every try: providers and people recognise a repetition by it
    to: str
    subject: str
    text: str
    html: str
    unsubscribe_url: str = ""
    language: str = "en"
    product_ids: tuple[int, ...] = ()  # the products it shows, for the record
    sender: str = ""  # the name beside the sender's address; empty: as DEFAULT_FROM_EMAIL has it


class UnavailableError(Exception):
    """The provider cannot be reached now: nothing was attempted."""


class Adapter(Protocol):
    """One connection to a provider for a batch: `with adapter as open_adapter: open_adapter.send(letter)`."""

    def __enter__(self) -> Self: ...  # raises UnavailableError

    def __exit__(self, *error: object) -> None: ...

    def send(self, letter: Letter) -> Outcome: ...
