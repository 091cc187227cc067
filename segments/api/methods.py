"""Other groupings and learned segments for partner tools."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.idempotency import idempotent
from backoffice.tasks import start_job
from segments.actions.learning import plan_learner
from segments.actions.methods import plan_grouping
from segments.api.groups import MaySeeSegments
from segments.models import GroupingPlan, Learner, Segment, SegmentSnapshot


class GroupingSerializer(serializers.ModelSerializer[GroupingPlan]):
    """Another way of grouping. `groups`: 2 to 10, or null for a number found from the data. `segments`: the
    ids of the groups."""

    features = serializers.ListField(child=serializers.CharField(), help_text="Keys of /features/.")
    segments = serializers.SerializerMethodField()

    class Meta:
        model = GroupingPlan
        fields = ["id", "title", "method", "features", "groups", "segments"]

    @extend_schema_field(serializers.ListSerializer(child=serializers.IntegerField()))
    def get_segments(self, plan: GroupingPlan) -> list[int]:
        return list(
            SegmentSnapshot.objects.in_force(plan.method, plan.topic).values_list("segment_id", flat=True)
        )


class GroupingList(MaySeeSegments, generics.ListCreateAPIView[GroupingPlan]):
    """Groupings that somebody asked for. Asking for one starts the job that finds its groups."""

    queryset = GroupingPlan.objects.filter(active=True)
    serializer_class = GroupingSerializer
    pagination_class = None

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().create(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        wish = serializer.validated_data
        plan = plan_grouping(**{"groups": None} | wish, by=self.request.user)  # type: ignore[arg-type]  # permitted: not anonymous
        start_job(name="segments.group", by=plan.created_by, key=str(plan.pk), arguments={"plan_id": plan.pk})
        serializer.instance = plan


class LearnerSerializer(serializers.ModelSerializer[Learner]):
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
        model = Learner
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
    def get_result(self, learner: Learner) -> int | None:
        return (
            SegmentSnapshot.objects.in_force("learned", learner.topic)
            .values_list("segment_id", flat=True)
            .first()
        )


class LearnerList(MaySeeSegments, generics.ListCreateAPIView[Learner]):
    """Segments learned from examples. Asking for one starts the job that learns it."""

    queryset = Learner.objects.filter(active=True)
    serializer_class = LearnerSerializer
    pagination_class = None

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().create(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        wish: dict[str, Any] = {"estimator": Learner.Estimator.FOREST, **serializer.validated_data}
        wish["numbers"] = "\n".join(wish.pop("customers", []))
        learner = plan_learner(**wish, by=self.request.user)  # type: ignore[arg-type]  # permitted: not anonymous
        start_job(
            name="segments.learn",
            by=learner.created_by,
            key=str(learner.pk),
            arguments={"learner_id": learner.pk},
        )
        serializer.instance = learner


urlpatterns = [
    path("groupings/", GroupingList.as_view()),
    path("learned-segments/", LearnerList.as_view()),
]
