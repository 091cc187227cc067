"""What `manage.py check --deploy` looks at beyond Django's own checks."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from marketops.logins import demo_password_error


@register(Tags.security, deploy=True)
def no_demo_passwords(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """An error while an account has the demo's password; nothing to say about a database without accounts."""
    try:
        error = demo_password_error()
    except DatabaseError:
        return []
    return [Error(error, id="marketops.E001")] if error else []
