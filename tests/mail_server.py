"""A real mail server for tests that send."""

from __future__ import annotations

import socket
import time
from collections import Counter
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Post:
    """A real SMTP server that remembers who got what. `answers` maps a recipient's local part to a refusal of
    RCPT."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.recipients: list[str] = []
        self.answers: dict[str, str] = {}
        self.pause = 0.0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        refusal = self.answers.get(address.partition("@")[0])
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.recipients.extend(envelope.rcpt_tos)
        self.mails.append(envelope.content)
        time.sleep(self.pause)
        return "250 OK"

    @property
    def times(self) -> Counter[str]:
        return Counter(self.recipients)


@pytest.fixture
def post(settings: Any) -> Any:
    handler = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield handler
    controller.stop()
