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
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.errors import Refused
from backoffice.models import IdempotentAnswer

REPLAY_FOR = timedelta(hours=24)
LONGEST_KEY = 255


def idempotent(method: Callable[..., Response]) -> Callable[..., Response]:
    """Make an unsafe view method repeatable: a request with an Idempotency-Key is carried out once, then
    answered alike.

    The same key with another body is refused (422); a repeat while the first is still at work waits for its
    answer.
    """

    @functools.wraps(method)
    def wrapper(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        owner: Any = request.user
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return method(self, request, *args, **kwargs)
        if len(key) > LONGEST_KEY:
            raise exceptions.ValidationError({"Idempotency-Key": [_("At most 255 characters.")]})
        content = json.dumps([request.method, request.path, request.data], sort_keys=True, default=str)
        fingerprint = hashlib.sha256(content.encode()).hexdigest()
        IdempotentAnswer.objects.filter(
            created_at__lt=timezone.now() - REPLAY_FOR, owner=owner, key=key
        ).delete()
        with (
            transaction.atomic()
        ):  # the work and its answer stand or fall together, even when the process is killed
            try:
                with (
                    transaction.atomic()
                ):  # waits here while the first request with this key is still at work
                    answer = IdempotentAnswer.objects.create(owner=owner, key=key, fingerprint=fingerprint)
            except IntegrityError:
                return _replay(IdempotentAnswer.objects.get(owner=owner, key=key), fingerprint)
            response = method(self, request, *args, **kwargs)
            answer.status = response.status_code
            answer.body = json.loads(json.dumps(response.data, default=str))
            answer.save(update_fields=["status", "body"])
        return response

    wrapper.idempotent = True  # type: ignore[attr-defined]  # `backoffice.api.schema` declares the header
    return wrapper


def _replay(answer: IdempotentAnswer, fingerprint: str) -> Response:
    if answer.fingerprint != fingerprint:
        raise Refused(_("This Idempotency-Key was used with another request: choose a new one."))
    return Response(answer.body, status=answer.status, headers={"Idempotent-Replayed": "true"})
