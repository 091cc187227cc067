"""Real installations in folders of their own, and a look at the processes that belong to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
PATIENCE = 90.0  # seconds; a busy machine needs many, a quiet one few


def environment(home: Path, **more: str) -> dict[str, str]:
    """What a person's shell would hold: nothing of the test suite's own services."""
    names = {
        "DATABASE_URL",
        "REDIS_URL",
        "EMAIL_URL",
        "MAILBOX_PORT",
        "MARKETOPS_TEST_HOME",
        "MAKELEVEL",
        "PORT",
        "BIND",
    }
    clean = {name: value for name, value in os.environ.items() if name not in names}
    return {**clean, "MARKETOPS_HOME": str(home), "MARKETOPS_THROWAWAY": "1", **more}


def start(*command: str, home: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=BASE_DIR,
        env=environment(home, **more),
        text=True,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def processes(home: Path) -> dict[int, str]:
    """Every living process that knows this home from its environment or its command line: pid -> command
    line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            known = os.fsencode(home) in command + (folder / "environ").read_bytes()
        except OSError:
            continue  # it ended while we looked
        if known and command and int(folder.name) != os.getpid():
            found[int(folder.name)] = command.replace(b"\0", b" ").decode()
    return found


def pid_of(home: Path, part: str) -> int | None:
    """The oldest process with `part` in its command line."""
    return min((pid for pid, command in processes(home).items() if part in command), default=None)


def kill(pid: int | None) -> None:
    assert pid, "0 would be our own group"
    os.kill(pid, signal.SIGKILL)


def eventually(condition: Callable[[], object], patience: float = PATIENCE) -> bool:
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
