"""The inside of a job's process: run the job's function and tell the parent, a JSON line at a time, how it
goes."""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandParser

from backoffice.actions import find_job
from backoffice.errors import Refused
from backoffice.jobs import working_on
from backoffice.models import JobRun


def tell(**message: Any) -> None:
    sys.__stdout__.write(json.dumps(message) + "\n")  # type: ignore[union-attr]  # the parent reads it
    sys.__stdout__.flush()  # type: ignore[union-attr]  # the parent reads it


def progress(done: int, total: int | None = None, step: str = "") -> None:
    tell(done=done, total=total, step=step)


class Command(BaseCommand):
    requires_system_checks = []
    help = "Run one claimed job (used by the workers; to run a job by hand: manage.py run_job NAME)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run_id", type=int)

    def handle(self, *args: Any, run_id: int, **options: Any) -> None:
        run = JobRun.objects.get(pk=run_id)
        try:
            with working_on(run.pk):
                result = find_job(run.name).function(progress, **run.arguments)
        except (Refused, PermissionDenied) as error:
            tell(error=str(error))
            sys.exit(1)
        except MemoryError:
            tell(error="It needed more memory than it is allowed.", traceback=traceback.format_exc())
            sys.exit(1)
        except Exception as error:
            tell(
                error=f"{type(error).__name__}: {error}".splitlines()[0][:500],
                traceback=traceback.format_exc(),
            )
            sys.exit(1)
        tell(result=result or {})
