"""The tracking interface in the OpenAPI schema: its view (`intake.api.events`) takes bodies as they come,
nothing can derive this."""

from __future__ import annotations

from typing import Any

from intake.importers.events import LARGEST_MESSAGE, TYPES

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
OBJECT: Schema = {"type": "object", "additionalProperties": True}
COMMON: Schema = {
    "userId": {**TEXT, "description": "The shop's own customer number."},
    "anonymousId": {
        **TEXT,
        "description": "A visitor who is not known yet. One of userId and anonymousId is needed.",
    },
    "messageId": {**TEXT, "description": "The same id within three days adds nothing."},
    "timestamp": MOMENT,
    "context": OBJECT,
    "writeKey": {**TEXT, "description": "The API key, where no Authorization header carries it."},
}
SPECIAL: dict[str, Schema] = {
    "identify": {
        "traits": {
            **OBJECT,
            "description": "email, phone, firstName, lastName, locale, address.country, createdAt, "
            "email_consent, sms_consent, personalisation_consent; others become attributes.",
        }
    },
    "track": {
        "event": {
            **TEXT,
            "description": "Product Viewed, Product Added, Order Completed, Order Refunded, ...",
        },
        "properties": OBJECT,
    },
    "page": {"name": TEXT, "properties": OBJECT},
    "screen": {"name": TEXT, "properties": OBJECT},
    "group": {"groupId": TEXT, "traits": OBJECT},
    "alias": {"previousId": {**TEXT, "description": "The visitor that turned out to be `userId`."}},
}
EXAMPLES: dict[str, Schema] = {
    "identify": {"userId": "C00042", "traits": {"email": "grace@example.com", "email_consent": True}},
    "track": {
        "userId": "C00042",
        "event": "Order Completed",
        "properties": {
            "order_id": "W-1001",
            "currency": "GBP",
            "products": [{"sku": "BOOT-42", "name": "Ankle boots", "price": 79.95, "quantity": 1}],
        },
    },
}
ANSWERS: Schema = {
    "200": {
        "description": "Taken in.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/TrackingAnswer"}}},
    },
    **{
        status: {"description": meaning, "content": {"application/problem+json": {"schema": OBJECT}}}
        for status, meaning in {
            "400": "Not JSON, or a single message that cannot be understood: `detail` says why.",
            "401": "The key is not known.",
            "403": "The owner of the key may not add events.",
            "413": "Larger than 500 KB (a batch) or 32 KB (a message).",
            "503": "The database is busy: send the same again after `Retry-After` seconds.",
        }.items()
    },
}


def describe_tracking(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """A postprocessing hook of drf-spectacular: add `POST /v1/{identify,track,...,batch}`."""
    schemas = result["components"].setdefault("schemas", {})
    for kind in sorted(TYPES):
        schemas[f"Tracking{kind.title()}"] = {"type": "object", "properties": {**COMMON, **SPECIAL[kind]}}
    message = {"anyOf": [{"$ref": f"#/components/schemas/Tracking{kind.title()}"} for kind in sorted(TYPES)]}
    schemas["TrackingBatch"] = {
        "type": "object",
        "required": ["batch"],
        "properties": {
            "batch": {
                "type": "array",
                "items": {"allOf": [message], "properties": {"type": {"enum": sorted(TYPES)}}},
            },
            "sentAt": {**MOMENT, "description": "Corrects the timestamps of a clock that is wrong."},
            "context": OBJECT,
            "writeKey": COMMON["writeKey"],
        },
    }
    schemas["TrackingAnswer"] = {
        "type": "object",
        "properties": {
            "success": {"type": "boolean"},
            "accepted": {"type": "integer"},
            "repeated": {"type": "integer"},
            "erased": {
                "type": "integer",
                "description": "Of the accepted: about people who asked to be erased, and left out. "
                "Their orders count as guest orders.",
            },
            "rejected": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"index": {"type": "integer"}, "field": TEXT, "reason": TEXT},
                },
            },
        },
    }
    result["components"].setdefault("securitySchemes", {})["WriteKey"] = {
        "type": "http",
        "scheme": "basic",
        "description": "The API key as user name, no password: what Segment's SDKs send.",
    }
    for kind in sorted(TYPES | {"batch"}):
        result["paths"][f"/v1/{kind}"] = {"post": _operation(kind)}
    return result


def _operation(kind: str) -> Schema:
    content: Schema = {"schema": {"$ref": f"#/components/schemas/Tracking{kind.title()}"}}
    if kind in EXAMPLES:
        content["example"] = EXAMPLES[kind]
    if kind == "batch":
        content["example"] = {"batch": [{"type": name, **example} for name, example in EXAMPLES.items()]}
    about = (
        "Several messages, at most 500 KB."
        if kind == "batch"
        else f"One message, at most {LARGEST_MESSAGE // 1024} KB."
    )
    return {
        "operationId": f"tracking_{kind}",
        "tags": ["tracking"],
        "summary": f"Segment-style {kind}",
        "description": f"{about} Existing SDKs of the Segment spec can point here; the API key is the write"
        " key (Basic user name, Bearer, or `writeKey` in the body). Bodies may be gzip.",
        "security": [{"WriteKey": []}, {"ApiKey": []}, {}],
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": ANSWERS,
    }
