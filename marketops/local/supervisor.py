"""`make run`: every process of one installation, started in order, watched, restarted and stopped together.

No process outlives this one. The kernel tells the children when it dies, whatever the cause
(`die_with_parent`); each child leads a process group of its own, which is killed once the child has ended;
the embedded services stop when nobody uses them.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from backoffice.processes import die_with_parent
from marketops.local import embedded

PYTHON_VERSIONS = ((3, 11), (3, 15))  # from, up to but not including
TICK = 0.1  # seconds
GRACE = 8.0  # seconds between the signal to stop and the one that kills
LONGEST_PAUSE = 30.0  # seconds before a child that keeps crashing is started again
KEEPER_PAUSE = 5.0  # seconds between two attempts to start the embedded services
STEADY = 60.0  # seconds after which a child counts as healthy again
LARGEST_LOG = 10 * 2**20  # bytes; an older log is kept once, as NAME.log.1
WORTH_SHOWING = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|^[\w.]+(Error|Exception)\b")
TRACEBACK = re.compile(r"Traceback|\s")  # the log has it whole; the terminal shows how it ended
CELERY = [sys.executable, "-m", "celery", "-A", "marketops"]
WORKER = [*CELERY, "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
MANAGE = [sys.executable, str(embedded.BASE_DIR / "manage.py")]


class CannotRunError(RuntimeError):
    """A sentence for the person at the terminal."""


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(text, flush=True)


@dataclass
class Child:
    """One process of the installation and its log."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    crashes: int = 0
    started_at: float = 0.0
    start_at: float = 0.0  # when to start (again), on the monotonic clock
    reader: IO[str] | None = None
    last_line: str = ""

    @property
    def log(self) -> Path:
        return embedded.home() / "logs" / f"{self.name}.log"

    def start(self) -> None:
        if self.reader is None:
            self._open_log()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=embedded.BASE_DIR,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=embedded.held(),
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - the child only sets limits
            )
        self.started_at = time.monotonic()

    def _open_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.log.touch()
        self.reader = self.log.open(errors="replace")
        self.reader.seek(0, os.SEEK_END)

    def new_lines(self) -> list[str]:
        return self.reader.readlines() if self.reader else []

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def plan_restart(self) -> float:
        """Start again soon, later with each crash in a row; returns the pause in seconds."""
        steady = time.monotonic() - self.started_at > STEADY
        self.crashes = 1 if steady else self.crashes + 1
        pause = 0.0 if self.crashes == 1 else min(LONGEST_PAUSE, 2.0 ** (self.crashes - 1))
        self.process = None
        self.start_at = time.monotonic() + pause
        return pause

    def kill_group(self) -> None:
        """Kill the child, if it still runs, and whatever it left behind."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """Runs an installation from `run()` until a signal arrives."""

    def __init__(self, *, bootstrap: Child, children: list[Child], host: str, port: int) -> None:
        """`bootstrap` runs to its end before the first of `children`, which answers on `host`:`port`, is
        started."""
        self.bootstrap, self.children = bootstrap, children
        self.host, self.port = host, port
        self.signals = 0
        self.last_signal_at = 0.0
        self.keeper: subprocess.Popen[bytes] | None = None  # one that we have started ourselves
        self.keeper_at = 0.0  # when to start the next at the earliest

    def run(self) -> int:
        """Returns the exit status: 0 after a signal, 1 when the database could not be prepared."""
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if sig != signal.SIGHUP or signal.getsignal(sig) != signal.SIG_IGN:  # nohup wants us to stay
                signal.signal(sig, self._count_signal)
        try:
            if not self._prepare():
                return 0 if self.signals else 1
            self._watch()
        finally:
            self._stop_all()
        return 0

    def _count_signal(self, *_: object) -> None:
        """A second signal means "at once"; one key press may reach us twice, through make and through the
        terminal."""
        now = time.monotonic()
        if now - self.last_signal_at > 1:
            self.signals += 1
        self.last_signal_at = now

    def _prepare(self) -> bool:
        """Migrate and, the first time, load the demo shop; whether that succeeded."""
        self.bootstrap.start()
        while self.bootstrap.is_running() and not self.signals:
            self._show(self.bootstrap, everything=True)
            time.sleep(TICK)
        self._show(self.bootstrap, everything=True)
        succeeded = self.bootstrap.process is not None and self.bootstrap.process.poll() == 0
        if not succeeded and not self.signals:
            say(f"The database could not be prepared. The whole story: {self.bootstrap.log}")
        return succeeded and not self.signals

    def _watch(self) -> None:
        """Web first and alone, so that the first page comes soon; the others as soon as it answers, or has
        not for a while."""
        for child in self.children[1:]:
            child.start_at = time.monotonic() + LONGEST_PAUSE
        announced = False
        while not self.signals:
            if not announced and web_answers(self.host, self.port):
                announced = True
                say(welcome(self.host, self.port))
                for child in self.children:
                    child.start_at = time.monotonic()
            for child in self.children:
                self._tend(child)
            self._tend_keeper()
            time.sleep(TICK)

    def _tend_keeper(self) -> None:
        """The keeper starts its servers again by itself; if it was killed, start another, without waiting
        for it."""
        if not embedded.needed() or embedded.is_kept() or time.monotonic() < self.keeper_at:
            return
        if self.keeper is None or self.keeper.poll() is not None:
            say("The embedded PostgreSQL or Redis has stopped; starting it again.")
            self.keeper = embedded.spawn_keeper()
            self.keeper_at = time.monotonic() + KEEPER_PAUSE

    def _tend(self, child: Child) -> None:
        self._show(child)
        if child.process is None:
            if time.monotonic() >= child.start_at:
                child.start()
        elif (status := child.process.poll()) is not None:
            child.kill_group()
            pause = child.plan_restart()
            when = f"in {pause:.0f} s" if pause else "now"
            say(
                f"{child.name} ended unexpectedly ({how_it_ended(status)}); starting it again {when}. "
                f"Its last words: {child.last_line or '(none)'} Log: {child.log}"
            )

    def _show(self, child: Child, *, everything: bool = False) -> None:
        """Put on the terminal what a person should see of what the child has logged since the last look."""
        for line in child.new_lines():
            child.last_line = line.strip() or child.last_line
            if WORTH_SHOWING.search(line) or (everything and not TRACEBACK.match(line)):
                say(f"{child.name}: {line.rstrip()}")

    def _stop_all(self) -> None:
        running = [child for child in [self.bootstrap, *self.children] if child.is_running()]
        if running:
            say("Stopping ...")
        for child in running:
            child.process.terminate()  # type: ignore[union-attr]  # it runs
        end = time.monotonic() + GRACE
        while any(child.is_running() for child in running) and time.monotonic() < end and self.signals < 2:
            time.sleep(TICK)
        for child in [self.bootstrap, *self.children]:
            child.kill_group()
        embedded.leave()
        embedded.wait_until_stopped()
        say("Stopped.")


def planned_children(*, host: str, port: int) -> list[Child]:
    """The processes of an installation: web, a worker for quick work, one for learning, one beat, the local
    mailbox."""
    mailbox_port = os.environ.get("MAILBOX_PORT") or str(free_port())
    environment = {
        "MAILBOX_PORT": mailbox_port,
        "REMAP_SIGTERM": "SIGQUIT",
    }  # workers: stop soon, redeliver the rest
    children = [
        Child(
            "web",
            [
                sys.executable,
                "-m",
                "gunicorn",
                "marketops.wsgi",
                "--workers",
                "2",
                "--threads",
                "4",
                "--preload",
                "--bind",
                f"{host}:{port}",
                "--graceful-timeout",
                "5",
                "--timeout",
                "120",
                "--no-control-socket",
            ],
        ),
        Child("quick", [*WORKER, "-n", "quick@%h", "-Q", "quick,delivery,maintenance,import", "-c", "2"]),
        Child("learn", [*WORKER, "-n", "learn@%h", "-Q", "learn", "-c", "1"]),
        Child("beat", [*CELERY, "beat", "--loglevel", "INFO", "--pidfile", ""]),
    ]
    if not os.environ.get("EMAIL_URL"):
        children.append(Child("mailbox", [*MANAGE, "mailbox", "--port", mailbox_port]))
    for child in children:
        child.environment = environment
    return children


def welcome(host: str, port: int) -> str:
    demo = os.environ.get("MARKETOPS_LOCAL") != "0"  # a public server has no demo logins
    how = "Log in as marketer, approver, admin or analyst; on a fresh demo the password of each is: demo"
    return f"""
