"""Pages of long lists."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

CURSOR, LIMIT = "cursor", "limit"
Position = list[Any]  # the values by which a list is ordered, of the row at an edge of a page


class NewestFirst(BasePagination):
    """Pages by cursor: a walk meets every row exactly once while rows are added, and is as fast on page 1,000
    as on page 1.

    A cursor names the row at the edge of a page by the values of `ordering`, whose last field makes rows
    unique. It is signed and holds for one list in one order: another one refuses it.

    A view whose list is made anew as a whole names its `edition`: a cursor of an earlier one is refused, for
    the rows around it stand elsewhere now.
    """

    ordering: tuple[str, ...] = ("-pk",)
    page_size = 100
    max_page_size = 1000

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Raises ValidationError (400) for a limit or a cursor that cannot be used."""
        self.request, self.edition = request, str(getattr(view, "edition", ""))
        size = self._size()
        backwards, position = self._read_cursor(request.query_params.get(CURSOR, ""))
        order = [_turned(name) for name in self.ordering] if backwards else list(self.ordering)
        rows = list(_beyond(queryset, order, position).order_by(*order)[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        there = bool(rows)
        self.next = self._link(rows[-1], backwards=False) if there and (more or backwards) else None
        self.previous = (
            self._link(rows[0], backwards=True) if there and position and (more or not backwards) else None
        )
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        limits = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [
            _parameter(CURSOR, {"type": "string"}, "From `next` or `previous` of a page of the same list."),
            _parameter(LIMIT, limits, "How many rows a page has at most."),
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri", "example": None}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "The page after this one; null: this is the last."},
                "previous": {**link, "description": "The page before this one; null: this is the first."},
                "results": schema,
            },
        }

    def _size(self) -> int:
        text = self.request.query_params.get(LIMIT, str(self.page_size))
        if text.isascii() and text.isdecimal() and 1 <= int(text) <= self.max_page_size:
            return int(text)
        raise ValidationError({LIMIT: [_("A whole number from 1 to %s.") % self.max_page_size]})

    def _signer(self) -> Signer:
        return Signer(salt=f"cursor {self.request.path} {' '.join(self.ordering)}")

    def _read_cursor(self, cursor: str) -> tuple[bool, Position]:
        """Whether the page lies before the row, and the position of the row: none for the first page."""
        if not cursor:
            return False, []
        try:
            edition, backwards, *position = self._signer().unsign_object(cursor)
        except (BadSignature, ValueError):
            raise ValidationError(
                {CURSOR: [_("This is no cursor of this list: begin without one, then follow “next”.")]}
            ) from None
        if edition != self.edition:
            raise ValidationError(
                {CURSOR: [_("This list has been made anew since: begin again without a cursor.")]}
            )
        return backwards, position

    def _link(self, row: Any, *, backwards: bool) -> str:
        position = [_written(attrgetter(_path(name))(row)) for name in self.ordering]
        query = self.request.query_params.copy()
        query[CURSOR] = self._signer().sign_object([self.edition, backwards, *position])
        address = self.request.build_absolute_uri(self.request.path)
        return f"{address}?{urlencode(sorted(query.lists()), doseq=True)}"


def _beyond(queryset: QuerySet[Any], order: list[str], position: Position) -> QuerySet[Any]:
    """The rows that come after a position: (a, b) > (x, y), written so that an index on a is used."""
    if not position:
        return queryset
    condition = Q()
    for name, value in reversed(list(zip(order, position, strict=True))):
        field, after = name.removeprefix("-"), "lt" if name.startswith("-") else "gt"
        rest = Q(**{field: value}) & condition if condition else Q()
        further = Q(**{f"{field}__{after}": value})
        condition = Q(**{f"{field}__{after}e": value}) & (further | rest) if rest else further
    return queryset.filter(condition)


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _path(name: str) -> str:
    return name.removeprefix("-").replace("__", ".")


def _written(value: Any) -> Any:
    """As JSON keeps it without loss: fields of the database read it back."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
