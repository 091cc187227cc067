"""Keys of partner tools: made here, shown once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import APIKey as AnonymousApiKey
from unfold.admin import ModelAdmin

from backoffice.actions import record
from backoffice.admin.lists import staff_of
from backoffice.models import ApiKey, User

admin.site.unregister(AnonymousApiKey)  # ours has an owner


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold has no types
    list_display = ["name", "owner", "prefix", "created", "last_used_at", "expiry_date", "revoked"]
    list_filter = ["revoked"]
    list_select_related = ["owner"]
    search_fields = ["name", "prefix"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name", "owner", "expiry_date", *(["revoked"] if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A key acts as one person for life, and a revoked one stays revoked."""
        if obj is None:
            return []
        return ["owner", "revoked", "expiry_date"] if obj.revoked else ["owner"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **keywords: Any) -> Any:
        if db_field.name == "owner":
            owners = User.objects.filter(is_active=True).order_by("username")
            # a key that acts as a superuser would give its maker a superuser's rights
            keywords["queryset"] = owners if request.user.is_superuser else owners.filter(is_superuser=False)
        return super().formfield_for_foreignkey(db_field, request, **keywords)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # revoke it: the audit trail still names it

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        key = "" if change else ApiKey.objects.assign_key(obj)
        obj.save()
        record(
            by=staff_of(request),
            verb="api_key.change" if change else "api_key.create",
            about=obj,
            acts_as=obj.owner.username,
            revoked=obj.revoked,
        )
        if key:
            messages.warning(
                request,
                _("The API key is %s - copy it now: it is stored only as a hash and cannot be shown again.")
                % key,
            )
