"""The cast and the props that every test may use."""

from __future__ import annotations

import math
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from backoffice.models import User
from backoffice.roles import ensure_roles

# a slow hash is the point of a password hash, and not of a test
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# static files are looked up when they are asked for: each test client would list all of them first
settings.WHITENOISE_AUTOREFRESH = True

hypothesis_settings.register_profile("house", deadline=None)  # a busy machine is no failure
hypothesis_settings.load_profile("house")

pytest_plugins = ["tests.planted"]  # the tiny shop
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Any:
    """Only this machine: a test that calls the outside world fails loudly."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise RuntimeError(f"A test tried to reach {address}")
        return connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]  # the guard of the tests
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]  # the guard of the tests


@pytest.fixture(scope="session", autouse=True)
def tables_can_be_emptied() -> Any:
    """Between tests that commit, Django empties all tables. As a replica: the guards of the audit trail and
    of the consent ledger do not fire."""
    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def as_replica(self: Any, sql_list: list[str]) -> None:
        flush(self, ["SET LOCAL session_replication_role = replica", *sql_list] if sql_list else [])

    operations.execute_sql_flush = as_replica
    yield
    operations.execute_sql_flush = flush


@pytest.fixture(autouse=True)
def unasked_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier test said about the shop is forgotten, and pure tests ask no database for its zone."""
    monkeypatch.setattr("shop.models.profile._remembered", (math.inf, None))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """A request in another language leaves it active in this thread: each test starts without one."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture
def roles(db: None) -> None:
    ensure_roles()


def _member(username: str, role: str) -> User:
    user, _new = User.objects.get_or_create(
        username=username, defaults={"is_staff": True, "email": f"{username}@example.com"}
    )
    user.set_password("correct horse battery")
    user.save()
    user.groups.set([Group.objects.get(name=role)])
    return User.objects.get(pk=user.pk)


@pytest.fixture
def mara(roles: None) -> User:
    """A marketer."""
    return _member("mara", "marketer")


@pytest.fixture
def anton(roles: None) -> User:
    """An approver."""
    return _member("anton", "approver")


@pytest.fixture
def ada(roles: None) -> User:
    """An administrator."""
    return _member("ada", "administrator")


@pytest.fixture
def ines(roles: None) -> User:
    """An analyst: may look, not touch."""
    return _member("ines", "analyst")


@pytest.fixture
def as_user() -> Any:
    """A browser session of somebody: `as_user(mara).get("/")`."""

    def login(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return login


@pytest.fixture
def shared_data() -> Path:
    if not SHARED_DATA.exists():
        pytest.skip(f"the data sets are not at {SHARED_DATA}")
    return SHARED_DATA
