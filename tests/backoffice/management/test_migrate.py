"""A database of another version gets one sentence that says what to do, and is left as it is."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from backoffice.management.commands.migrate import note_texts

pytestmark = pytest.mark.django_db


def test_a_database_of_this_version_is_migrated():
    call_command("migrate", verbosity=0)


@pytest.mark.parametrize("command", ["migrate", "bootstrap"])
def test_a_database_of_another_version_is_refused_with_the_remedy(command):
    MigrationRecorder(connection).record_applied("segments", "0013_rules_ask_for_groups")
    with pytest.raises(CommandError, match=r"run `make clean`.*DATABASE_URL"):
        call_command(command, verbosity=0)


def test_migrations_of_libraries_are_their_own_business():
    MigrationRecorder(connection).record_applied("auth", "0099_of_a_later_django")
    call_command("migrate", verbosity=0)


def test_a_database_whose_migrations_had_another_text_is_refused():
    with connection.cursor() as cursor:
        cursor.execute('COMMENT ON TABLE django_migrations IS \'{"shop.0001_initial": "older"}\'')
    with pytest.raises(CommandError, match="run `make clean`"):
        call_command("migrate", verbosity=0)
    note_texts(connection)
    call_command("migrate", verbosity=0)
