"""Ad placements for partner tools."""

from __future__ import annotations

from django.urls import path
from rest_framework import generics, serializers

from ads.models import Placement
from backoffice.api.permissions import PermittedView


class PlacementSerializer(serializers.ModelSerializer[Placement]):
    cost_per_conversion = serializers.FloatField(
        read_only=True, allow_null=True, help_text="In `currency`; null: a rate is missing."
    )
    roas = serializers.FloatField(
        read_only=True, allow_null=True, help_text="Expected value of conversions for one unit of spend."
    )

    class Meta:
        model = Placement
        fields = [
            "id",
            "platform",
            "name",
            "pricing",
            "price",
            "currency",
            "click_rate",
            "conversion_rate",
            "conversion_value",
            "cost_per_conversion",
            "roas",
            "min_spend",
            "max_spend",
            "active",
            "by_hand",
        ]


class PlacementsView(PermittedView, generics.ListAPIView[Placement]):
    """Where ads can run: price, rates, cost of a conversion and expected return."""

    permission = "ads.view_placement"
    queryset = Placement.objects.all()
    serializer_class = PlacementSerializer
    filterset_fields = ["platform", "currency", "active"]


urlpatterns = [path("placements/", PlacementsView.as_view(), name="api-placements")]
