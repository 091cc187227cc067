"""What tests of incoming messages share."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.factories import ApiKeyFactory


@pytest.fixture
def key(mara: Any) -> str:
    return ApiKeyFactory(owner=mara).key


@pytest.fixture
def send(key: str) -> Any:
    """Post messages as one batch; returns the answer's JSON."""

    def post(*messages: dict[str, Any], **batch: Any) -> dict[str, Any]:
        response = Client().post(
            "/v1/batch", {"batch": list(messages), "writeKey": key, **batch}, content_type="application/json"
        )
        assert response.status_code == 200, response.content
        return response.json()

    return post


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
