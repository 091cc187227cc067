"""Requests that may be repeated without being carried out twice."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.errors import Refused
from backoffice.models import IdempotentAnswer

REPLAY_FOR = timedelta(hours=24)


def idempotent(method: Callable[..., Response]) -> Callable[..., Response]:
    """Make an unsafe view method repeatable: a request with an Idempotency-Key is carried out once, then answered alike.

    The same key with another body is refused (422); a repeat while the first is still at work is refused (409).
    """

    @functools.wraps(method)
    def wrapper(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        owner: Any = request.user
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return method(self, request, *args, **kwargs)
        if len(key) > 255:
            raise exceptions.ValidationError({"Idempotency-Key": [_("At most 255 characters.")]})
        said = json.dumps([request.method, request.path, request.data], sort_keys=True, default=str)
        fingerprint = hashlib.sha256(said.encode()).hexdigest()
        IdempotentAnswer.objects.filter(created_at__lt=timezone.now() - REPLAY_FOR, owner=owner, key=key).delete()
        try:
            with transaction.atomic():
                answer = IdempotentAnswer.objects.create(owner=owner, key=key, fingerprint=fingerprint)
        except IntegrityError:
            answer = IdempotentAnswer.objects.get(owner=owner, key=key)
            if answer.fingerprint != fingerprint:
                raise Refused(_("This Idempotency-Key was used with another request: choose a new one.")) from None
            if answer.status is None:
                return Response(
                    {"title": _("Conflict"), "status": 409, "detail": _("The first request is still being worked on.")},
                    status=status.HTTP_409_CONFLICT, content_type="application/problem+json",
                )
            return Response(answer.body, status=answer.status, headers={"Idempotent-Replayed": "true"})
        try:
            response = method(self, request, *args, **kwargs)
        except Exception:
            answer.delete()  # nothing was done: the client may repeat
            raise
        answer.status = response.status_code
        answer.body = json.loads(json.dumps(response.data, default=str))
        answer.save(update_fields=["status", "body"])
        return response

    return wrapper
