"""Segments learned from examples, for partner tools."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.idempotency import idempotent
from backoffice.api.permissions import caller
from backoffice.tasks import start_job
from segments.actions.learned import plan_learned_segment
from segments.api.segments import MaySeeSegments
from segments.models import LearnedPlan, Segment, SegmentSnapshot


class LearnedSegmentSerializer(serializers.ModelSerializer[LearnedPlan]):
    """A segment learned from examples: a list of customers (`customers`), a segment (`segment`), or an
    outcome. Exactly one of `size` and `precision` (0.05 to 0.99) says how many to find. `result` is the id of
    the learned segment."""

    customers = serializers.ListField(
        child=serializers.CharField(), write_only=True, required=False, help_text="Customer numbers."
    )
    segment = serializers.PrimaryKeyRelatedField(
        queryset=Segment.objects.all(), required=False, allow_null=True
    )
    result = serializers.SerializerMethodField()

    class Meta:
        model = LearnedPlan
        fields = [
            "id",
            "title",
            "source",
            "segment",
            "customers",
            "estimator",
            "size",
            "precision",
            "with_examples",
            "result",
        ]

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_result(self, plan: LearnedPlan) -> int | None:
        return (
            SegmentSnapshot.objects.in_force("learned", plan.topic)
            .values_list("segment_id", flat=True)
            .first()
        )


class LearnedSegmentList(MaySeeSegments, generics.ListCreateAPIView[LearnedPlan]):
    """Segments learned from examples. Posting one starts the job that learns it."""

    queryset = LearnedPlan.objects.filter(active=True)
    serializer_class = LearnedSegmentSerializer
    pagination_class = None

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().create(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        values: dict[str, Any] = {"estimator": LearnedPlan.Estimator.FOREST, **serializer.validated_data}
        values["numbers"] = "\n".join(values.pop("customers", []))
        plan = plan_learned_segment(**values, by=caller(self.request))
        start_job(
            name="segments.learn",
            by=plan.created_by,
            key=str(plan.pk),
            arguments={"plan_id": plan.pk},
        )
        serializer.instance = plan


urlpatterns = [path("learned-segments/", LearnedSegmentList.as_view())]
