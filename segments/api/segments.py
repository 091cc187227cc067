"""Segments for partner tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.permissions import PermittedView
from segments.datasets.flows import successors
from segments.models import Membership, Method, Segment, SegmentSnapshot
from segments.presenters.memberships import memberships_by_method, memberships_by_rule
from segments.presenters.summaries import SegmentSummary, summaries
from segments.templatetags.segments import reasons_of
from shop.models import Customer


class MaySeeSegments(PermittedView):
    """Views for those who may see segments."""

    permission = "segments.view_segment"


class WorthSerializer(serializers.Serializer[Any]):
    """How many customers, and what they spent in `currency`; shares are of all customers and of all they
    spent."""

    size = serializers.IntegerField()
    share = serializers.FloatField()
    revenue = serializers.DecimalField(max_digits=22, decimal_places=4)
    revenue_share = serializers.FloatField()
    currency = serializers.CharField()


class SegmentSerializer(WorthSerializer):
    """A segment in force, as its page shows it: by rule as of now, a group as the run in force found it.
    Money is in `currency`."""

    id = serializers.IntegerField(source="segment.pk")
    slug = serializers.CharField(source="segment.slug")
    name = serializers.CharField(source="segment.name")
    label = serializers.CharField(  # type: ignore[assignment]  # a field of that name, no label of this one
        source="segment.label", help_text="The name with the method: several methods may find one name."
    )
    method = serializers.ChoiceField(source="segment.method", choices=Method.choices)
    description = serializers.CharField()
    reasons = serializers.SerializerMethodField(help_text="What sets it apart; of a rule, who belongs to it.")
    as_of = serializers.DateTimeField()

    @extend_schema_field(serializers.ListSerializer(child=serializers.CharField()))
    def get_reasons(self, summary: SegmentSummary) -> list[str]:
        snapshot = self.context["snapshots"].get(summary.segment.pk)
        return reasons_of(snapshot) if snapshot else [summary.sentence]


def _described(view: generics.GenericAPIView[Segment], segments: Sequence[Segment]) -> list[Any]:
    """The segments in the given order; those that went out of force in this moment are left out."""
    found = {summary.segment.pk: summary for summary in summaries([segment.pk for segment in segments])}
    snapshots = {
        snapshot.segment_id: snapshot
        for snapshot in SegmentSnapshot.objects.in_force().filter(segment__in=found)
    }
    there = [found[segment.pk] for segment in segments if segment.pk in found]
    context = {**view.get_serializer_context(), "snapshots": snapshots}
    return list(SegmentSerializer(there, many=True, context=context).data)


class MemberSerializer(serializers.ModelSerializer[Customer]):
    customer_id = serializers.CharField(source="external_id", help_text="The shop's own customer number.")

    class Meta:
        model = Customer
        fields = ["customer_id"]


class CustomerSegmentSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="segment.pk")
    slug = serializers.CharField(source="segment.slug")
    name = serializers.CharField(source="segment.name")
    label = serializers.CharField(source="segment.label")  # type: ignore[assignment]  # as above
    method = serializers.CharField(source="segment.method")
    reasons = serializers.ListField(
        child=serializers.CharField(), help_text="Why, in the customer's own figures, strongest first."
    )
    as_of = serializers.DateTimeField(
        allow_null=True,
        help_text="The facts until then are known; members by rule follow within seconds. null: a rule that "
        "was not evaluated yet.",
    )


class SegmentList(MaySeeSegments, generics.ListAPIView[Segment]):
    """The segments in force, of all methods or with `method` of one, newest first, page by page."""

    serializer_class = SegmentSerializer  # type: ignore[assignment]  # it is given summaries of segments

    @extend_schema(parameters=[OpenApiParameter("method", str, enum=Method.values)])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Segment]:
        queryset = Segment.objects.in_force()
        if getattr(self, "swagger_fake_view", False):
            return queryset
        method = self.request.query_params.get("method") or self.request.query_params.get("run__method")
        if method and method not in Method.values:
            raise ValidationError({"method": f"Choose one of {', '.join(Method.values)}."})
        return queryset.filter(method=method) if method else queryset

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(_described(self, page or []))


def _in_force(pk: int) -> Segment:
    """Raises NotFound; of a group that has ended it says where its customers are now."""
    found = Segment.objects.in_force().filter(pk=pk).first()
    if found:
        return found
    moved_to = [
        f"{flow.destination.name} (id {flow.destination_id})" for flow in successors(pk) if flow.destination
    ]
    raise NotFound(
        _("This group has ended; its customers moved to: %s.") % ", ".join(moved_to) if moved_to else None
    )


class SegmentDetail(MaySeeSegments, generics.RetrieveAPIView[Segment]):
    """One segment in force; of a group that has ended, the 404 says where its customers are now."""

    queryset = Segment.objects.in_force()
    serializer_class = SegmentSerializer
    lookup_url_kwarg = "id"

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(_described(self, [_in_force(kwargs["id"])])[0])


class SegmentMembers(MaySeeSegments, generics.ListAPIView[Customer]):
    """The customers of a segment in force, by rule or found by a method, page by page."""

    serializer_class = MemberSerializer

    def get_queryset(self) -> QuerySet[Customer]:
        if getattr(self, "swagger_fake_view", False):
            return Customer.objects.none()
        return _in_force(self.kwargs["id"]).members()


@extend_schema_view(get=extend_schema(operation_id="customer_segments_list"))
class CustomerSegments(MaySeeSegments, generics.ListAPIView[Any]):
    """The segments a customer is in, found by a method, then by rule, each with the reasons that the
    customer's page gives."""

    queryset = Membership.objects.in_force()
    serializer_class = CustomerSegmentSerializer
    pagination_class = None

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        customer: Any = generics.get_object_or_404(Customer, external_id=kwargs["external_id"])
        found = [*memberships_by_method(customer.pk), *memberships_by_rule(customer.pk)]
        return Response(self.get_serializer(found, many=True).data)


urlpatterns = [
    path("segments/", SegmentList.as_view()),
    path("segments/<int:id>/", SegmentDetail.as_view()),
    path("segments/<int:id>/members/", SegmentMembers.as_view()),
    path("customers/<str:external_id>/segments/", CustomerSegments.as_view()),
]
