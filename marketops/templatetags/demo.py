"""The logins of a demo installation, for its login page."""

from __future__ import annotations

from django import template
from django.conf import settings

from backoffice.models import User
from marketops.logins import DEMO_PASSWORD, DEMO_STAFF

register = template.Library()


@register.simple_tag
def demo_logins() -> list[tuple[str, str]]:
    """(user name, password) of the demo's staff; nothing on a server."""
    if not settings.LOCAL:
        return []
    names = (
        User.objects.filter(username__in=DEMO_STAFF, is_active=True)
        .order_by("pk")
        .values_list("username", flat=True)
    )
    return [(name, DEMO_PASSWORD) for name in names]
