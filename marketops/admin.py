"""Roles, and the switches of what repeats, in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as beat  # registers its own forms, which ask for JSON and cron lines
from django_celery_beat.models import PeriodicTask
from unfold.admin import ModelAdmin

from backoffice.actions import record
from backoffice.jobs import register
from marketops.roles import ROLES

admin.site.unregister(
    [
        Group,
        PeriodicTask,
        beat.ClockedSchedule,
        beat.CrontabSchedule,
        beat.IntervalSchedule,
        beat.SolarSchedule,
    ]
)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """The four built-in roles follow the code (`marketops/roles.py`); a superuser may add roles of the
    house's own."""

    list_display = ["role"]

    @admin.display(description=_("role"), ordering="name")
    def role(self, group: Group) -> str:
        return gettext(group.name)

    def _may_change(self, request: HttpRequest, obj: Any) -> bool:
        return bool(request.user.is_superuser) and (obj is None or obj.name not in ROLES)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_change(request, obj)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ModelAdmin):  # type: ignore[misc]
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
        record(by=request.user, verb="job.schedule", about=obj, enabled=obj.enabled)  # type: ignore[arg-type]
