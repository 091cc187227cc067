"""The switches of what repeats by itself."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as beat  # registers its own forms, which ask for JSON and cron lines
from django_celery_beat.models import PeriodicTask
from unfold.admin import ModelAdmin

from backoffice.admin.lists import staff_of
from backoffice.jobs import register
from backoffice.models import AuditEntry

admin.site.unregister(
    [PeriodicTask, beat.ClockedSchedule, beat.CrontabSchedule, beat.IntervalSchedule, beat.SolarSchedule]
)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold has no types
    """What repeats by itself, which the code says: only whether it does can be switched. (Running one now:
    the jobs page.)"""

    list_display = ["name", "job", "enabled", "last_run_at"]
    fields = ["name", "job", "enabled", "last_run_at"]
    readonly_fields = ["name", "job", "last_run_at"]
    search_fields = ["name"]

    @admin.display(description=_("Job"))
    def job(self, task: PeriodicTask) -> str:
        return str(register[task.name].title) if task.name in register else "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # at its next start the scheduler would bring it back

    def save_model(self, request: HttpRequest, obj: PeriodicTask, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        AuditEntry.objects.create(
            by=staff_of(request),
            verb="job.schedule",
            object_type=obj._meta.label_lower,
            object_id=AuditEntry.id_of(obj),
            label=obj.name,
            label_is_key=True,  # the job's; another package's model has no `audit_key`
            details={"enabled": obj.enabled},
        )
