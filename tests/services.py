"""A pytest plugin loaded before Django's settings: the suite gets a PostgreSQL and a Redis of its own.

The folder is new for each run and removed after it; with MARKETOPS_TEST_HOME set it is kept, which together
with `--reuse-db` makes repeated runs start at once. Each of several processes (`-n 3`) has services of its
own.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

kept = os.environ.get("MARKETOPS_TEST_HOME")
if kept:
    kept += os.environ.get("PYTEST_XDIST_WORKER", "")
home = kept or tempfile.mkdtemp(prefix="marketops-test-")
os.environ.update(MARKETOPS_HOME=home, MARKETOPS_THROWAWAY="1")
for name in ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "CACHE_URL", "EMAIL_URL"):
    os.environ.pop(name, None)
os.makedirs(home, exist_ok=True)
# under root, PostgreSQL runs as an unprivileged user, who must reach its data
os.chmod(home, 0o755)  # noqa: S103 - see above

from marketops.local import embedded  # noqa: E402 - after the environment is set

embedded.join_or_exit()


def _clean() -> None:
    embedded.leave()
    embedded.wait_until_stopped()
    if not kept:
        shutil.rmtree(home, ignore_errors=True)


atexit.register(_clean)
