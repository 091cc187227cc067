from __future__ import annotations

from profiles.datasets.features import DataQuality, Gap
from segments.models import Certainty, Factors, GroupingPlan, RunPicture
from segments.number_of_groups import CandidateNumber, NumberOfGroups
from segments.presenters.groupings import feature_gaps, grouping_charts, grouping_finding
from tests.segments.presenters.unsaved import run, segment, snapshot

SNAPSHOTS = [snapshot(segment("Spring::Champions")), snapshot(segment("Spring::Lost", pk=2))]


def test_the_finding_names_the_group_with_most_revenue_and_how_many_lie_between():
    assert grouping_finding(run(), SNAPSHOTS) == (
        "Champions are 25% of the customers in the groups and 50% of the groups' revenue."
    )
    unsure = run(picture=RunPicture(certainty=Certainty(between=0.3, histogram=(0,) * 10)))
    assert "30% of buyers lie between groups" in grouping_finding(unsure, SNAPSHOTS)


def test_gaps_are_of_the_features_of_the_plan():
    quality = DataQuality(people=200, gaps={"age": Gap(missing=40, unusable=10), "female": Gap(missing=1)})
    ((_title, gap, share),) = feature_gaps(run(quality=quality), GroupingPlan(features=["age", "recency"]))
    assert (gap.unknown, share) == (50, 0.25)


def test_each_method_has_its_pictures():
    assert set(grouping_charts(run(), SNAPSHOTS)) == {"shares"}
    picture = RunPicture(
        factors=Factors(features=("recency", "frequency"), loadings=((0.9,), (-0.2,)), names=(("recency",),)),
        certainty=Certainty(between=0.1, histogram=(0, 0, 0, 0, 0, 1, 1, 2, 4, 8)),
    )
    chosen = NumberOfGroups(k=2, candidates=(CandidateNumber(2, bic=9.0),), criterion="bic")
    charts = grouping_charts(run(picture=picture, number_of_groups=chosen), SNAPSHOTS)
    assert set(charts) == {"shares", "loadings", "certainty", "choice"}
    assert charts["loadings"]["values"] == [[0, 0, 0.9], [0, 1, -0.2]]
    assert charts["certainty"]["categories"][0] == "50% – 60%", (
        "bins without anybody at the low end are left out"
    )
    assert charts["certainty"]["series"][0]["values"][-1] == 0.5
