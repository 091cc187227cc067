"""Facts to read over the API."""

from __future__ import annotations

from functools import cache
from typing import Any

from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.permissions import caller
from backoffice.errors import require


@cache
def _reader(serializer_class: type[serializers.BaseSerializer[Any]]) -> serializers.BaseSerializer[Any]:
    """A serializer to read rows with, whatever the request: building its fields anew took a third of a
    request."""
    return serializer_class()


class FactViewSet(
    mixins.ListModelMixin,
    viewsets.GenericViewSet,  # type: ignore[type-arg]  # generic in the stubs only
):
    """Facts to read; the owner of the key needs `permission`."""

    permission = ""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require(caller(request), self.permission)

    def filter_queryset(self, queryset: Any) -> Any:
        """Filters narrow lists; reading one row by its key does not pay for building them."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        kind = self.get_serializer_class()
        reader = _reader(kind)  # type: ignore[arg-type]  # a class is hashable, whatever the stubs say
        return Response(reader.to_representation(self.get_object()))
