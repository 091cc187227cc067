"""Who is calling: API keys."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from backoffice.models import ApiKey, User


@cache
def _usable_key() -> str:
    """SQL that gives a key and its owner by the key's prefix. Every call of the API begins with it, and the
    ORM took four times as long to compose it as the database to answer."""
    columns = [
        f"{model._meta.db_table}.{field.column}"
        for model in (ApiKey, User)
        for field in model._meta.concrete_fields
    ]
    key, user = ApiKey._meta.db_table, User._meta.db_table
    tables = f"{key} JOIN {user} ON {user}.id = owner_id"
    listed = ", ".join(columns)
    return f"SELECT {listed} FROM {tables} WHERE prefix = %s AND NOT revoked"  # noqa: S608 - own names


def _key_with_prefix(prefix: str) -> ApiKey | None:
    with connection.cursor() as cursor:
        cursor.execute(_usable_key(), [prefix])
        row = cursor.fetchone()  # a prefix is unique
    if row is None:
        return None
    names = [field.attname for field in ApiKey._meta.concrete_fields]
    api_key = ApiKey.from_db(connection.alias, names, row[: len(names)])
    api_key.owner = User.from_db(
        connection.alias, [field.attname for field in User._meta.concrete_fields], row[len(names) :]
    )
    return api_key


def find_key(key: str) -> ApiKey:
    """The usable API key with this secret; notes that it was used. Raises AuthenticationFailed."""
    api_key = _key_with_prefix(key.partition(".")[0])
    if api_key is None or not api_key.is_valid(key):
        raise exceptions.AuthenticationFailed(
            _("This API key is unknown or revoked: create one under System > API keys.")
        )
    now = timezone.now()
    if api_key.has_expired or not api_key.owner.is_active:
        raise exceptions.AuthenticationFailed(_("This API key has expired or its owner is inactive."))
    if api_key.last_used_at is None or now - api_key.last_used_at > timedelta(minutes=1):
        ApiKey.objects.filter(pk=api_key.pk).update(last_used_at=now)
    return api_key


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>` or `Authorization: Api-Key <key>`; the request acts as the key's
    owner."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in {"api-key", "bearer"}:
            return None
        api_key = find_key(key.strip())
        return api_key.owner, api_key

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # no types there
    target_class = "backoffice.api.keys.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key from System > API keys."}
