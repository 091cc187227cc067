"""What OpenAPI says of every route beyond what its view says."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from backoffice.api.idempotency import LONGEST_KEY

GENERIC = {
    "POST": "create",
    "PUT": "update",
    "PATCH": "partial_update",
}  # where REST framework's generic views do the work
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": LONGEST_KEY},
    OpenApiParameter.HEADER,
    description="A text of your own, new for each thing you want done. The same request with the same key is "
    "answered alike for 24 hours without being carried out twice; another request with it is refused (422).",
)


class Schema(AutoSchema):
    """Declares the header that `@idempotent` methods understand."""

    def get_override_parameters(self) -> list[Any]:
        names = (self.method.lower(), GENERIC.get(self.method, ""))
        understood = any(getattr(getattr(self.view, name, None), "idempotent", False) for name in names)
        return [*super().get_override_parameters(), *([IDEMPOTENCY_KEY] if understood else [])]
