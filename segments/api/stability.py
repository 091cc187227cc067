"""How groups change, for partner tools: flows from run to run, drift, proposed generations. Deciding is left
to people."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from segments.api.segments import MaySeeSegments
from segments.datasets.memberships import flows_between, runs_with_members
from segments.models import Flow, Method, Proposal, SegmentRun
from segments.presenters.drift import sentences


class FlowSerializer(serializers.ModelSerializer[Flow]):
    """Customers who moved from one group to another between two runs; null: not grouped by that run."""

    from_id = serializers.IntegerField(source="origin_id", allow_null=True)
    from_name = serializers.CharField(source="origin.name", default=None, allow_null=True)
    to_id = serializers.IntegerField(source="destination_id", allow_null=True)
    to_name = serializers.CharField(source="destination.name", default=None, allow_null=True)

    class Meta:
        model = Flow
        fields = ["from_id", "from_name", "to_id", "to_name", "customers"]


class FlowsSerializer(serializers.Serializer[Any]):
    """When each run was put in force; null while there are not two runs."""

    before = serializers.DateTimeField(source="before.published_at", allow_null=True)
    after = serializers.DateTimeField(source="after.published_at", allow_null=True)
    flows = FlowSerializer(many=True)


class DriftSerializer(serializers.ModelSerializer[SegmentRun]):
    """How far today's customers are from those in whom the groups were found."""

    since = serializers.DateTimeField(source="birth.as_of", help_text="When the groups were found.")
    moved = serializers.SerializerMethodField(
        help_text="Share of the buyers in another group than in the run before."
    )
    features = serializers.SerializerMethodField(
        help_text="Population stability index by feature; an alarm from 0.25 on."
    )
    alarms = serializers.SerializerMethodField(help_text="What drifted and why, in words.")

    class Meta:
        model = SegmentRun
        fields = ["as_of", "since", "moved", "features", "alarms"]

    @extend_schema_field(OpenApiTypes.FLOAT)
    def get_moved(self, run: SegmentRun) -> float:
        return run.drift.moved if run.drift else 0.0

    @extend_schema_field(serializers.DictField(child=serializers.FloatField()))
    def get_features(self, run: SegmentRun) -> dict[str, float]:
        return run.drift.features if run.drift else {}

    @extend_schema_field(serializers.ListSerializer(child=serializers.CharField()))
    def get_alarms(self, run: SegmentRun) -> list[str]:
        return sentences(run)


class OriginSerializer(serializers.Serializer[Any]):
    """Customers that a proposed group takes from a segment; null: from no group."""

    segment = serializers.IntegerField(allow_null=True)
    customers = serializers.IntegerField()


class DescentSerializer(serializers.Serializer[Any]):
    """A proposed group (the id of its segment), and where its customers are now, largest part first."""

    segment = serializers.IntegerField()
    size = serializers.IntegerField()
    origins = OriginSerializer(many=True)


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    """A new generation of groups. `lineage`: which group comes from which."""

    lineage = DescentSerializer(source="lineage.groups", many=True)

    class Meta:
        model = Proposal
        fields = ["id", "cause", "state", "gain", "moved", "lineage", "created_at", "decided_at"]


class Flows(MaySeeSegments, APIView):
    """Who moved from which group to which between the two latest runs of a method."""

    @extend_schema(
        operation_id="segment_flows",
        responses=FlowsSerializer,
        parameters=[OpenApiParameter("method", str, enum=Method.values, default=Method.KMEANS)],
    )
    def get(self, request: Request) -> Response:
        method = request.query_params.get("method", Method.KMEANS)
        if method not in Method.values:
            raise ValidationError({"method": f"Choose one of {', '.join(Method.values)}."})
        after, before = [*runs_with_members(method), None, None][:2]
        if after is None or before is None:
            return Response({"before": None, "after": None, "flows": []})
        return Response(
            FlowsSerializer({"before": before, "after": after, "flows": flows_between(before, after)}).data
        )


class Drift(MaySeeSegments, generics.RetrieveAPIView[SegmentRun]):
    """Drift of the behaviour groups in force."""

    serializer_class = DriftSerializer

    def get_object(self) -> SegmentRun:
        return generics.get_object_or_404(SegmentRun.objects.in_force(), method=Method.KMEANS, topic="")


class Proposals(MaySeeSegments, generics.ListAPIView[Proposal]):
    """Proposed generations, latest first."""

    queryset = Proposal.objects.all()
    serializer_class = ProposalSerializer


urlpatterns = [
    path("segments/flows/", Flows.as_view()),
    path("segments/drift/", Drift.as_view()),
    path("segments/proposals/", Proposals.as_view()),
]
