"""Django's `migrate`, which says what to do where the database was made by a version that it cannot
follow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> Any:
        if made_by_another_version(connections[options.get("database") or DEFAULT_DB_ALIAS]):
            raise CommandError(
                "This database was made by another version of Marketops, and its tables cannot be brought "
                "over: run `make clean` to delete the demo's data, or name an empty database in DATABASE_URL."
            )
        return super().handle(*args, **options)


def made_by_another_version(connection: BaseDatabaseWrapper) -> bool:
    """Whether it has migrations of our apps that this version does not have: its tables are not those that
    our first migrations would make, and Django would take them for done."""
    recorder = MigrationRecorder(connection)
    ours = {
        config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR
    }
    known = MigrationLoader(None).disk_migrations
    return any(app in ours and (app, name) not in known for app, name in recorder.applied_migrations())
