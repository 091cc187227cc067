"""`python -m benchmarks [NAME ...]`: run the benchmarks on services of their own, print a line each, keep the
results."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import platform
import shutil
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

RESULTS = Path(__file__).parent / "results" / "latest.json"
KEPT_TABLES = ("django_migrations", "django_content_type", "auth_permission")


def main(wanted: list[str]) -> int:
    home = tempfile.mkdtemp(prefix="marketops-bench-")
    # under root, PostgreSQL runs as an unprivileged user, who must reach its data
    os.chmod(home, 0o755)  # noqa: S103 - see above
    os.environ.update(MARKETOPS_HOME=home, MARKETOPS_THROWAWAY="1", LOG_LEVEL="WARNING")
    # as a job's process has it (backoffice.runner), for both sides of each row
    os.environ.update(OMP_NUM_THREADS=str(os.cpu_count() or 1), OMP_WAIT_POLICY="passive")
    os.environ["DJANGO_SETTINGS_MODULE"] = "marketops.settings"
    for name in ("DATABASE_URL", "REDIS_URL", "BROKER_URL", "CACHE_URL", "EMAIL_URL"):
        os.environ.pop(name, None)
    from marketops.local import embedded

    embedded.join_or_exit()
    try:
        _prepare()
        modules = _modules()
        unknown = set(wanted) - {row for module in modules for row in module.ROWS}
        if unknown:
            known = ", ".join(sorted(row for module in modules for row in module.ROWS))
            print(
                f"There is no benchmark named {', '.join(sorted(unknown))}; there are: {known}.",
                file=sys.stderr,
            )
            return 2
        return _run([module for module in modules if _asked_for(module, wanted)], wanted)
    finally:
        _close()
        embedded.leave()
        embedded.wait_until_stopped()
        shutil.rmtree(home, ignore_errors=True)


def _prepare() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _close() -> None:
    from django.db import connections

    connections.close_all()


def _modules() -> list[ModuleType]:
    package = importlib.import_module("benchmarks")
    modules = [
        importlib.import_module(f"benchmarks.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
        if info.name != "__main__"
    ]
    return [module for module in modules if hasattr(module, "run")]


def _asked_for(module: ModuleType, wanted: list[str]) -> bool:
    """Rows of a module that says LARGE = True take minutes and a million customers: they run when they are
    named."""
    return bool(set(wanted) & set(module.ROWS)) if wanted else not getattr(module, "LARGE", False)


def _run(modules: list[ModuleType], wanted: list[str]) -> int:
    print(f"{'name':<22}{'ours':>12}{'theirs':>12}{'ratio':>9}{'goal':>9}  result", flush=True)
    broken = 0
    for module in modules:
        _empty_database()
        try:
            rows = [row for row in module.run() if not wanted or row["name"] in wanted]
        except Exception:
            broken += 1
            print(f"{', '.join(module.ROWS):<22}  broken", flush=True)
            traceback.print_exc()
            continue
        for row in rows:
            _show(row)
        _keep(rows)
    return 1 if broken else 0


def _empty_database() -> None:
    """Every table but those that migrations fill; the roles are put back."""
    from django.core.cache import cache
    from django.db import connection

    from backoffice.roles import ensure_roles

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)",
            [list(KEPT_TABLES)],
        )
        tables = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
        # as a replica: what guards the audit trail against being emptied does not fire
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(
            "CHECKPOINT"
        )  # what the rows before have written is on disk: it does not slow this one
    cache.clear()
    ensure_roles()


def _show(row: dict[str, Any]) -> None:
    sign = "<=" if row["better"] == "lower" else ">="
    goal = f"{sign} {row['goal']:g}"
    print(
        f"{row['name']:<22}{row['ours']:>12.4g}{row['theirs']:>12.4g}{row['ratio']:>9.3f}{goal:>9}  "
        f"{'ok' if row['ok'] else 'short'}",
        flush=True,
    )


def _keep(rows: list[dict[str, Any]]) -> None:
    """Replace these rows in the file of the latest results; others keep their older measurement and its
    time."""
    python = f"Python {platform.python_version()}"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {python}"
    at = datetime.now(UTC).isoformat(timespec="seconds")
    names = {row["name"] for row in rows}
    older = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    fresh = [{**row, "machine": machine, "at": at} for row in rows]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps([row for row in older if row["name"] not in names] + fresh, indent=2) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
