from __future__ import annotations

import pytest

from segments.models import CustomerMap
from segments.presenters.charts import map_chart, shares_chart, short_name
from tests.factories import SegmentFactory, SegmentRunFactory, SegmentSnapshotFactory
from tests.segments.presenters.unsaved import segment, snapshot


def test_a_pair_of_bars_a_segment():
    rows = [snapshot(segment("Champions")), snapshot(segment("Spring::Lost"), share=0.75, revenue_share=0.1)]
    chart = shares_chart(rows)
    assert chart["categories"] == ["Champions", "Spring: Lost"]
    assert [series["values"] for series in chart["series"]] == [[0.25, 0.75], [0.5, 0.1]]
    assert shares_chart(rows, short_name)["categories"] == ["Champions", "Lost"]


@pytest.mark.django_db
def test_the_map_has_a_series_a_group_that_has_points():
    run = SegmentRunFactory(currency="GBP")
    segments = [SegmentFactory(name_key=name) for name in ("Champions", "Lost")]
    for position, group in enumerate(segments):
        SegmentSnapshotFactory(run=run, segment=group, position=position, revenue=9 - position)
    shown = CustomerMap(
        axes=("recency", "frequency"),
        explained=0.9,
        x=(0.1, 0.2),
        y=(0.3, 0.4),
        groups=(0, 0),
        orders=(1, 12),
        spent=(30, 900),
    )
    chart = map_chart(run, shown)
    assert [series["name"] for series in chart["series"]] == ["Champions"]
    assert chart["series"][0]["points"] == [[0.1, 0.3, "1 order, £30"], [0.2, 0.4, "12 orders, £900"]]
    assert "more: " in chart["x"]
