"""One read through the API against a bare Django view that does the same ORM read.

Ours: GET /api/v1/customers/{id}/ with an API key: middleware, key check, permission, serializer, JSON.
Theirs: the same middleware and URL resolution, then `JsonResponse` over the same row's fields, without
authentication. Both answer the same JSON.
"""

from __future__ import annotations

from datetime import datetime
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.http import HttpRequest, JsonResponse
from django.test import Client, override_settings
from django.urls import path

from backoffice.models import ApiKey, User
from backoffice.roles import ensure_roles
from benchmarks.pairs import interleaved, row
from shop.api.customers import CustomerSerializer
from shop.models import Customer

ROWS = ["api-read"]
GOAL = 2.0
READS = 50  # a measurement


def _bare(request: HttpRequest, external_id: str) -> JsonResponse:
    return JsonResponse(Customer.objects.values(*CustomerSerializer.Meta.fields).get(external_id=external_id))


def _urls() -> ModuleType:
    from marketops.urls import urlpatterns  # late: it needs Django set up

    urls = ModuleType("benchmark_urls")
    vars(urls)["urlpatterns"] = [*urlpatterns, path("bare/<str:external_id>/", _bare)]
    return urls


def _key() -> str:
    ensure_roles()
    owner, _new = User.objects.get_or_create(
        username="benchmark", defaults={"is_superuser": True, "is_staff": True}
    )
    return ApiKey.objects.create_key(name="benchmark", owner=owner)[1]


def run() -> list[dict[str, Any]]:
    if not Customer.objects.exists():
        call_command("seed_demo", customers=1000, verbosity=0)
    numbers = list(Customer.objects.values_list("external_id", flat=True)[:READS])
    headers = {"Authorization": f"Bearer {_key()}"}
    client = Client()

    def read(prefix: str) -> None:
        for number in numbers:
            if client.get(f"{prefix}/{number}/", headers=headers).status_code != 200:
                raise RuntimeError(f"{prefix}/{number}/ did not answer 200")

    def read_one(prefix: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.get(f"{prefix}/{numbers[0]}/", headers=headers).json()
        return answer | {"created_at": datetime.fromisoformat(answer["created_at"]).replace(microsecond=0)}

    with override_settings(
        ROOT_URLCONF=_urls(), SECURE_SSL_REDIRECT=False, ALLOWED_HOSTS=[*settings.ALLOWED_HOSTS, "testserver"]
    ):
        assert read_one("/api/v1/customers") == read_one("/bare"), "the two disagree"
        return [
            row(
                *ROWS,
                *interleaved(lambda: read("/api/v1/customers"), lambda: read("/bare"), rounds=21),
                goal=GOAL,
            )
        ]
