"""The catalogue of features for partner tools."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.api.permissions import PermittedView
from profiles.datasets.features import all_features


class FeatureSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField()
    topic = serializers.CharField()
    definition = serializers.CharField()
    clusters = serializers.BooleanField(help_text="Whether the nightly grouping uses it.")


class FeatureList(PermittedView, APIView):
    """What is known of customers: the catalogue of features and those made of imported attributes."""

    permission = "profiles.view_customfeature"

    @extend_schema(responses=FeatureSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(FeatureSerializer(all_features(), many=True).data)


urlpatterns = [path("features/", FeatureList.as_view())]
