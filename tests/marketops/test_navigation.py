"""The navigation: its order, who sees what, and which item is marked."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.urls import reverse

from backoffice.models import User
from marketops.navigation import navigation


def shown(user: User, path: str = "/") -> list[tuple[str, list[str]]]:
    request = RequestFactory().get(path)
    request.user = user
    return [
        (str(section.get("title", "")), [str(item["title"]) for item in section["items"]])
        for section in navigation(request)
    ]


def marked(user: User, path: str) -> list[str]:
    request = RequestFactory().get(path)
    request.user = user
    return [
        str(item["title"]) for section in navigation(request) for item in section["items"] if item["active"]
    ]


def test_sections_stand_in_the_order_of_work(ada: User) -> None:
    sections = shown(ada)
    assert [title for title, _items in sections] == [
        "",
        "Customers",
        "Products",
        "Ads",
        "Campaigns",
        "Data",
        "System",
    ]
    assert sections[1][1] == ["Customers", "Segments", "Predictions"]


def test_nobody_sees_what_they_may_not_open(ines: User) -> None:
    titles = [title for _section, titles in shown(ines) for title in titles]
    assert "Jobs" in titles
    assert "Staff" not in titles


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("home", "Home"),
        ("campaigns:approvals", "Approvals"),
        ("campaigns:new", "All campaigns"),
        ("profiles:features", "Segments"),  # whose address lies elsewhere
    ],
)
def test_one_item_is_marked(ada: User, page: str, title: str) -> None:
    assert marked(ada, reverse(page)) == [title]
    assert marked(ada, "/nothing/") == []
