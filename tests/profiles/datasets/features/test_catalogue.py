from __future__ import annotations

import pytest

from profiles.datasets.features import BY_KEY, CATALOGUE, SHARE, all_features
from tests.factories import CustomFeatureFactory, FeatureReviewFactory


def test_keys_are_one_each_and_the_nightly_features_have_no_gaps():
    assert len({feature.key for feature in CATALOGUE}) == len(CATALOGUE)
    assert not [feature.key for feature in CATALOGUE if feature.clusters and feature.optional]


def test_categories_are_those_of_the_last_review_and_own_features_those_in_use(db):
    FeatureReviewFactory(categories=["Lamps"])
    FeatureReviewFactory(categories=["Tea", "Cups"])
    own = CustomFeatureFactory(title="Points")
    CustomFeatureFactory(active=False)
    found = [feature.key for feature in all_features()[len(CATALOGUE) :]]
    assert found == [f"{SHARE}Tea", f"{SHARE}Cups", own.key]


def test_old_runs_name_features_that_are_out_of_use_and_any_category(db):
    gone = CustomFeatureFactory(active=False, title="Shoe size")
    assert BY_KEY[gone.key].title == "Shoe size"
    assert BY_KEY[f"{SHARE}Lamps"].title == "Spent on Lamps"
    with pytest.raises(KeyError):
        BY_KEY["never heard of"]
