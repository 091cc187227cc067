"""`manage.py mailbox --port N`: an SMTP server that keeps what arrives for the mailbox page instead of
passing it on."""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, close_old_connections

from delivery.actions.mailbox import keep


class Keeper:
    """Writes each mail to the database before it is acknowledged, one row a recipient."""

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope
    ) -> str:
        await sync_to_async(close_old_connections)()  # one may have died while nothing arrived
        return str(await sync_to_async(receive)(envelope))


def receive(envelope: Envelope) -> str:
    """Keep one mail and answer as SMTP does: a database that is away is a temporary trouble, so that the
    sender tries again."""
    try:
        keep(envelope.mail_from or "", envelope.rcpt_tos, envelope.content or b"")
    except Error:
        return "451 4.3.0 Cannot keep mail now, try again later"
    return "250 Kept"


class Command(BaseCommand):
    help = "Receive mail on this machine and show it in the browser (for demos); ends on SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.MAILBOX_PORT or 1025)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        try:
            asyncio.run(serve(port))
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror}): choose another with --port."
            ) from error


async def serve(port: int) -> None:
    """Listen on 127.0.0.1:`port` until SIGTERM or SIGINT. Raises OSError when the port is taken."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    factory = Controller(Keeper(), hostname="127.0.0.1", port=port, enable_SMTPUTF8=True).factory
    server = await loop.create_server(factory, "127.0.0.1", port)
    async with server:
        await stop.wait()
