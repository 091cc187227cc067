"""Staff, API keys and the audit trail in the admin."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import APIKey as AnonymousApiKey
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from backoffice.actions import record
from backoffice.models import ApiKey, AuditEntry, User
from backoffice.templatetags.formats import price

admin.site.unregister(AnonymousApiKey)  # ours has an owner


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the admin lets nobody else in
    return request.user


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Lists to look at: what changes these rows is an action, not a form."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A link to a page that this reader may not open becomes the name alone."""
        return [
            (title, {**options, "fields": [self._readable(name, request) for name in options["fields"]]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def _readable(self, name: Any, request: HttpRequest) -> Any:
        field = next((one for one in self.opts.concrete_fields if one.name == name and one.is_relation), None)
        target = field and self.admin_site._registry.get(field.related_model)
        return _name_alone(field) if target and not target.has_view_permission(request) else name


def _name_alone(field: Any) -> Callable[[Any], str]:
    """A read-only column that shows what `field` points to without a link."""

    @admin.display(description=field.verbose_name)
    def shown(row: Any) -> str:
        value = getattr(row, field.name)
        return "–" if value is None else str(value)

    return shown


def amount_column(
    name: str, label: Any, *, currency: str = "currency", write: Callable[[Any, str], str] = price
) -> Callable[[Any], str]:
    """A column (or a field to read) of the amount `name`, written in the currency that stands in `currency`,
    which may lead over a relation: "order.currency". `write`: prices keep every decimal, means are written as
    money."""

    @admin.display(description=label, ordering=name)
    def shown(row: Any) -> str:
        return write(getattr(row, name), attrgetter(currency)(row))

    shown.__name__ = f"{name}_shown"  # the class of the column's cells
    return shown


class RolesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, role: Any) -> str:
        return gettext(role.name)


class RoleFilter(admin.RelatedFieldListFilter):
    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(pk, gettext(str(name))) for pk, name in super().field_choices(field, request, model_admin)]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """Staff and their roles. Only a superuser makes superusers or touches their accounts: roles are all an
    administrator gives."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "last_name", "roles", "is_active", "last_login"]
    list_filter = [("groups", RoleFilter), "is_active"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if request.user.is_superuser else ["is_superuser"]

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
            by=_staff(request),
            verb="staff.change" if change else "staff.create",
            about=user,
            roles=roles,
            active=user.is_active,
            superuser=user.is_superuser,
        )


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):  # type: ignore[misc]
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
            by=_staff(request),
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


class VerbFilter(admin.SimpleListFilter):
    title = _("action")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        verbs = AuditEntry.objects.order_by().values_list("verb", flat=True).distinct()
        return sorted(((verb, AuditEntry.sentence(verb)) for verb in verbs), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    title = _("object")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = AuditEntry.objects.order_by().values_list("object_type", flat=True).distinct()
        return sorted(((kind, AuditEntry.kind_text(kind)) for kind in kinds), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "by", "action", "kind", "name"]
    list_filter = [VerbFilter, KindFilter]
    fields = [*list_display, "details"]
    readonly_fields = ["action", "kind", "name"]
    search_fields = ["label", "object_id"]
    date_hierarchy = "at"
    list_select_related = ["by"]

    @admin.display(description=_("action"), ordering="verb")
    def action(self, entry: AuditEntry) -> str:
        return entry.verb_text

    @admin.display(description=_("object"), ordering="object_type")
    def kind(self, entry: AuditEntry) -> str:
        return entry.object_text

    @admin.display(description=_("name"), ordering="label")
    def name(self, entry: AuditEntry) -> str:
        return entry.label_text
