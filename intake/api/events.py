"""POST /v1/...: the tracking interface of the Segment spec, so that existing SDKs can point at this shop.

Clients take 200 for done, repeat on 429 and 5xx, and drop a batch on any other answer.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from rest_framework.exceptions import AuthenticationFailed

from backoffice.api.keys import find_key
from intake.actions.events import ingest
from intake.importers import bodies
from intake.importers.events import LARGEST_MESSAGE, TYPES
from shop.tasks import queue_after_facts

LARGEST_BATCH = 500 * 1024  # bytes, unpacked


class RequestError(Exception):
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@csrf_exempt
@require_POST
def receive(request: HttpRequest, kind: str) -> HttpResponse:
    """Take in one message (`kind` names its type) or a batch. Answers what was accepted, repeated and left
    out."""
    received_at = timezone.now()
    try:
        body = _parse(_unpacked(request, LARGEST_BATCH if kind == "batch" else LARGEST_MESSAGE))
        by = find_key(_write_key(request, body)).owner
        messages = _messages(body, kind)
        outcome = ingest(by=by, messages=messages, received_at=received_at, sent_at=body.get("sentAt"))
        queue_after_facts()
    except RequestError as problem:
        return _problem(problem.status, problem.detail)
    except AuthenticationFailed as problem:
        return _problem(401, str(problem.detail))
    except PermissionDenied as problem:
        return _problem(403, str(problem))
    except OperationalError:  # a deadlock or a database that restarts: the client keeps the batch
        response = _problem(503, "The database is busy: send the same batch again.")
        response["Retry-After"] = "2"
        return response
    if kind != "batch" and outcome.rejected:
        return _problem(400, outcome.rejected[0]["reason"])
    return JsonResponse(
        {
            "success": True,
            "accepted": outcome.accepted,
            "repeated": outcome.repeated,
            "erased": outcome.erased,
            "rejected": outcome.rejected,
        }
    )


def _problem(status: int, detail: str) -> HttpResponse:
    response = JsonResponse({"success": False, "status": status, "detail": detail}, status=status)
    response["Content-Type"] = "application/problem+json"
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="write key"'
    return response


def _unpacked(request: HttpRequest, largest: int) -> bytes:
    """The body, at most `largest` bytes of it after unpacking: a packed giant never unfolds in memory."""
    too_large = RequestError(413, f"The request is larger than {largest // 1024} KB: send smaller batches.")
    try:
        body = request.body
    except RequestDataTooBig:
        raise too_large from None
    if request.headers.get("Content-Encoding", "").lower() == "gzip":
        unpacking = zlib.decompressobj(wbits=31)
        try:
            body = unpacking.decompress(body, largest + 1)
        except zlib.error:
            raise RequestError(400, "The body is not gzip, although Content-Encoding says so.") from None
        if not unpacking.eof and len(body) <= largest:
            raise RequestError(400, "The gzip body is cut off.")
    if len(body) > largest:
        raise too_large
    return body


def _parse(body: bytes) -> dict[str, Any]:
    try:
        parsed = bodies.parse(body)
    except (ValueError, RecursionError):
        raise RequestError(400, "The body is not JSON.") from None
    if not isinstance(parsed, dict):
        raise RequestError(400, "The body is a JSON object.")
    return parsed


def _write_key(request: HttpRequest, body: dict[str, Any]) -> str:
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            raise RequestError(400, "The Basic credentials are not base64.") from None
    return str(body.get("writeKey") or "")


def _messages(body: dict[str, Any], kind: str) -> list[Any]:
    if kind != "batch":
        return [{**body, "type": kind}]
    if not isinstance(body.get("batch"), list):
        raise RequestError(400, "batch: a list of messages.")
    context = body.get("context")
    if not isinstance(context, dict):
        return body["batch"]
    return [
        {"context": context, **message} if isinstance(message, dict) else message for message in body["batch"]
    ]


urlpatterns = [
    path(kind, receive, {"kind": kind}, name=f"ingest-{kind}") for kind in sorted(TYPES | {"batch"})
]
