"""What OpenAPI says of every route beyond what its view says: the header of repeatable requests, and the
problem details of refusals."""

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


PROBLEMS = {
    "400": "A field, a filter, a cursor or the body cannot be used: `errors` names each field.",
    "401": "No key, or one that is unknown, revoked or expired.",
    "403": "The owner of the key lacks the right.",
    "404": "There is nothing at this address, or not yet.",
    "406": "Answers are JSON; `Accept` excludes it.",
    "503": "The database starts again: send the same request after `Retry-After` seconds.",
}
PROBLEMS_OF_BODIES = {
    "413": "The body is larger than 5 MB.",
    "415": "Bodies are `application/json`.",
    "422": "Understood, and not possible: `detail` names the remedy.",
}
PROBLEM = {
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence in the language of Accept-Language."},
        "errors": {
            "type": "object",
            "additionalProperties": True,
            "description": "Field -> what is wrong with it.",
        },
        "incident": {"type": "string", "description": "Of a fault of ours: its number in the log."},
    },
}


def describe_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular: the refusals that every route may answer with (RFC 9457)."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, methods in result["paths"].items():
        if not path.startswith("/api/"):
            continue
        for method, operation in methods.items():
            answers = PROBLEMS | (PROBLEMS_OF_BODIES if method != "get" else {})
            for status, meaning in answers.items():
                operation["responses"].setdefault(status, {"description": meaning, "content": content})
    return result
