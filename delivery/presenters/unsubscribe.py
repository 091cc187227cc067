"""The address behind the unsubscribe link of a message: a signed delivery, which reveals nothing about it."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

SIGNER = signing.Signer(salt="delivery.unsubscribe")


def unsubscribe_url(delivery_id: int) -> str:
    """The absolute address that withdraws consent for the delivery's customer and channel."""
    return settings.PUBLIC_URL.rstrip("/") + reverse(
        "delivery:unsubscribe", args=[SIGNER.sign(str(delivery_id))]
    )


def delivery_of(token: str) -> int:
    """The delivery that `unsubscribe_url` signed. Raises BadSignature or ValueError for anything else."""
    return int(SIGNER.unsign(token))
