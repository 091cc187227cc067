"""What a segment looks like, for partner tools."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework import generics, serializers

from segments.api.segments import MaySeeSegments
from segments.models import SegmentPortrait
from segments.presenters.portraits import product_rows


class ProfileSerializer(serializers.Serializer[Any]):
    feature = serializers.CharField()
    mean = serializers.FloatField(help_text="In the feature's own unit.")
    overall = serializers.FloatField(help_text="The mean of everybody.")
    difference = serializers.FloatField(help_text="Standardised mean difference.")


class TopProductSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField(source="product.sku")
    share = serializers.FloatField(
        source="lift.share", help_text="Of the segment's customers, who bought it within the last year."
    )
    overall = serializers.FloatField(source="lift.overall", help_text="Of all customers.")
    lift = serializers.FloatField(source="lift.lift", help_text="How many times as likely.")


class PortraitSerializer(serializers.ModelSerializer[SegmentPortrait]):
    """The latest profile of a segment. Money is in `currency`."""

    id = serializers.IntegerField(source="segment_id")
    profile = ProfileSerializer(source="profile.features", many=True)
    products = TopProductSerializer(source="known_products", many=True)

    class Meta:
        model = SegmentPortrait
        fields = ["id", "as_of", "size", "currency", "profile", "products"]


class Portrait(MaySeeSegments, generics.RetrieveAPIView[SegmentPortrait]):
    """What a segment looks like: its profile against everybody and the products it buys more than others.
    Updated every night."""

    queryset = SegmentPortrait.objects.all()
    serializer_class = PortraitSerializer
    lookup_field = "segment_id"
    lookup_url_kwarg = "id"

    def get_object(self) -> SegmentPortrait:
        portrait: Any = super().get_object()
        portrait.known_products = product_rows(portrait)
        return portrait  # type: ignore[no-any-return]  # the framework's is untyped


urlpatterns = [path("segments/<int:id>/portrait/", Portrait.as_view())]
