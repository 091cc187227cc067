from __future__ import annotations

import numpy as np

from segments.actions.refresh import refresh_segments
from segments.datasets.feature_snapshots import feature_sample
from segments.models import Membership
from tests.factories import SegmentRunFactory
from tests.planted import TODAY


def test_the_figures_of_the_first_customers_with_their_groups(planted):
    run = refresh_segments(as_of=TODAY)[0]
    values, places = feature_sample(run, 50)
    assert values.shape == (50, len(run.estimator.features))
    assert np.isfinite(values).all()
    first = Membership.objects.filter(run=run).order_by("customer_id")[:50]
    segments = [membership.segment_id for membership in first]
    numbered = sorted(set(segments))
    assert places.tolist() == [numbered.index(pk) for pk in segments]


def test_a_run_without_customers(db):
    values, places = feature_sample(SegmentRunFactory(), 50)
    assert len(values) == len(places) == 0
