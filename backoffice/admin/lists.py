"""Building blocks of the admin lists of every app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from backoffice.declarations import Text
from backoffice.models import User
from backoffice.templatetags.formats import price


@dataclass(frozen=True)
class EmptyList:
    """What an empty list shows: a sentence, and a button for the step that some app declares as `step`
    (`Frame.next_steps`)."""

    text: Text
    step: str


def staff_of(request: HttpRequest) -> User:
    """The member of staff behind an admin request."""
    assert isinstance(request.user, User)  # noqa: S101 - the admin lets nobody else in
    return request.user


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold has no types
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
        field = next(
            (column for column in self.opts.concrete_fields if column.name == name and column.is_relation),
            None,
        )
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
