"""The audit trail: who did what to which object."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from backoffice.admin.lists import ReadOnlyAdmin
from backoffice.models import AuditEntry


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
    fields = ["at", "by", "action", "kind", "name", "details"]
    readonly_fields = ["action", "kind", "name"]
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
