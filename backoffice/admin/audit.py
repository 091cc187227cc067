"""The audit trail: who did what to which object."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from backoffice.admin.lists import ReadOnlyAdmin
from backoffice.declarations import merged
from backoffice.models import AuditEntry
from backoffice.templatetags.formats import number


class VerbFilter(admin.SimpleListFilter):
    title = _("action")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        verbs = AuditEntry.objects.order_by().values_list("verb", flat=True).distinct()
        return sorted(((verb, AuditEntry.sentence(verb)) for verb in verbs), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    title = _("object")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        kinds = AuditEntry.objects.order_by().values_list("object_type", flat=True).distinct()
        return sorted(((kind, AuditEntry.kind_text(kind)) for kind in kinds), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "who", "action", "kind", "name"]
    list_filter = [VerbFilter, KindFilter]
    fields = ["at", "by", "action", "kind", "name", "told"]
    readonly_fields = ["action", "kind", "name", "told"]
    search_fields = ["label", "object_id"]
    date_hierarchy = "at"
    list_select_related = ["by"]

    @admin.display(description=_("who"), ordering="by")
    def who(self, entry: AuditEntry) -> str:
        return str(entry.by or gettext("automatic"))

    @admin.display(description=_("action"), ordering="verb")
    def action(self, entry: AuditEntry) -> str:
        return entry.verb_text

    @admin.display(description=_("object"), ordering="object_type")
    def kind(self, entry: AuditEntry) -> str:
        return entry.object_text

    @admin.display(description=_("name"), ordering="label")
    def name(self, entry: AuditEntry) -> str:
        return entry.label_text

    @admin.display(description=_("details"))
    def told(self, entry: AuditEntry) -> str:
        """The details, a line each, for people."""
        lines = [(title_of(key), text_of(value)) for key, value in entry.details.items()]
        return format_html_join(mark_safe("<br>"), "{}: {}", lines) or "–"


def title_of(key: str) -> str:
    """What a key of the details means: what an app declares, the kind of object, or the key as words."""
    if key in (declared := merged("job_figures")):
        return gettext(declared[key])
    if (kind := AuditEntry.kind_text(key)) != key:
        return kind[:1].upper() + kind[1:]
    return gettext(key[:1].upper() + key[1:].replace("_", " "))


def text_of(value: Any) -> str:
    """A JSON value of the details as a reader writes it."""
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int | float):
        return number(value, 0 if float(value).is_integer() else 2)
    if isinstance(value, dict):
        return ", ".join(f"{title_of(key)}: {text_of(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(text_of(part) for part in value)
    return gettext(str(value))
