from __future__ import annotations

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied

from backoffice.errors import Refused
from backoffice.models import AuditEntry
from profiles.actions import features
from profiles.actions.features import add_feature, retire_feature, review_features
from profiles.datasets.features import Gap
from profiles.models import CustomFeature, FeatureReview
from tests.planted import TODAY

pytestmark = pytest.mark.django_db


def test_a_feature_is_added_retired_and_comes_back(mara):
    feature = add_feature(attribute="points", kind="number", by=mara)
    assert (feature.title, feature.unit, feature.active) == ("points", "number", True)
    retire_feature(feature=feature, by=mara)
    assert not CustomFeature.objects.get().active
    assert add_feature(attribute="points", kind="number", title="Bonus", by=mara).pk == feature.pk
    assert CustomFeature.objects.get().title == "Bonus"
    verbs = AuditEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["feature.add", "feature.retire", "feature.add"]


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [("colour", "", "Choose whether"), ("category", "", "Choose the value"), ("number", "", "already")],
)
def test_what_is_refused(mara, monkeypatch, kind, value, sentence):
    monkeypatch.setattr(features, "MOST", 0)
    with pytest.raises(Refused, match=sentence):
        add_feature(attribute="points", kind=kind, value=value, by=mara)


def test_an_analyst_adds_nothing(ines):
    with pytest.raises(PermissionDenied):
        add_feature(attribute="points", kind="number", by=ines)


def test_a_review_replaces_the_one_before():
    random = np.random.default_rng(0)
    groups = np.repeat([0, 1], 50)
    values = np.column_stack([groups * 5 + random.normal(size=100), random.normal(size=100)])
    for keys in (["recency", "share:Lamps"], ["recency", "share:Tea"]):
        review_features(
            as_of=TODAY,
            keys=keys,
            values=values,
            groups=groups,
            customers=200,
            never_bought=20,
            gaps={"recency": Gap(missing=30, unusable=10)},
        )
    review = FeatureReview.objects.get()
    assert review.categories == ["Tea"]
    verdicts = review.verdicts.by_key()
    assert verdicts["recency"].coverage == pytest.approx(0.8)
    assert verdicts["recency"].contribution > 0.5 > verdicts["share:Tea"].contribution
