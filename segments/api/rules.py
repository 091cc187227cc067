"""Segments by rule for partner tools: look before saving, save, list the members."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.idempotency import idempotent
from backoffice.api.permissions import caller, key_of
from backoffice.errors import Refused
from segments.actions.rules.drafts import Preview, preview_rule, rule_difference
from segments.actions.rules.saving import LONGEST_NAME, LONGEST_NOTE, save_rule
from segments.api.segments import MaySeeSegments, MemberSerializer, WorthSerializer
from segments.datasets.memberships import member_ids
from segments.models import Rule, Segment
from segments.rules.attributes import catalogue
from segments.rules.fields import operators_of
from shop.models import Customer

TREE = {
    "all": [
        {"field": "recency", "op": ">", "value": 90},
        {"not": [{"field": "order.count", "op": ">=", "value": 1, "where": {"category": ["Shoes"]}}]},
    ]
}
EXAMPLE = OpenApiExample(
    "Silent, and never bought shoes", value={"name": "Silent without shoes", "rule": TREE}, request_only=True
)

CHANGE = OpenApiExample(
    "Another rule", value={"name": "Silent without shoes", "rule": TREE, "version": 1}, request_only=True
)


class RuleSegmentSerializer(serializers.ModelSerializer[Rule]):
    """`rule` is a tree of `all`, `any` and `not` over conditions {field, op, value}; the fields are listed
    under `fields/`. A change names the `version` it was made for."""

    id = serializers.IntegerField(source="segment_id", read_only=True)
    slug = serializers.CharField(source="segment.slug", read_only=True)
    name = serializers.CharField(source="segment.name", max_length=LONGEST_NAME)
    rule = serializers.JSONField(source="tree")
    note = serializers.CharField(max_length=LONGEST_NOTE, required=False, allow_blank=True)
    size = serializers.SerializerMethodField(help_text="How many customers are in it now.")
    archived_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Rule
        fields = [
            "id",
            "slug",
            "name",
            "rule",
            "note",
            "size",
            "version",
            "changed_at",
            "evaluated_at",
            "archived_at",
        ]
        read_only_fields = ["changed_at", "evaluated_at"]
        extra_kwargs = {"version": {"required": False}}

    def get_size(self, rule: Rule) -> int:
        return member_ids(rule.segment).count()


class ChangedRuleSerializer(RuleSegmentSerializer):
    """Another rule for a segment. `version` is the one that was read: if somebody changed the rule since, the
    change is refused (422) instead of overwriting theirs; without it, too."""

    class Meta(RuleSegmentSerializer.Meta):
        extra_kwargs = {"version": {"required": True}}


class TreeSerializer(serializers.Serializer[Any]):
    rule = serializers.JSONField()


class PreviewSerializer(WorthSerializer):
    """Whom a rule would find. Money is in `currency`; shares are of all customers and of all they spent."""

    sample = serializers.SerializerMethodField(help_text="The shop's own numbers of a few of them.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_sample(self, found: Preview) -> list[str]:
        return [customer.external_id for customer in found.sample]


class DifferenceSerializer(serializers.Serializer[Any]):
    """How many customers a changed rule would bring in, leave out and keep."""

    enters = serializers.IntegerField()
    leaves = serializers.IntegerField()
    stays = serializers.IntegerField()


class FieldSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(source="key")
    title = serializers.CharField()
    group = serializers.CharField()
    kind = serializers.CharField()
    unit = serializers.CharField()
    definition = serializers.CharField()
    operators = serializers.SerializerMethodField()

    def get_operators(self, field: Any) -> list[str]:
        return list(operators_of(field))


@extend_schema(tags=["segments"])
@extend_schema_view(post=extend_schema(examples=[EXAMPLE]))
class RuleSegments(MaySeeSegments, generics.ListCreateAPIView[Rule]):
    """The segments by rule that are in force, newest first; or a new one. A POST with an Idempotency-Key may
    be repeated safely."""

    queryset = Rule.objects.in_force()
    serializer_class = RuleSegmentSerializer

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        values = _validated(self.get_serializer(data=request.data))
        segment = save_rule(by=caller(request), key=key_of(request), **values)
        saved = Rule.objects.get(segment=segment)
        return Response(self.get_serializer(saved).data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["segments"])
@extend_schema_view(put=extend_schema(examples=[CHANGE], request=ChangedRuleSerializer))
class RuleSegmentDetail(MaySeeSegments, generics.RetrieveUpdateAPIView[Rule]):
    """One segment by rule, or another rule for it: its members are replaced at once."""

    queryset = Rule.objects.select_related("segment")
    serializer_class = RuleSegmentSerializer
    lookup_url_kwarg = "id"
    http_method_names = ["get", "put", "head", "options"]

    @idempotent
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        segment: Segment = self.get_object().segment
        values = _validated(self.get_serializer(data=request.data))
        if "version" not in values:
            raise Refused(
                _(
                    "Send the “version” of the rule that you read: a change must not overwrite somebody "
                    "else's."
                ),
                field="version",
            )
        save_rule(by=caller(request), key=key_of(request), segment=segment, **values)
        return Response(self.get_serializer(self.get_object()).data)


def _validated(sent: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    """The checked body as `save_rule` takes it."""
    sent.is_valid(raise_exception=True)
    values = dict(sent.validated_data)
    return {"name": values.pop("segment")["name"], **values}


@extend_schema(tags=["segments"], request=TreeSerializer, responses=PreviewSerializer)
class PreviewRule(MaySeeSegments, generics.GenericAPIView[Rule]):
    """Who a rule would find now: nothing is saved."""

    serializer_class = PreviewSerializer

    def post(self, request: Request) -> Response:
        sent = TreeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        found = preview_rule(tree=sent.validated_data["rule"], by=caller(request))
        return Response(PreviewSerializer(found).data)


@extend_schema(tags=["segments"], request=TreeSerializer, responses=DifferenceSerializer)
class RuleDifference(MaySeeSegments, generics.GenericAPIView[Rule]):
    """What another rule would change in a segment: nothing is saved."""

    queryset = Rule.objects.in_force()
    serializer_class = DifferenceSerializer
    lookup_url_kwarg = "id"

    def post(self, request: Request, id: int) -> Response:
        sent = TreeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        segment = self.get_object().segment
        found = rule_difference(segment=segment, tree=sent.validated_data["rule"], by=caller(request))
        return Response(DifferenceSerializer(found).data)


@extend_schema(tags=["segments"])
class RuleMembers(MaySeeSegments, generics.ListAPIView[Customer]):
    """The customers in a segment by rule now, page by page."""

    serializer_class = MemberSerializer

    def get_queryset(self) -> QuerySet[Customer]:
        if getattr(self, "swagger_fake_view", False):
            return Customer.objects.none()
        return generics.get_object_or_404(Rule.objects.in_force(), pk=self.kwargs["id"]).segment.members()


@extend_schema(tags=["segments"], responses=FieldSerializer(many=True))
class RuleFields(MaySeeSegments, generics.GenericAPIView[Rule]):
    """The fields of rules: the attributes are those found in the shop's data."""

    queryset = Rule.objects.none()
    serializer_class = FieldSerializer
    pagination_class = None

    def get(self, request: Request) -> Response:
        return Response(FieldSerializer(list(catalogue().values()), many=True).data)


urlpatterns = [
    path("rule-segments/", RuleSegments.as_view(), name="api-rule-segments"),
    path("rule-segments/preview/", PreviewRule.as_view(), name="api-rule-preview"),
    path("rule-segments/fields/", RuleFields.as_view(), name="api-rule-fields"),
    path("rule-segments/<int:id>/", RuleSegmentDetail.as_view(), name="api-rule-segment"),
    path("rule-segments/<int:id>/difference/", RuleDifference.as_view(), name="api-rule-difference"),
    path("rule-segments/<int:id>/members/", RuleMembers.as_view(), name="api-rule-members"),
]
