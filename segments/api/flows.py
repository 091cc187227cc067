"""Who moved from which group to which, for partner tools."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from segments.api.segments import MaySeeSegments
from segments.datasets.flows import flows_between
from segments.datasets.memberships import runs_with_members
from segments.models import Flow, Method


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


urlpatterns = [path("segments/flows/", Flows.as_view())]
