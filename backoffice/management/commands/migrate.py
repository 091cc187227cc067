"""Django's `migrate`, which says what to do where the database was made by a version that it cannot
follow."""

from __future__ import annotations

import hashlib
import json
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
from psycopg import sql

TABLE = MigrationRecorder.Migration._meta.db_table


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> Any:
        connection = connections[options.get("database") or DEFAULT_DB_ALIAS]
        if made_by_another_version(connection):
            raise CommandError(
                "This database was made by another version of Marketops, and its tables cannot be brought "
                "over: run `make clean` to delete the demo's data, or name an empty database in DATABASE_URL."
            )
        if not (options.get("plan") or options.get("check_unapplied")):
            note_texts(connection)  # first: a run that is killed half-way goes on next time
        return super().handle(*args, **options)


def made_by_another_version(connection: BaseDatabaseWrapper) -> bool:
    """Whether migrations of our apps were applied that this version does not have, or that had another text
    then: its tables are not those that our migrations would make, and Django would take them for done."""
    applied = _applied(connection)
    noted = _noted(connection) if applied else {}
    return any(noted.get(name) != _text(name) for name in applied)


def note_texts(connection: BaseDatabaseWrapper) -> None:
    """Note beside Django's table of migrations which text each of ours has when it is applied."""
    MigrationRecorder(connection).ensure_schema()
    texts = {
        f"{app}.{name}": _text(f"{app}.{name}")
        for app, name in MigrationLoader(None).disk_migrations
        if app in _ours()
    }
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("COMMENT ON TABLE {} IS {}").format(sql.Identifier(TABLE), sql.Literal(json.dumps(texts)))
        )


def _noted(connection: BaseDatabaseWrapper) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(%s::regclass, 'pg_class')", [TABLE])
        (comment,) = cursor.fetchall()[0]
    return json.loads(comment or "{}")


def _applied(connection: BaseDatabaseWrapper) -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied if app in _ours())


def _ours() -> set[str]:
    return {
        config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR
    }


def _text(migration: str) -> str:
    """A fingerprint of the migration's file; empty where this version has none."""
    app, _dot, name = migration.partition(".")
    path = Path(apps.get_app_config(app).path) / "migrations" / f"{name}.py"
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.exists() else ""
