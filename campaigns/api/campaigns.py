"""Campaigns for partner tools: list, create, look at, submit. Deciding stays with people on the pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.fields import MomentsModelSerializer
from backoffice.api.idempotency import idempotent
from backoffice.api.permissions import PermittedView, caller, key_of
from campaigns.actions import campaigns as actions
from campaigns.actions.approvals import submit_campaign
from campaigns.models import Campaign, Message
from delivery.presenters.progress import counts
from segments.models import Segment
from shop.currency import currency_of_new_amounts
from shop.models import currency_code


class MaySeeCampaigns(PermittedView):
    """Views for those who may see campaigns."""

    permission = "campaigns.view_campaign"


class CampaignSerializer(MomentsModelSerializer):
    """`segment` and `message` are ids; `budget` is in `currency`; times are UTC, and those
    you send name their zone."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    segment: Any = serializers.PrimaryKeyRelatedField(queryset=Segment.objects.in_force())
    message: Any = serializers.PrimaryKeyRelatedField(queryset=Message.objects.all())
    products_per_message = serializers.IntegerField(min_value=0, max_value=actions.MOST_PRODUCTS, default=3)
    holdout_percent = serializers.IntegerField(min_value=0, max_value=50, default=5)
    budget = serializers.DecimalField(max_digits=18, decimal_places=4, min_value=0, default=Decimal(0))
    currency = serializers.CharField(
        max_length=3,
        validators=[currency_code],
        required=False,
        help_text="ISO 4217; left out: that of the shop.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        currency = attrs.get("currency") or currency_of_new_amounts()
        if not currency:
            raise serializers.ValidationError(
                {"currency": [_("The shop has no currency yet: name one, for example EUR.")]}
            )
        return {**attrs, "currency": currency}

    class Meta:
        model = Campaign
        fields = [
            "id",
            "name",
            "segment",
            "message",
            "products_per_message",
            "holdout_percent",
            "send_at",
            "budget",
            "currency",
            "state",
            "version",
            "created_at",
            "submitted_at",
            "decided_at",
            "comment",
            "started_at",
            "finished_at",
        ]
        read_only_fields = [
            "state",
            "version",
            "created_at",
            "submitted_at",
            "decided_at",
            "comment",
            "started_at",
            "finished_at",
        ]


class CampaignDetailSerializer(CampaignSerializer):
    """With the number of people by what became of their message."""

    counts = serializers.SerializerMethodField()

    class Meta(CampaignSerializer.Meta):
        fields = [*CampaignSerializer.Meta.fields, "counts"]

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_counts(self, campaign: Campaign) -> dict[str, int]:
        return counts(campaign.source)


class CampaignFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Campaign.State.choices)

    class Meta:
        model = Campaign
        fields = ["state"]


@extend_schema(tags=["campaigns"])
class Campaigns(MaySeeCampaigns, generics.ListCreateAPIView[Campaign]):
    """List campaigns, newest first, or write a draft. A POST with an Idempotency-Key may be repeated
    safely."""

    serializer_class = CampaignSerializer
    filterset_class = CampaignFilter

    def get_queryset(self) -> QuerySet[Campaign]:
        return Campaign.objects.all()

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        campaign = actions.create_campaign(by=caller(request), key=key_of(request), **sent.validated_data)
        return Response(self.get_serializer(campaign).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["campaigns"])
class CampaignDetail(MaySeeCampaigns, generics.RetrieveAPIView[Campaign]):
    """One campaign with its counts."""

    serializer_class = CampaignDetailSerializer
    queryset = Campaign.objects.all()
    lookup_field = "public_id"


@extend_schema(tags=["campaigns"], request=None)
class SubmitCampaign(MaySeeCampaigns, generics.GenericAPIView[Campaign]):
    """Hand a draft to the people who may approve it."""

    serializer_class = CampaignDetailSerializer
    queryset = Campaign.objects.all()
    lookup_field = "public_id"

    @idempotent
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        campaign = submit_campaign(campaign=self.get_object(), by=caller(request), key=key_of(request))
        return Response(self.get_serializer(campaign).data)


urlpatterns = [
    path("campaigns/", Campaigns.as_view(), name="api-campaigns"),
    path("campaigns/<uuid:public_id>/", CampaignDetail.as_view(), name="api-campaign"),
    path("campaigns/<uuid:public_id>/submit/", SubmitCampaign.as_view(), name="api-campaign-submit"),
]
