"""Every route of the API with whatever a client may send: no fault of ours, and no answer that the schema
does not announce."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from marketops.wsgi import application
from tests.factories import (
    ApiKeyFactory,
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

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6"))  # of each route, half of them as the schema wants them
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
AWKWARD_TEXTS = [
    "",
    "\0",
    "é",
    "%00",
    "%ed%a0%80",
    "9" * 30,
    "9" * 5_000,
    "-1",
    "1e999",
    "null",
    "[]",
    "'\"<>",
    "a/b",
]
AWKWARD_VALUES = [
    *AWKWARD_TEXTS,
    "\ud800",
    "x" * 100_000,
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    10**400,
    1.5,
    1e308,
    [],
    [[]],
    ["x"],
    [None],
    {},
    {"a": []},
    {"\0": 1},
    "0001-01-01T00:00:00+14:00",
]


@cache
def announced() -> Any:
    with GENERATOR_STATS.silence():
        return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture(scope="module")
def schema() -> Any:
    loaded = schemathesis.openapi.from_dict(announced())
    loaded.app = application
    return loaded


@pytest.fixture
def known(roles: None) -> dict[str, list[Any]]:
    """What there is, by the names of parameters of addresses."""
    customer = CustomerFactory()
    rule = RuleFactory()
    RuleMemberFactory(segment=rule.segment, customer=customer)
    PredictionFactory(customer=customer, run=PredictionRunFactory(in_force=True))
    PlacementFactory()
    campaign = CampaignFactory(message=MessageFactory(), segment=rule.segment)
    return {
        "external_id": [customer.external_id],
        "sku": [ProductFactory().sku],
        "id": [rule.segment_id, 0, 2**31, 2**63, 10**40],
        "kind": ["buys_30"],
        "public_id": [str(campaign.public_id)],
    }


def operations() -> list[tuple[str, str]]:
    return [(path, method) for path, methods in announced()["paths"].items() for method in methods]


def bend(case: Any, data: Any) -> None:
    """Put something awkward in one place of a request."""
    if data.draw(st.booleans()) and isinstance(case.body, dict):
        name = data.draw(st.sampled_from(sorted(case.body) or ["name"]))
        case.body = {**case.body, name: data.draw(st.sampled_from(AWKWARD_VALUES))}
    elif case.path_parameters and data.draw(st.booleans()):
        name = data.draw(st.sampled_from(sorted(case.path_parameters)))
        case.path_parameters[name] = data.draw(st.sampled_from(AWKWARD_TEXTS[1:]))
    else:
        names = sorted({*(case.query or {}), "cursor", "limit", "method", "kind"})
        case.query = {
            **(case.query or {}),
            data.draw(st.sampled_from(names)): data.draw(st.sampled_from(AWKWARD_TEXTS)),
        }


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The requests are part of the test's transaction, as Django's own client has it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize(("path", "method"), operations())
def test_a_route_answers_as_announced(schema: Any, known: Any, path: str, method: str) -> None:
    operation = schema[path][method.upper()]
    key = ApiKeyFactory(owner=UserFactory(is_staff=True, is_superuser=True)).key
    headers = {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}

    def ask(case: Any, data: Any) -> None:
        for name in case.path_parameters or {}:
            if data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        if data.draw(st.booleans()):
            bend(case, data)
        case.call_and_validate(headers=headers, checks=CHECKS)

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        strategy = operation.as_strategy(generation_mode=mode)
        bounded = settings(
            max_examples=EXAMPLES // 2,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        bounded(given(case=strategy, data=st.data())(ask))()
