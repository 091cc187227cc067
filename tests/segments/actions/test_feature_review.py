"""The groups of the night decide what each feature is worth."""

from __future__ import annotations

from django.urls import reverse

from profiles.models import FeatureReview
from segments.actions.refresh import refresh_segments
from tests.planted import TODAY


def test_the_nightly_grouping_reviews_the_features(planted, mara, as_user):
    refresh_segments(as_of=TODAY)
    review = FeatureReview.objects.get()
    assert (review.as_of, review.customers, review.never_bought) == (TODAY, 120, 0)
    assert review.categories == ["Drinks"]
    assert review.verdicts.by_key()["age"].verdict == "unknown"
    text = as_user(mara).get(reverse("profiles:features")).text
    assert "separates today&#x27;s groups best" in text
    assert "known of 0% of customers only" in text  # nobody recorded an age
    assert "the same for 100% of customers" in text
    assert "judged on the facts until 1 Jun 2026" in text
