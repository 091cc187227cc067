from __future__ import annotations

from profiles.datasets.features import DataQuality, Gap


def test_what_is_missing_or_unusable_is_not_known():
    quality = DataQuality(people=200, gaps={"age": Gap(missing=40, unusable=10)})
    assert quality.gaps["age"].unknown == 50
    assert quality.known_share("age") == 0.75
    assert quality.known_share("recency") == 1
    assert DataQuality().known_share("age") == 1, "nobody, of whom nothing is missing"
