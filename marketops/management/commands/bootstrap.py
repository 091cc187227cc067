"""Everything between an empty database and a first page, in one process: `make run` calls it at every
start."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backoffice.models import JobRun, User
from backoffice.roles import ensure_roles
from backoffice.tasks import start_job
from campaigns.actions.messages import ensure_starter_messages
from marketops.logins import DEMO_PASSWORD, DEMO_STAFF, demo_password_error
from shop.models import Order


class Command(BaseCommand):
    help = (
        "Migrate, match the roles to the code and, on a local installation's first start, load the demo shop."
    )
    requires_system_checks = []  # `make test` runs them; here they would only make people wait

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        ensure_roles()
        if not settings.LOCAL:
            if error := demo_password_error():
                raise CommandError(error)
            return
        if not User.objects.exists():
            self._first_start()
        if Order.objects.exists():
            _request_first_refresh()

    @transaction.atomic
    def _first_start(self) -> None:
        """The staff are the mark that a first start was completed: a killed one is repeated from the
        beginning."""
        if wants_demo_shop():
            self.stdout.write("Loading the demo shop ...")
            call_command("seed_demo", verbosity=0)
        for username, role in DEMO_STAFF.items():
            is_admin = role == "administrator"
            user = User.objects.create_user(
                username, f"{username}@example.com", DEMO_PASSWORD, is_staff=True, is_superuser=is_admin
            )
            user.groups.set([Group.objects.get(name=role)])
        ensure_starter_messages()


def wants_demo_shop() -> bool:
    return os.environ.get("MARKETOPS_DEMO", "1") != "0"


def _request_first_refresh() -> None:
    """Ask for the results nobody has computed yet; the workers make them while the person watches the jobs
    page."""
    for name in settings.FIRST_REFRESH:
        if not JobRun.objects.filter(name=name, state=JobRun.State.SUCCEEDED).exists():
            start_job(name=name, by=None)
