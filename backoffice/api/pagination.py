"""Pages of long lists."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Pages by cursor: stable while rows are added, and as fast on page 1,000 as on page 1."""

    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 1000
    ordering: str | list[str] | tuple[str, ...] = "-pk"

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """REST framework says `nullable`, which OpenAPI 3.1 no longer knows."""
        described = super().get_paginated_response_schema(schema)
        for name in ("next", "previous"):
            del described["properties"][name]["nullable"]
            described["properties"][name]["type"] = ["string", "null"]
        return described
