"""PostgreSQL and a Redis-compatible server inside the project's own folder.

Nobody has to install a database to try or test Marketops. One *keeper* process owns both servers; every
process that uses them holds a shared lock on one file. When the last lock is gone, however its holder died,
the keeper stops the servers and itself. With DATABASE_URL and REDIS_URL set, nothing here starts.

Here is what every process needs of them; `marketops.local.keeper` is the keeper.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

BASE_DIR = Path(__file__).resolve().parents[2]
READY_TIMEOUT = 60.0
SOCKET_FOLDER_LIMIT = 80  # bytes: the kernel allows 107, and PostgreSQL adds its own file name

_held: list[IO[str]] = []


class ServicesError(RuntimeError):
    """A sentence for the person at the terminal."""


def home() -> Path:
    """Where embedded data live: MARKETOPS_HOME, or `.marketops` beside manage.py."""
    return Path(os.environ.get("MARKETOPS_HOME") or BASE_DIR / ".marketops").expanduser().resolve()


def digest() -> str:
    """A short name of this home, for what lies outside of it."""
    return hashlib.sha256(str(home()).encode()).hexdigest()[:12]


def open_to_nobody(path: Path) -> bool:
    """Whether an unprivileged user may walk down to `path` (only matters when we are root)."""
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents] if folder.exists())


def data_dir() -> Path:
    """The servers' own folder. PostgreSQL refuses to run as root, so under root it must be reachable for
    `nobody`."""
    if os.geteuid() != 0 or open_to_nobody(home()):
        return home()
    return Path("/var/lib/marketops") / digest()


def socket_dir() -> Path:
    """Where the sockets lie: beside the data, or in /tmp when that path is too long or has signs that URLs
    mangle."""
    path = data_dir() / "run"
    if len(os.fsencode(path)) < SOCKET_FOLDER_LIMIT and re.fullmatch(r"[\w./-]+", str(path), re.ASCII):
        return path
    return Path("/tmp") / f"marketops-{digest()}"  # noqa: S108 - a folder of our own, mode 0700


def database_url() -> str:
    return os.environ.get("DATABASE_URL") or f"postgres://marketops@/marketops?host={socket_dir()}"


def redis_socket() -> Path:
    return socket_dir() / "redis.sock"


def needed() -> bool:
    return not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def _accepts(path: Path) -> bool:
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        probe.settimeout(1)
        return probe.connect_ex(str(path)) == 0


def make_home() -> None:
    """Create the home folder, also when several commands do so at once. Raises ServicesError when nothing can
    be written there."""
    try:
        if not home().exists():
            home().mkdir(parents=True, exist_ok=True)
            home().chmod(0o755)  # whatever the umask: under root, PostgreSQL's user must walk through it
        for folder in ("files", "logs", "static"):
            (home() / folder).mkdir(exist_ok=True)
        TemporaryFile(dir=home()).close()
    except OSError as error:
        raise ServicesError(
            f"Cannot write to {home()} ({error.strerror}): set MARKETOPS_HOME to a folder you may write to."
        ) from error


def join() -> None:
    """Use the embedded services from this process on; start them when they are down. Released when this
    process ends.

    Raises ServicesError with a remedy when they cannot be had.
    """
    if not needed() or _held:
        return
    make_home()
    users = (home() / "users.lock").open("a")
    fcntl.flock(users, fcntl.LOCK_SH)
    _held.append(users)
    start_missing()


def start_missing() -> None:
    """Start the services unless they answer, and wait until they do; processes that ask at once get one
    keeper. For those who have joined. Raises ServicesError."""
    with (home() / "start.lock").open("a") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        keeper: subprocess.Popen[bytes] | None = None
        end = time.monotonic() + READY_TIMEOUT
        while not _ready():
            if time.monotonic() > end or (keeper and keeper.poll() is not None):
                raise ServicesError(
                    f"The embedded PostgreSQL or Redis did not start ({_last_words()}). "
                    f"See {home() / 'logs'}, or set DATABASE_URL and REDIS_URL to servers of your own."
                )
            if keeper is None and not is_kept():  # one that lives is at it already
                keeper = spawn_keeper()
            time.sleep(0.05)


def join_or_exit() -> None:
    try:
        join()
    except ServicesError as error:
        sys.exit(str(error))


def leave() -> None:
    """Give the lock back early; the keeper stops the servers if nobody else holds one."""
    while _held:
        _held.pop().close()


def held() -> list[int]:
    """File descriptors to pass to child processes that use the services too: the servers then outlive the
    last of them."""
    return [lock.fileno() for lock in _held]


def in_use() -> bool:
    """Whether any process uses the embedded services of this home, or their keeper still runs."""
    return _locked("users.lock") or is_kept()


def is_kept() -> bool:
    """Whether the keeper lives. It starts a server that has ended again by itself."""
    return _locked("keeper.lock")


def _locked(name: str) -> bool:
    try:
        with (home() / name).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def wait_until_stopped(timeout: float = 15.0) -> None:
    end = time.monotonic() + timeout
    while time.monotonic() < end and is_kept():
        time.sleep(0.05)


def _answers() -> bool:
    postgres = bool(os.environ.get("DATABASE_URL")) or _accepts(socket_dir() / ".s.PGSQL.5432")
    return postgres and (bool(os.environ.get("REDIS_URL")) or _accepts(redis_socket()))


def _ready() -> bool:
    if not _answers():
        return False
    if os.environ.get("DATABASE_URL"):
        return True
    import psycopg

    try:
        psycopg.connect(
            host=str(socket_dir()), user="marketops", dbname="marketops", connect_timeout=2
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def spawn_keeper() -> subprocess.Popen[bytes]:
    """Start a keeper, without waiting for its servers. A second one waits until the first has ended."""
    with (home() / "logs" / "services.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "marketops.local.keeper"],
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "MARKETOPS_HOME": str(home())},
        )


def _last_words() -> str:
    log = home() / "logs" / "services.log"
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "no message"
