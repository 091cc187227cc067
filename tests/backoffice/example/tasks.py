"""Jobs that do what real ones do on a bad day."""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import timedelta

from backoffice.errors import Refused
from backoffice.jobs import Progress, current_job_run, job


@job("example.count", title="Count")
def count(progress: Progress, *, upto: int = 3) -> dict[str, object]:
    sys.stdout.write("a library says 你好\n")
    for done in range(upto):
        progress(done + 1, upto, "Counting" if done == 0 else "")
    return {"counted": upto, "process": os.getpid(), "job_run": current_job_run()}


@job("example.sleep", title="Sleep")
def sleep(progress: Progress) -> dict[str, object]:
    progress(1, 60, "Sleeping")
    time.sleep(60)
    return {}


@job("example.deaf", title="Ignore the request to stop")
def deaf(progress: Progress) -> dict[str, object]:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    progress(1, 60, "Sleeping")
    time.sleep(60)
    return {}


@job("example.slow", title="Take too long", time_limit=timedelta(seconds=1))
def slow(progress: Progress) -> dict[str, object]:
    time.sleep(60)
    return {}


@job("example.broken", title="Raise")
def broken(progress: Progress) -> dict[str, object]:
    raise ValueError("the third row has no price")


@job("example.refused", title="Refuse")
def refused(progress: Progress) -> dict[str, object]:
    raise Refused("There are no orders yet: import some first.")


@job("example.greedy", title="Eat memory", memory_mb=600)
def greedy(progress: Progress) -> dict[str, object]:
    return {"bytes": len(bytearray(2 * 2**30))}


@job("example.killed", title="Be killed")
def killed(progress: Progress) -> dict[str, object]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}
