from __future__ import annotations

import numpy as np

from profiles.datasets.demographics import demographic_groups
from shop.models import Customer
from tests.planted import TODAY


def test_groups_are_those_that_records_name(db):
    ann = Customer.objects.create(
        external_id="ann", country="Germany", attributes={"gender": "female", "income": "low"}
    )
    ben = Customer.objects.create(
        external_id="ben", country="France", attributes={"gender": "male", "age": "70"}
    )
    found = demographic_groups(as_of=TODAY, ids=np.array([ann.pk, ben.pk]))
    assert {(group.trait, group.name): group.members.tolist() for group in found} == {
        ("gender", "women"): [True, False],
        ("gender", "men"): [False, True],
        ("age", "65+"): [False, True],
        ("income", "1"): [True, False],
        ("country", "Germany"): [True, False],
        ("country", "France"): [False, True],
    }


def test_amounts_of_income_are_compared_in_thirds(db):
    bands = ["Under 15K", "15-24K", "35-49K", "50-74K", "75-99K", "250K+"]
    people = [Customer.objects.create(external_id=band, attributes={"income": band}) for band in bands]
    found = demographic_groups(as_of=TODAY, ids=np.array([person.pk for person in people]))
    assert {group.name: np.flatnonzero(group.members).tolist() for group in found} == {
        "1": [0, 1],
        "2": [2, 3],
        "3": [4, 5],
    }
