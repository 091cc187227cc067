"""The channels that can be sent through, and who carries each."""

from __future__ import annotations

from collections.abc import Callable

from delivery.channels.base import Adapter
from delivery.channels.email import SmtpAdapter
from shop.models import Channel

CHANNELS: dict[str, Callable[[], Adapter]] = {Channel.EMAIL: SmtpAdapter}