Marketops is ready:  http://{host}:{port}/

  {how if demo else "Log in with the password that an administrator gave you"}
  Data: {embedded.home()}
  Logs: {embedded.home() / "logs"}
  Stop: Ctrl-C
""" + (
        ""
        if is_private(host)
        else "\n  Other machines can reach this address: change the demo passwords first, "
        "for example with `.venv/bin/python manage.py replace_demo_passwords`.\n"
    )


def is_private(host: str) -> bool:
    return host in {"127.0.0.1", "localhost", "::1"}


def how_it_ended(returncode: int) -> str:
    return f"killed by {signal.Signals(-returncode).name}" if returncode < 0 else f"exit status {returncode}"


def web_answers(host: str, port: int) -> bool:
    reached = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - only compared
    connection = http.client.HTTPConnection(reached, port, timeout=2)
    try:
        connection.request("GET", "/health/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_python() -> None:
    lowest, beyond = PYTHON_VERSIONS
    if not lowest <= sys.version_info[:2] < beyond:
        raise CannotRunError(
            f"Marketops needs Python {lowest[0]}.{lowest[1]} to {beyond[0]}.{beyond[1] - 1}, this is "
            f"{sys.version.split()[0]}: "
            "name another one, for example `make run PYTHON=python3.12`."
        )


def wanted_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotRunError(f"PORT must be a number from 1 to 65535, not “{text}”.")
    return int(text)


def check_port(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise CannotRunError(
            f"Cannot listen on {host}:{port} ({reason}): choose another port, for example `PORT={port + 1} "
            "make run`."
        ) from error


def lock_home() -> IO[str]:
    """One supervisor a home. The lock lives as long as the returned file is open."""
    lock = (embedded.home() / "run.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotRunError(
            f"Marketops already runs from {embedded.home()}: stop that one, or set MARKETOPS_HOME and PORT "
            "for a second one."
        ) from None
    return lock


def run() -> int:
    """Run until a signal arrives; returns the exit status. Raises CannotRunError or ServicesError with a
    remedy."""
    check_python()
    host, port = os.environ.get("BIND") or "127.0.0.1", wanted_port()
    if "MAKELEVEL" in os.environ:
        die_with_parent(signal.SIGTERM)()  # a killed make takes this process with it
    embedded.make_home()
    with lock_home():
        check_port(host, port)
        os.environ.setdefault("MARKETOPS_LOCAL", "1" if is_private(host) or embedded.needed() else "0")
        os.environ.update(PORT=str(port), PYTHONUNBUFFERED="1", MARKETOPS_HOME=str(embedded.home()))
        embedded.join()
        bootstrap = Child("bootstrap", [*MANAGE, "bootstrap"])
        return Supervisor(
            bootstrap=bootstrap, children=planned_children(host=host, port=port), host=host, port=port
        ).run()


def run_or_exit() -> None:
    try:
        sys.exit(run())
    except (CannotRunError, embedded.ServicesError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:  # before anything but the embedded services was started
        sys.exit(130)
