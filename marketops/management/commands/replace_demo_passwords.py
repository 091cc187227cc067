"""New passwords for the accounts that a demo made, before a server is opened to others."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from backoffice.actions import record
from backoffice.models import ApiKey
from marketops.logins import with_demo_password


class Command(BaseCommand):
    help = "Give every account with the demo's password a new one, print it once, and revoke its API keys."
    requires_system_checks = []

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        users = with_demo_password()
        for user in users:
            password = secrets.token_urlsafe(15)
            user.set_password(password)
            user.save(update_fields=["password"])
            record(by=None, verb="staff.replace_password", about=user)
            self.stdout.write(f"{user.username:<12}{password}")
        # Whoever knew the demo's password may have made them.
        for key in ApiKey.objects.filter(owner__in=users, revoked=False):
            key.revoked = True
            key.save(update_fields=["revoked"])
            record(by=None, verb="api_key.change", about=key, acts_as=key.owner.username, revoked=True)
            self.stdout.write(f"API key “{key.name}” of {key.owner} is revoked: make a new one.")
        self.stdout.write(
            "Write them down: they are not shown again. Whoever was logged in logs in anew."
            if users
            else "No account has the demo's password."
        )
