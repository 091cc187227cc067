from __future__ import annotations

import pytest
from django.urls import reverse

from backoffice.models import AuditEntry
from profiles.models import CustomFeature
from shop.models import Customer
from tests.factories import CustomFeatureFactory, FeatureReviewFactory


def test_an_empty_shop_shows_the_catalogue_and_the_next_step(mara, as_user):
    text = as_user(mara).get(reverse("profiles:features")).text
    assert "Days since last order" in text
    assert reverse("intake:imports") in text


def test_an_attribute_becomes_a_feature_in_two_clicks_and_goes_again(db, mara, as_user):
    Customer.objects.bulk_create(
        [
            Customer(external_id=f"A{i}", attributes={"points": i, "card": "gold" if i % 2 else "tin"})
            for i in range(40)
        ]
    )
    browser = as_user(mara)
    shown = browser.get(reverse("profiles:features")).text
    assert "Make it a feature" in shown
    assert "+ gold" in shown
    browser.post(reverse("profiles:feature-add"), {"attribute": "points", "kind": "number"})
    browser.post(reverse("profiles:feature-add"), {"attribute": "card", "kind": "category", "value": "gold"})
    assert set(CustomFeature.objects.values_list("title", "unit")) == {
        ("points", "number"),
        ("card: gold", "share"),
    }
    assert "card: gold" in browser.get(reverse("profiles:features")).text
    feature = CustomFeature.objects.get(title="points")
    browser.post(reverse("profiles:feature-retire", args=[feature.pk]))
    assert "Make it a feature" in browser.get(reverse("profiles:features")).text
    assert AuditEntry.objects.filter(verb__startswith="feature.").count() == 3


def test_sql_stands_in_the_fold_for_analysts(db, mara, as_user):
    FeatureReviewFactory()
    text = as_user(mara).get(reverse("profiles:features")).text
    assert text.index("For analysts") < text.index("coalesce(frequency, 0)")


def test_an_analyst_looks_and_changes_nothing(db, ines, as_user):
    feature, browser = CustomFeatureFactory(), as_user(ines)
    assert browser.get(reverse("profiles:features")).status_code == 200
    assert browser.post(reverse("profiles:feature-retire", args=[feature.pk])).status_code == 403
    assert CustomFeature.objects.get().active


@pytest.mark.parametrize(("who", "status"), [("mara", 200), ("ines", 200)])
def test_the_api_lists_the_catalogue(db, request, as_user, who, status):
    answer = as_user(request.getfixturevalue(who)).get("/api/v1/features/")
    assert answer.status_code == status
    assert {"key", "title", "unit", "topic", "definition", "clusters"} == set(answer.json()[0])
