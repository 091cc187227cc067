from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from profiles.datasets.features import Gap, customer_features
from profiles.models import CustomFeature
from shop.models import Customer
from tests.planted import TODAY


def people(*attributes: object) -> dict[str, list[float]]:
    """What is known of one customer for each of these attributes."""
    Customer.objects.bulk_create(
        [
            Customer(external_id=f"p{i}", attributes=recorded, created_at=TODAY - timedelta(days=9))
            for i, recorded in enumerate(attributes)
        ]
    )
    known = customer_features(as_of=TODAY)
    return dict(zip(known.keys, known.values.T.tolist(), strict=True)) | {"gaps": known.quality.gaps}


def test_demographics_in_several_languages(db):
    found = people(
        {"age": 30, "gender": "female", "income": "low"},
        {"birthday": "1986-06-01", "gender": "M", "income": "high"},
        {"age": "50", "gender": "女", "income": "中"},
    )
    assert found["age"] == pytest.approx([30, 40, 50], abs=0.01)
    assert found["female"] == [1, 0, 1]
    assert found["income"] == [1, 3, 2]
    assert found["gaps"]["home_country"].missing == 3
    assert "age" not in found["gaps"]


def test_what_nobody_can_read_is_counted_and_filled(db):
    found = people(
        {"age": 20},
        {"age": 60},
        {"age": 40},
        {},
        ["not", "a", "record"],
        {"age": "forty"},
        {"age": 999},
        {"birthday": "2190-01-01"},
        {"age": "9" * 400},
        {"birthday": "1990-02-31T00:00:00Z"},
        {"age": "NaN"},
        {"gender": "1 OR 1=1"},
    )
    assert found["gaps"]["age"] == Gap(3, 5, filled_with=pytest.approx(38.1, abs=0.2))
    assert np.isfinite(found["age"]).all()
    assert found["gaps"]["female"].unusable == 1


@pytest.mark.parametrize(
    ("written", "years"),
    [
        ("35-44", 39.5),
        ("19 – 24", 21.5),
        ("45 to 54 years", 49.5),
        ("65+", 71.5),
        ("70 and over", 77),
        ("Under 20", 15),
        ("<20", 15),
        ("60岁以上", 66),
        ("44-35", None),
        ("35-44-50", None),
        ("+65", None),
    ],
)
def test_a_band_of_ages_is_the_number_in_its_middle(db, written, years):
    found = people({"age": written})
    assert found["age"] == ([pytest.approx(years)] if years else [0])
    assert ("age" in found["gaps"]) == (years is None)


def test_bands_of_income_keep_their_order(db):
    bands = ["Under 15K", "15-24K", "$25-34K", "35K to 49K", "$50,000 - 74,999", "75-99k", "$100K+", "20万"]
    found = people(*[{"income": band} for band in bands])["income"]
    assert found == sorted(found)
    assert found[:3] == [11_250, 19_500, 29_500]
    assert found[4:] == [62_499.5, 87_000, pytest.approx(110_000), 200_000]


def test_a_feature_of_staffs_own_is_read_from_an_attribute(db):
    CustomFeature.objects.create(
        key="own-points", title="Points", attribute="points", kind="number", unit="number"
    )
    CustomFeature.objects.create(
        key="own-gold", title="Gold", attribute="card", kind="category", value="gold", unit="share"
    )
    CustomFeature.objects.create(
        key="own-joined", title="Joined", attribute='it\'s "joined" %s', kind="date", unit="days"
    )
    found = people(
        {"points": 5, "card": "gold", 'it\'s "joined" %s': "2026-05-22"},
        {"points": "-2.5", "card": "tin"},
        {"points": "many"},
    )
    assert found["own-points"] == [5, -2.5, 1.25]
    assert found["own-gold"] == [1, 0, 0.5]
    assert found["own-joined"] == [10, 10, 10]
    assert found["gaps"]["own-points"].unusable == 1


def test_days_are_counted_to_the_day_of_the_shop(db, settings):
    CustomFeature.objects.create(
        key="own-joined", title="Joined", attribute="joined", kind="date", unit="days"
    )
    settings.SHOP_TIME_ZONE = "America/Los_Angeles"  # seven hours behind: TODAY is still the day before there
    found = people({"joined": "2026-05-22"}, {"joined": "2026-05-31"}, {"joined": "2026-06-01"})
    assert found["own-joined"][:2] == [9, 0]
    assert found["gaps"]["own-joined"].unusable == 1, "tomorrow, where the shop is"
