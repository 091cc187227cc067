"""Run a job now and watch it: `manage.py run_job segments.refresh`."""

from __future__ import annotations

import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.actions import request_job, run_job
from backoffice.errors import Refused
from backoffice.jobs import register
from backoffice.models import JobRun


class Command(BaseCommand):
    help = "Run a job in the foreground and show its progress."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="without a name: list the jobs")

    def handle(self, *args: Any, name: str | None, **options: Any) -> None:
        if name is None:
            self.stdout.write("\n".join(f"{entry.name:32} {entry.title}" for entry in register.values()))
            return
        try:
            run, _new = request_job(name=name)
        except Refused as error:
            raise CommandError(error.message) from error
        worker = threading.Thread(target=run_job, kwargs={"run_id": run.pk})
        worker.start()
        shown = ""
        while worker.is_alive():
            worker.join(timeout=0.5)
            run = JobRun.objects.get(pk=run.pk)
            line = f"{run.percent or 0:3d}% {run.step_text}"
            if line != shown:
                self.stdout.write(line)
                shown = line
        if run.state != JobRun.State.SUCCEEDED:
            raise CommandError(f"{run.get_state_display()}: {run.error}")
        self.stdout.write(self.style.SUCCESS(f"{run.get_state_display()} in {run.duration}"))
