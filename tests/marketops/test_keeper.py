"""A server that is killed comes back, and only that one."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.marketops.local_processes import eventually, kill, pid_of, processes, start

JOIN_AND_WAIT = """
import time
from marketops.local import embedded
embedded.join()
print("joined", flush=True)
time.sleep(600)
"""
ASK = """
import sys, psycopg
database = psycopg.connect(host=sys.argv[1], user="marketops", dbname="marketops")
print(database.info.backend_pid, flush=True)
database.execute(sys.argv[2])
"""
ENDLESS = "SELECT count(*) FROM (SELECT generate_series(1, 10000000000)) endless"  # it heeds no dead server


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="marketops-keeper-"))
    folder.chmod(0o755)
    user = start("-c", JOIN_AND_WAIT, home=folder)
    assert user.stdout is not None
    assert user.stdout.readline() == "joined\n"
    yield folder
    user.kill()
    user.communicate()
    assert eventually(lambda: not processes(folder)), processes(folder)
    shutil.rmtree(folder)


def connect(home: Path) -> psycopg.Connection:
    return psycopg.connect(host=str(home / "run"), user="marketops", dbname="marketops", autocommit=True)


def answers(home: Path) -> bool:
    try:
        with connect(home) as database:
            database.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def lives(pid: int | None) -> bool:
    """Whether a process runs; the dead wait as zombies where nobody asks for them."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def pids(home: Path) -> dict[str, int | None]:
    parts = {"keeper": "local.keeper", "postgres": "postgres -D", "valkey": "redis.sock"}
    return {name: pid_of(home, part) for name, part in parts.items()}


@contextlib.contextmanager
def query_at_work(home: Path) -> Iterator[int]:
    """A query that keeps its process busy, and that process."""
    asker = subprocess.Popen(
        [sys.executable, "-c", ASK, str(home / "run"), ENDLESS],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert asker.stdout is not None
    backend = int(asker.stdout.readline())
    with connect(home) as database:
        state = "SELECT state = 'active' AND query LIKE 'SELECT count%%' FROM pg_stat_activity WHERE pid = %s"
        assert eventually(lambda: (database.execute(state, [backend]).fetchone() or [False])[0])
    yield backend
    asker.kill()
    asker.communicate()


def test_a_database_killed_while_a_query_runs_comes_back_alone(home):
    before = pids(home)
    with query_at_work(home) as backend:
        kill(before["postgres"])
        assert eventually(lambda: not lives(before["postgres"]), 5)
        assert eventually(lambda: answers(home), 20)
        assert not lives(backend)  # it held the shared memory of the dead server
    after = pids(home)
    assert after["postgres"] != before["postgres"]
    assert (after["keeper"], after["valkey"]) == (before["keeper"], before["valkey"])


def test_a_killed_query_disturbs_the_database_only(home):
    before = pids(home)
    with query_at_work(home) as backend:
        kill(backend)
        assert eventually(lambda: not lives(backend), 20)
        assert eventually(lambda: answers(home), 20)
    assert pids(home) == before


def test_a_killed_redis_comes_back_alone_with_what_it_held(home):
    before = pids(home)
    client = redis.Redis(unix_socket_path=str(home / "run" / "redis.sock"))
    client.set("task", "to do")
    kill(before["valkey"])

    def remembers() -> bool:
        try:
            return client.get("task") == b"to do"
        except redis.exceptions.RedisError:
            return False

    assert eventually(remembers, 20)
    after = pids(home)
    assert after["valkey"] != before["valkey"]
    assert (after["keeper"], after["postgres"]) == (before["keeper"], before["postgres"])
    assert answers(home)


def test_a_database_killed_again_and_again_comes_back_each_time(home):
    for _ in range(2):
        kill(pids(home)["postgres"])
        assert eventually(lambda: not answers(home), 5)
        assert eventually(lambda: answers(home), 20)
