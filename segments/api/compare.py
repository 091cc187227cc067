"""How two segments overlap, for partner tools."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from segments.api.segments import MaySeeSegments
from segments.models import Segment
from segments.presenters.compare import overlap


class OverlapSerializer(serializers.Serializer[Any]):
    """Numbers of customers."""

    first = serializers.IntegerField()
    second = serializers.IntegerField()
    both = serializers.IntegerField()


class OverlapOfSegments(MaySeeSegments, APIView):
    """How many customers two segments share."""

    @extend_schema(
        responses=OverlapSerializer,
        parameters=[
            OpenApiParameter("first", int, required=True),
            OpenApiParameter("second", int, required=True),
        ],
    )
    def get(self, request: Request) -> Response:
        pair = [
            generics.get_object_or_404(
                Segment.objects.in_force(), pk=_number(request.query_params.get(name, ""))
            )
            for name in ("first", "second")
        ]
        counted = overlap(*pair)
        return Response({"first": counted.first, "second": counted.second, "both": counted.both})


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


urlpatterns = [path("segments/overlap/", OverlapOfSegments.as_view())]
