"""Every page asked with parameters that none of its links has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, get_resolver

from tests.factories import (
    CampaignFactory,
    CustomerFactory,
    MessageFactory,
    PlacementFactory,
    PredictionFactory,
    PredictionRunFactory,
    ProductFactory,
    RuleFactory,
    RuleMemberFactory,
    UserFactory,
)

ODD = ["9" * 30, "0001-01-01"]
CONVERTERS = {"int": ["1", "9" * 30], "uuid": ["00000000-0000-0000-0000-000000000000"]}
TEXTS = ["x", "9" * 30]


def names() -> list[str]:
    """The parameters that any page reads."""
    views = list(Path(settings.BASE_DIR).glob("*/views*/**/*.py"))
    views += Path(settings.BASE_DIR).glob("*/views.py")
    found = {
        name
        for path in views
        for name in re.findall(r"GET(?:\.get(?:list)?\(|\[)\"(\w+)\"", path.read_text())
    }
    assert len(found) > 15
    return sorted(found)


def pages() -> list[str]:
    """The routes of every page outside the admin's own lists and the API."""
    found: list[str] = []

    def search(patterns: Any, prefix: str) -> None:
        for entry in patterns:
            route = prefix + str(entry.pattern)
            if not isinstance(entry, URLPattern):
                search(entry.url_patterns, route)
            elif not route.startswith(("admin/", "api/", "v1/", "language/")) and "(?P" not in route:
                found.append(f"/{route}")

    search(get_resolver().url_patterns, "")
    return found


def filled(route: str) -> list[str]:
    """Addresses of a route: each of its parts filled oddly."""
    found = [route]
    while "<" in found[0]:
        converter, _colon, _name = found[0].partition("<")[2].partition(">")[0].rpartition(":")
        values = CONVERTERS.get(converter, TEXTS)
        found = [re.sub(r"<[^>]+>", value, address, count=1) for address in found for value in values]
    return found


@pytest.mark.django_db
def test_a_page_asked_oddly_is_shown_or_refused(roles: None, client: Any) -> None:
    rule = RuleFactory()
    customer = CustomerFactory()
    RuleMemberFactory(segment=rule.segment, customer=customer)
    PredictionFactory(customer=customer, run=PredictionRunFactory(in_force=True))
    PlacementFactory()
    ProductFactory()
    CampaignFactory(message=MessageFactory(), segment=rule.segment)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    client.raise_request_exception = False
    failed = []
    for route in pages():
        for address in filled(route):
            for value in ODD if "<" not in route else ODD[:1]:
                answer = client.get(address, dict.fromkeys(names(), value))
                if answer.status_code >= 500:
                    failed.append((address, value))
    assert not failed
