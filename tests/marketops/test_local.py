from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.marketops.local_processes import BASE_DIR, environment, eventually, kill, pid_of, processes, start

JOIN_AND_WAIT = "from marketops.local import embedded; embedded.join(); print('joined', flush=True); input()"
ASK = (
    "from marketops.local import embedded; embedded.join(); import psycopg, redis; "
    "db = psycopg.connect(host=str(embedded.socket_dir()), user='marketops', dbname='marketops'); "
    "print(db.execute('select 6*7').fetchone()[0],"
    " redis.Redis(unix_socket_path=str(embedded.redis_socket())).ping())"
)


@pytest.fixture
def home():
    folder = Path(tempfile.mkdtemp(prefix="marketops home "))  # with spaces, as people have them
    folder.chmod(0o755)
    yield folder
    assert eventually(lambda: not processes(folder)), processes(folder)
    shutil.rmtree(folder)


def ask(home: Path, code: str = ASK) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE_DIR,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def user_of_services(home: Path) -> subprocess.Popen[str]:
    user = subprocess.Popen(
        [sys.executable, "-c", JOIN_AND_WAIT],
        cwd=BASE_DIR,
        env=environment(home),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert user.stdout is not None
    assert user.stdout.readline() == "joined\n"
    return user


def test_a_command_starts_the_services_and_takes_them_down_again(home):
    assert ask(home).stdout == "42 True\n"
    assert eventually(lambda: not processes(home))
    assert ask(home).stdout == "42 True\n"  # and once more, on the data of the first time


def test_commands_at_the_same_moment_share_one_keeper(home):
    askers = [start("-c", ASK, home=home) for _ in range(4)]
    assert [asker.communicate(timeout=120)[0] for asker in askers] == ["42 True\n"] * 4


def test_the_home_is_made_by_many_at_once(home):
    make = "from marketops.local import embedded\nfor _ in range(300): embedded.make_home()\nprint('made')"
    makers = [start("-c", make, home=home) for _ in range(4)]
    assert [maker.communicate(timeout=60)[0] for maker in makers] == ["made\n"] * 4


def test_killed_users_leave_no_server(home):
    user = user_of_services(home)
    assert pid_of(home, "postgres -D")
    user.kill()
    user.communicate()
    assert eventually(lambda: not processes(home))


def test_a_killed_keeper_takes_its_servers_along_and_the_next_command_has_new_ones(home):
    user = user_of_services(home)
    kill(pid_of(home, "marketops.local.keeper"))
    assert ask(home).stdout == "42 True\n"
    user.communicate("\n")


def test_a_pid_file_left_by_a_dead_container_does_not_matter(home):
    assert ask(home).stdout == "42 True\n"
    assert eventually(lambda: not processes(home))
    pid_file = home / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{home}/postgres\n")  # that pid lives, and is somebody else
    assert ask(home).stdout == "42 True\n"


def test_a_path_too_long_for_a_socket(home):
    deep = home / ("a-rather-long-name-" * 5) / ("another-rather-long-name-" * 4)
    answer = ask(deep)
    assert answer.stdout == "42 True\n", answer.stderr
    assert eventually(lambda: not processes(deep))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand its database to another user")
def test_root_with_a_home_nobody_else_may_enter(home):
    private = home / "private"
    private.mkdir(mode=0o700)
    answer = ask(private / "home")
    assert answer.stdout == "42 True\n", answer.stderr
    assert eventually(lambda: not processes(private))
    subprocess.run(
        [sys.executable, "-m", "marketops.local", "clean"],
        cwd=BASE_DIR,
        env=environment(private / "home"),
        check=True,
        timeout=60,
    )
    assert not (private / "home").exists()


def test_a_home_that_cannot_be_written_is_one_sentence(home):
    (home / "file").write_text("")
    answer = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE_DIR,
        env=environment(home / "file"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"Cannot write to {home / 'file'} (")
    assert answer.stderr.count("\n") == 1


def test_clean_refuses_while_in_use_and_spares_what_is_not_ours(home):
    clean = [sys.executable, "-m", "marketops.local", "clean"]
    (home / "letter.txt").write_text("mine")
    user = user_of_services(home)
    refused = subprocess.run(
        clean, cwd=BASE_DIR, env=environment(home), capture_output=True, text=True, check=False, timeout=60
    )
    assert refused.returncode == 1
    assert "in use" in refused.stderr
    assert (home / "postgres").exists()
    user.communicate("\n")
    assert eventually(lambda: not processes(home))
    subprocess.run(clean, cwd=BASE_DIR, env=environment(home), check=True, timeout=60)
    assert [path.name for path in home.iterdir()] == ["letter.txt"]
