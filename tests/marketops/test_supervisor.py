"""`make run` with real processes: what it starts, what it says, and that nothing is left of it, however it
ends."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from marketops.local.supervisor import free_port
from tests.marketops.local_processes import BASE_DIR, environment, eventually, kill, pid_of, processes, start

# A supervisor over children that start at once and have children of their own. Nothing embedded is needed by
# them.
SMALL_INSTALLATION = """
import sys
from marketops.local import embedded, supervisor
embedded.make_home()
port = int(sys.argv[1])
web = supervisor.Child("web", [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)])
crowd = supervisor.Child("crowd", ["sh", "-c", "sleep 300 & sleep 300 & exec sleep 300"])
last = supervisor.Child("last", ["sh", "-c", sys.argv[3]])
bootstrap = supervisor.Child("bootstrap", ["sh", "-c", sys.argv[2]])
children = [web, crowd, last]
sys.exit(supervisor.Supervisor(bootstrap=bootstrap, children=children, host="127.0.0.1", port=port).run())
"""
STUBBORN = "trap '' TERM; while :; do sleep 1; done"
OWN_SERVERS = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}


@pytest.fixture
def home():
    folder = Path(tempfile.mkdtemp(prefix="marketops-run-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def small(
    home: Path, preparation: str = "echo prepared", last: str = "exec sleep 200"
) -> subprocess.Popen[str]:
    return start("-c", SMALL_INSTALLATION, str(free_port()), preparation, last, home=home, **OWN_SERVERS)


def crowd(home: Path) -> set[int]:
    return {pid for pid, command in processes(home).items() if command.strip() == "sleep 300"}


def read_until(supervisor: subprocess.Popen[str], text: str) -> str:
    said = ""
    assert supervisor.stdout is not None
    for line in supervisor.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(f"it never said {text!r}: {said}")


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_grandchildren_too(home, sig):
    supervisor = small(home)
    assert "bootstrap: prepared" in read_until(supervisor, "Stop: Ctrl-C")
    assert eventually(lambda: len(crowd(home)) == 3), processes(home)
    supervisor.send_signal(sig)
    said = supervisor.communicate(timeout=60)[0]
    assert supervisor.returncode == 0
    assert "Stopped." in said
    assert not processes(home)


def test_a_second_signal_kills_at_once(home):
    supervisor = small(home, last=STUBBORN)
    read_until(supervisor, "Stop: Ctrl-C")
    supervisor.send_signal(signal.SIGINT)
    read_until(supervisor, "Stopping")
    assert eventually(
        lambda: not pid_of(home, "http.server")
    )  # the willing one went; the stubborn one is waited for
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=60)
    assert not processes(home)


def test_a_killed_supervisor_takes_willing_children_along(home):
    supervisor = small(home)
    read_until(supervisor, "Stop: Ctrl-C")
    supervisor.kill()
    try:
        assert eventually(lambda: not pid_of(home, "http.server"))
    finally:
        for pid in processes(
            home
        ):  # what real children never do: ignore the kernel's SIGTERM, leave a crowd without a leader
            os.kill(pid, signal.SIGKILL)
        supervisor.communicate()


def test_a_crashed_child_is_started_again_without_its_remains(home):
    supervisor = small(home)
    read_until(supervisor, "Stop: Ctrl-C")
    assert eventually(lambda: len(crowd(home)) == 3)
    before = crowd(home)
    leader = next(pid for pid in before if os.getpgid(pid) == pid)
    os.kill(leader, signal.SIGKILL)
    assert "crowd ended unexpectedly (killed by SIGKILL); starting it again now" in read_until(
        supervisor, "crowd ended"
    )
    assert eventually(lambda: len(crowd(home)) == 3)
    assert not before & processes(home).keys()
    supervisor.terminate()
    supervisor.communicate(timeout=60)
    assert not processes(home)


def test_a_failed_preparation_is_said_and_nothing_else_starts(home):
    supervisor = small(home, "echo the disk is full; exit 3")
    said = supervisor.communicate(timeout=60)[0]
    assert supervisor.returncode == 1
    assert "bootstrap: the disk is full\nThe database could not be prepared." in said
    assert "Marketops is ready" not in said
    assert not processes(home)


def run(home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "marketops.local", "run"],
        cwd=BASE_DIR,
        env=environment(home, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_busy_port_is_one_sentence(home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run(home, PORT=str(port))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(
        f"Cannot listen on 127.0.0.1:{port} (Address already in use): choose another port, "
    )
    assert refused.stderr.count("\n") == 1


def test_a_port_that_is_no_number_is_one_sentence(home):
    refused = run(home, PORT="eighty")
    assert refused.returncode == 1
    assert refused.stderr == "PORT must be a number from 1 to 65535, not “eighty”.\n"


def get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@pytest.mark.timeout(300)
def test_a_whole_installation_from_start_to_kill(home):
    port = free_port()
    supervisor = start(
        "-m", "marketops.local", "run", home=home, PORT=str(port), MARKETOPS_DEMO="0", MAKELEVEL=""
    )
    read_until(supervisor, "Stop: Ctrl-C")
    assert get(port, "/health/") == 200
    assert get(port, "/admin/login/") == 200

    def is_complete() -> bool:
        commands = list(processes(home).values())
        return all(
            any(part in command for command in commands)
            for part in ("-n quick@", "-n learn@", " beat ", " mailbox ")
        )

    assert eventually(is_complete), processes(home)
    assert sum(" beat " in command for command in processes(home).values()) == 1
    second = run(home, PORT=str(free_port()))
    assert second.returncode == 1
    assert second.stderr.startswith(f"Marketops already runs from {home}: ")
    beside = subprocess.run(
        [
            sys.executable,
            "manage.py",
            "shell",
            "-v0",
            "-c",
            "from backoffice.models import User; print(User.objects.count())",
        ],
        cwd=BASE_DIR,
        env=environment(home),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert beside.stdout == "4\n"  # the demo's staff; a command works while everything runs

    kill(pid_of(home, "postgres -D"))
    answered = {
        get(port, page) for page in ("/health/", "/admin/login/", "/api/v1/customers/") for _ in range(5)
    }
    assert answered <= {200, 401, 503}
    assert eventually(lambda: get(port, "/health/") == 200, 20)

    kill(pid_of(home, "marketops.local.keeper"))  # with it PostgreSQL and Redis
    read_until(supervisor, "starting it again")
    assert eventually(lambda: get(port, "/health/") == 200)

    supervisor.kill()
    assert eventually(lambda: not processes(home)), processes(home)
    supervisor.communicate()
