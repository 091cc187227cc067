from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import ApiKey
from profiles.actions.counters import count_everybody
from segments.actions.rules.saving import save_rule
from segments.models import Segment
from tests.planted import EACH


@pytest.fixture
def partner(mara, planted) -> Client:
    count_everybody()
    _key, secret = ApiKey.objects.create_key(name="partner", owner=mara)
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def again(partner, mara) -> Segment:
    return save_rule(tree={"all": [{"field": "frequency", "op": ">=", "value": 2}]}, name="Again", by=mara)


def test_how_many_two_segments_share(partner, again, mara):
    often = save_rule(
        tree={"all": [{"field": "frequency", "op": ">=", "value": 10}]}, name="Often here", by=mara
    )
    body = partner.get("/api/v1/segments/overlap/", {"first": again.pk, "second": often.pk}).json()
    assert body == {"first": 2 * EACH, "second": EACH, "both": EACH}
    assert partner.get("/api/v1/segments/overlap/", {"first": again.pk}).status_code == 404
