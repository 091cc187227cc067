"""Staff and their roles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from backoffice.actions import record
from backoffice.admin.lists import staff_of
from backoffice.models import User


class RolesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, role: Any) -> str:
        return gettext(role.name)


class RoleFilter(admin.RelatedFieldListFilter):
    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(pk, gettext(str(name))) for pk, name in super().field_choices(field, request, model_admin)]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]  # Unfold has no types
    """Staff and their roles. Only a superuser makes superusers or touches their accounts: roles are all an
    administrator gives."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "last_name", "roles", "is_active", "last_login"]
    list_filter = [("groups", RoleFilter), "is_active"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "new_password"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email"]}),
        (_("What they may do"), {"fields": ["groups", "is_active", "is_superuser"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "username",
                    "first_name",
                    "last_name",
                    "email",
                    "groups",
                    "usable_password",
                    "password1",
                    "password2",
                ]
            },
        )
    ]

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        names = [gettext(group.name) for group in user.groups.all()]
        return ", ".join([gettext("superuser"), *names] if user.is_superuser else names)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **keywords: Any) -> Any:
        if db_field.name != "groups":
            return super().formfield_for_dbfield(db_field, request, **keywords)
        return db_field.formfield(
            form_class=RolesField,
            label=_("Roles"),
            help_text="",
            widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # whoever leaves is made inactive: the trail still names them

    @admin.display(description=_("password"))
    def new_password(self, user: User) -> str:
        """Where to set it; how it is kept concerns nobody."""
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("Set a new password"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["new_password"] if request.user.is_superuser else ["new_password", "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True  # there is no other kind of account here
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user: User = form.instance
        roles = sorted(user.groups.values_list("name", flat=True))
        record(
            by=staff_of(request),
            verb="staff.change" if change else "staff.create",
            about=user,
            roles=roles,
            active=user.is_active,
            superuser=user.is_superuser,
        )
