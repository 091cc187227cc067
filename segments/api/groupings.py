"""Other groupings for partner tools."""

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
from segments.actions.groupings import plan_grouping
from segments.api.segments import MaySeeSegments
from segments.models import GroupingPlan, SegmentSnapshot


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
    """Other groupings than the nightly ones. Posting one starts the job that finds its groups."""

    queryset = GroupingPlan.objects.filter(active=True)
    serializer_class = GroupingSerializer
    pagination_class = None

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().create(request, *args, **kwargs)

    def perform_create(self, serializer: Any) -> None:
        values = serializer.validated_data
        plan = plan_grouping(**{"groups": None} | values, by=caller(self.request))
        start_job(name="segments.group", by=plan.created_by, key=str(plan.pk), arguments={"plan_id": plan.pk})
        serializer.instance = plan


urlpatterns = [path("groupings/", GroupingList.as_view())]
