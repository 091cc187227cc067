"""How far customers have moved from those in whom the groups were found, for partner tools."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import generics, serializers

from segments.api.segments import MaySeeSegments
from segments.models import Method, SegmentRun
from segments.presenters.drift import sentences


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


class DriftOfGroups(MaySeeSegments, generics.RetrieveAPIView[SegmentRun]):
    """Drift of the behaviour groups in force."""

    serializer_class = DriftSerializer

    def get_object(self) -> SegmentRun:
        return generics.get_object_or_404(SegmentRun.objects.in_force(), method=Method.KMEANS, topic="")


urlpatterns = [path("segments/drift/", DriftOfGroups.as_view())]
