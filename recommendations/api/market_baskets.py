"""Association rules for partner tools."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import generics, serializers

from backoffice.api.pagination import NewestFirst
from backoffice.api.permissions import PermittedView
from recommendations.models import AssociationRule, MarketBasketRun
from recommendations.presenters.market_baskets import rule_sentence


class AssociationRuleSerializer(serializers.ModelSerializer[AssociationRule]):
    sentence = serializers.SerializerMethodField()

    class Meta:
        model = AssociationRule
        fields = [
            "kind",
            "rank",
            "antecedents",
            "consequent",
            "count",
            "support",
            "confidence",
            "lift",
            "sentence",
        ]

    @extend_schema_field(str)
    def get_sentence(self, rule: AssociationRule) -> str:
        return rule_sentence(rule)


class StrongestFirst(NewestFirst):
    ordering = ("kind", "rank")


class AssociationRuleList(PermittedView, generics.ListAPIView[AssociationRule]):
    """Market baskets: what is bought together, and what viewing leads to, the strongest first."""

    permission = "recommendations.view_associationrule"
    queryset = AssociationRule.objects.all()
    serializer_class = AssociationRuleSerializer
    pagination_class = StrongestFirst
    filterset_fields = {"kind": ["exact"]}

    def get_queryset(self) -> QuerySet[AssociationRule]:
        runs = list(MarketBasketRun.objects.in_force().order_by("pk").values_list("pk", flat=True))
        self.edition = " ".join(map(str, runs))
        return AssociationRule.objects.filter(run__in=runs)


urlpatterns = [path("market-baskets/", AssociationRuleList.as_view())]
