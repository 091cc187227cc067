"""Segments for partner tools."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from segments.models import Membership, RuleMember, SegmentSnapshot
from segments.presenters.wording import describe
from segments.templatetags.segments import reasons_of
from shop.models import Customer


class MaySeeSegments:
    """Views for those who may see segments."""

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)  # type: ignore[misc]
        if not request.user.has_perm("segments.view_segment"):
            raise PermissionDenied


class SegmentSerializer(serializers.ModelSerializer[SegmentSnapshot]):
    """A group as the run in force found it. Money is in `currency`."""

    id = serializers.IntegerField(source="segment_id")
    slug = serializers.CharField(source="segment.slug")
    name = serializers.CharField(source="segment.name")
    method = serializers.CharField(source="run.method")
    description = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()
    currency = serializers.CharField(source="run.currency")
    as_of = serializers.DateTimeField(source="run.as_of")

    class Meta:
        model = SegmentSnapshot
        fields = ["id", "slug", "name", "method", "description", "size", "share", "revenue", "revenue_share", "currency",
                  "reasons", "as_of"]

    @extend_schema_field(str)
    def get_description(self, snapshot: SegmentSnapshot) -> str:
        return describe(snapshot.segment.slug)

    @extend_schema_field(serializers.ListSerializer(child=serializers.CharField()))
    def get_reasons(self, snapshot: SegmentSnapshot) -> list[str]:
        return reasons_of(snapshot)


class MemberSerializer(serializers.ModelSerializer[Membership]):
    customer_id = serializers.CharField(source="customer.external_id", help_text="The shop's own customer number.")

    class Meta:
        model = Membership
        fields = ["customer_id"]


class CustomerSegmentSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="segment_id")
    slug = serializers.CharField(source="segment.slug")
    name = serializers.CharField(source="segment.name")
    method = serializers.CharField(source="segment.method")
    as_of = serializers.SerializerMethodField(help_text="The facts until then are known; members by rule follow within seconds.")

    @extend_schema_field(serializers.DateTimeField())
    def get_as_of(self, one: Membership | RuleMember) -> Any:
        as_of = one.run.as_of if isinstance(one, Membership) else one.segment.rule.evaluated_at
        return serializers.DateTimeField().to_representation(as_of)  # type: ignore[arg-type]  # a rule with members was evaluated


class SegmentList(MaySeeSegments, generics.ListAPIView[SegmentSnapshot]):
    """The groups in force, of all methods."""

    queryset = SegmentSnapshot.objects.in_force()
    serializer_class = SegmentSerializer
    pagination_class = None
    filterset_fields = {"run__method": ["exact"]}


class SegmentDetail(MaySeeSegments, generics.RetrieveAPIView[SegmentSnapshot]):
    """One group in force."""

    queryset = SegmentSnapshot.objects.in_force()
    serializer_class = SegmentSerializer
    lookup_field = "segment_id"
    lookup_url_kwarg = "id"


class SegmentMembers(MaySeeSegments, generics.ListAPIView[Membership]):
    """The customers of a group in force, page by page."""

    serializer_class = MemberSerializer

    def get_queryset(self) -> QuerySet[Membership]:
        if getattr(self, "swagger_fake_view", False):
            return Membership.objects.none()
        snapshot = generics.get_object_or_404(SegmentSnapshot.objects.in_force(), segment_id=self.kwargs["id"])
        return Membership.objects.filter(run=snapshot.run, segment=snapshot.segment).select_related("customer")


@extend_schema_view(get=extend_schema(operation_id="customer_segments_list"))
class CustomerSegments(MaySeeSegments, generics.ListAPIView[Any]):
    """The groups a customer is in: found by a method, then by rule."""

    queryset = Membership.objects.in_force()
    serializer_class = CustomerSegmentSerializer
    pagination_class = None

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        customer: Any = generics.get_object_or_404(Customer, external_id=kwargs["external_id"])
        found = self.get_queryset().filter(customer=customer).select_related("segment", "run")
        by_rule = RuleMember.objects.filter(customer=customer).select_related("segment__rule")
        return Response(self.get_serializer([*found, *by_rule], many=True).data)


urlpatterns = [
    path("segments/", SegmentList.as_view()),
    path("segments/<int:id>/", SegmentDetail.as_view()),
    path("segments/<int:id>/members/", SegmentMembers.as_view()),
    path("customers/<str:external_id>/segments/", CustomerSegments.as_view()),
]
