"""Reading every list of the API page by page."""

from __future__ import annotations

import base64
import functools
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from backoffice.api.pagination import NewestFirst
from predictions.models import Prediction, PredictionRun
from shop.models import Customer, Product
from tests.campaigns.conftest import make_segment
from tests.factories import (
    ApiKeyFactory,
    CustomerFactory,
    PredictionRunFactory,
    RuleFactory,
    RuleMemberFactory,
)

pytestmark = pytest.mark.django_db
PREDICTED = "/api/v1/predictions/buys_30/customers/"


@pytest.fixture
def api(ada: Any) -> Any:
    key = ApiKeyFactory(owner=ada).key
    return Client(headers={"Authorization": f"Bearer {key}"}).get


def walk(api: Any, address: str, each: Any = lambda: None, link: str = "next") -> list[list[dict[str, Any]]]:
    pages: list[list[dict[str, Any]]] = []
    while address:
        answer = api(address)
        assert answer.status_code == 200, answer.content
        pages.append(answer.json()["results"])
        assert len(pages) < 300, "it never ends"
        address = answer.json()[link]
        each()
    return pages


def ids(pages: list[list[dict[str, Any]]], name: str) -> list[Any]:
    return [row[name] for page in pages for row in page]


def make_customers(count: int, prefix: str = "c") -> list[Customer]:
    moment = CustomerFactory(external_id=f"{prefix}-first").created_at
    rest = [Customer(external_id=f"{prefix}{n}", created_at=moment) for n in range(count - 1)]
    return [Customer.objects.get(external_id=f"{prefix}-first"), *Customer.objects.bulk_create(rest)]


@pytest.mark.parametrize("limit", [7, 50, 1000])
def test_every_customer_once_while_others_arrive(api, limit):
    before = {customer.external_id for customer in make_customers(250)}
    arrived = iter(range(10_000))
    pages = walk(
        api, f"/api/v1/customers/?limit={limit}", lambda: CustomerFactory(external_id=f"new{next(arrived)}")
    )
    seen = ids(pages, "external_id")
    assert len(seen) == len(set(seen))
    assert before <= set(seen)
    assert all(len(page) == limit for page in pages[:-1])


def test_a_walk_over_more_than_a_thousand_equal_values_ends(api):
    run = PredictionRunFactory(kind="buys_30", in_force=True)
    customers = make_customers(1_150)
    values = [0.1 + 0.2] * 1_140 + [0.9, 0.0] * 5
    Prediction.objects.bulk_create(
        Prediction(run=run, customer=customer, value=value, reasons=[])
        for customer, value in zip(customers, values, strict=True)
    )
    pages = walk(api, f"{PREDICTED}?limit=100")
    seen = ids(pages, "customer_id")
    assert len(seen) == len(set(seen)) == 1_150
    amounts = ids(pages, "value")
    assert amounts == sorted(amounts, reverse=True)


def test_a_cursor_ends_with_its_run(api):
    old = PredictionRunFactory(kind="buys_30", in_force=True)
    customers = make_customers(3)
    predict(old, customers)
    address = api(f"{PREDICTED}?limit=2").json()["next"]
    assert api(address).status_code == 200
    PredictionRun.objects.filter(pk=old.pk).update(in_force=False)
    predict(PredictionRunFactory(kind="buys_30", in_force=True), customers[::-1])
    answer = api(address)
    assert answer.status_code == 400
    assert answer.json()["errors"]["cursor"] == [
        "This list has been made anew since: begin again without a cursor."
    ]
    assert len(set(ids(walk(api, f"{PREDICTED}?limit=2"), "customer_id"))) == 3


def predict(run: PredictionRun, customers: list[Customer]) -> None:
    Prediction.objects.bulk_create(
        Prediction(run=run, customer=customer, value=value / 10, reasons=[])
        for value, customer in enumerate(customers)
    )


def test_a_walk_back_sees_the_same_pages(api):
    make_customers(23)
    forth = walk(api, "/api/v1/customers/?limit=5")
    address = "/api/v1/customers/?limit=5"
    while api(address).json()["next"]:
        address = api(address).json()["next"]
    back = walk(api, address, link="previous")
    assert [len(page) for page in back] == [3, 5, 5, 5, 5]
    assert [row for page in back[::-1] for row in page] == [row for page in forth for row in page]


def test_filters_stay_in_force(api):
    make_customers(30)
    Customer.objects.filter(external_id__endswith="1").update(country="Malta")
    Product.objects.bulk_create(
        Product(sku=f"p{n}", title="x", category="Men's & more" if n % 2 else "") for n in range(20)
    )
    countries = ids(walk(api, "/api/v1/customers/?country=Malta&limit=1"), "country")
    assert countries == ["Malta"] * 3
    categories = ids(walk(api, "/api/v1/products/?category=Men%27s+%26+more&limit=3"), "category")
    assert categories == ["Men's & more"] * 10


def lists() -> list[str]:
    """The routes of every list that has pages."""
    found: list[str] = []

    def search(patterns: Any, prefix: str) -> None:
        for entry in patterns:
            route = prefix + str(entry.pattern)
            if not isinstance(entry, URLPattern):
                search(entry.url_patterns, route)
                continue
            view = getattr(entry.callback, "cls", None)
            is_list = getattr(entry.callback, "actions", {"get": "list"}).get("get") == "list"
            if is_list and issubclass(getattr(view, "pagination_class", None) or object, NewestFirst):
                found.append(f"/{route}")

    search(get_resolver().url_patterns, "")
    return [route for route in found if route.startswith("/api/v1/") and "(?P" not in route]


def test_limits_and_cursors_that_cannot_be_used_are_refused_everywhere(api):
    PredictionRunFactory(kind="buys_30", in_force=True)
    segment = make_segment(make_customers(3))
    names = {"<slug:kind>": "buys_30", "<int:id>": str(segment.pk), "^": "", "$": ""}
    own = parse_qs(api("/api/v1/customers/?limit=1").json()["next"].partition("?")[2])["cursor"][0]
    guesses = [base64.b64encode(text).decode() for text in (b"p=x", b"o=5000&p=1", b"r=1&p=\0", b"\xff")]
    asked = 0
    for route in lists():
        address = functools.reduce(lambda text, name: text.replace(name, names[name]), names, route)
        if "results" not in api(address).json():  # no list, or there is nothing yet
            continue
        wrong = [f"limit={limit}" for limit in ("0", "-1", "abc", "1001", "1e3", "٣", "", "9" * 90)]
        wrong += [f"cursor={cursor}" for cursor in ("x", *guesses, "é", f"{own}x")]
        if "api/v1/customers" not in address:
            wrong.append(f"cursor={own}")
        for query in wrong:
            answer = api(f"{address}?{query}")
            assert answer.status_code == 400, (address, query, answer.content)
            assert answer["Content-Type"] == "application/problem+json"
            assert query.partition("=")[0] in answer.json()["errors"]
        asked += 1
    assert asked >= 10


def test_the_cursor_of_one_segment_does_not_hold_for_another(api):
    first, second = RuleFactory().segment, RuleFactory().segment
    for segment in (first, second):
        for _ in range(3):
            RuleMemberFactory(segment=segment)
    cursor = api(f"/api/v1/segments/{first.pk}/members/?limit=1").json()["next"].partition("?")[2]
    assert api(f"/api/v1/segments/{first.pk}/members/?{cursor}").status_code == 200
    assert api(f"/api/v1/segments/{second.pk}/members/?{cursor}").status_code == 400
