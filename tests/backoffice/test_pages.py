"""The frame of staff pages: who gets in, and where a refusal is shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from backoffice.errors import Refused
from backoffice.models import User
from backoffice.pages import staff_page

HERE = "http://testserver/jobs/"


@staff_page("backoffice.run_job")
def guarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


@staff_page()
def refusing(request: HttpRequest) -> HttpResponse:
    raise Refused("Upload orders first.")


def request_of(user: Any, method: str = "get", **headers: str) -> HttpRequest:
    request = getattr(RequestFactory(), method)("/jobs/", headers=headers)
    request.user = user
    request.session = {}
    request._messages = FallbackStorage(request)
    return request


def test_strangers_go_to_the_login_page() -> None:
    assert guarded(request_of(AnonymousUser()))["Location"].startswith("/admin/login/")


def test_only_those_with_the_permission_get_in(mara: User, ines: User) -> None:
    assert guarded(request_of(mara)).content == b"in"
    with pytest.raises(PermissionDenied):
        guarded(request_of(ines))


def test_a_refused_post_goes_back_with_the_sentence(mara: User) -> None:
    request = request_of(mara, "post", referer=HERE)
    answer = refusing(request)
    assert (answer.status_code, answer["Location"]) == (302, HERE)
    assert [str(message) for message in get_messages(request)] == ["Upload orders first."]


def test_a_refusal_never_leads_to_another_host(mara: User) -> None:
    answer = refusing(request_of(mara, "post", referer="https://elsewhere.example/"))
    assert answer.status_code == 422
