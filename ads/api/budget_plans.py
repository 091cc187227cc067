"""Budget plans for partner tools."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ads.actions import budget_plans as actions
from ads.models import BudgetPlan, BudgetPlanLine, Placement
from backoffice.api.idempotency import idempotent
from backoffice.api.permissions import PermittedView
from backoffice.models import User


class BudgetPlanLineSerializer(serializers.ModelSerializer[BudgetPlanLine]):
    platform = serializers.CharField(source="placement.platform")
    placement_name = serializers.CharField(source="placement.name")
    reason = serializers.CharField(help_text="Why this amount, in the language of Accept-Language.")

    class Meta:
        model = BudgetPlanLine
        fields = [
            "placement",
            "platform",
            "placement_name",
            "spend",
            "min_spend",
            "max_spend",
            "recent_spend",
            "clicks",
            "conversions",
            "expected_return",
            "return_per_unit",
            "reason_key",
            "reason",
        ]


class BudgetPlanSerializer(serializers.ModelSerializer[BudgetPlan]):
    """A plan for 30 days. `shadow_price`: what one more unit of budget would bring."""

    lines = BudgetPlanLineSerializer(many=True)
    summary = serializers.CharField(help_text="The plan in one sentence, in the language of Accept-Language.")
    remedies = serializers.ListField(
        child=serializers.CharField(),
        help_text="For an impossible plan: what excludes what, and the smallest changes that help.",
    )

    class Meta:
        model = BudgetPlan
        fields = [
            "id",
            "created_at",
            "budget",
            "currency",
            "status",
            "published",
            "spent",
            "expected_return",
            "shadow_price",
            "summary",
            "remedies",
            "lines",
        ]


class BoundsSerializer(serializers.Serializer[Any]):
    placement = serializers.IntegerField(help_text="The placement's id.")
    min_spend = serializers.DecimalField(
        max_digits=18, decimal_places=4, min_value=Decimal(0), default=Decimal(0)
    )
    max_spend = serializers.DecimalField(
        max_digits=18, decimal_places=4, min_value=Decimal(0), allow_null=True, default=None
    )


class NewBudgetPlanSerializer(serializers.Serializer[Any]):
    budget = serializers.DecimalField(
        max_digits=18,
        decimal_places=4,
        min_value=Decimal("0.01"),
        required=False,
        help_text="For the next 30 days. Left out: the budget in force, else what the last 30 days cost.",
    )
    currency = serializers.CharField(
        max_length=3,
        required=False,
        default="",
        help_text="Needed only when placements are priced in several.",
    )
    min_conversions = serializers.IntegerField(min_value=0, default=0)
    band = serializers.BooleanField(
        default=True, help_text="Change no placement by more than 30 % of its recent share."
    )
    saturation = serializers.BooleanField(default=True, help_text="Expect diminishing returns.")
    bounds = BoundsSerializer(
        many=True, required=False, help_text="Instead of the placements' own minimum and maximum."
    )

    def validate_bounds(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        wanted = {row["placement"] for row in rows}
        unknown = wanted - set(
            Placement.objects.filter(pk__in=wanted, active=True).values_list("pk", flat=True)
        )
        if unknown:
            raise serializers.ValidationError(
                _("There is no active placement %s.") % ", ".join(map(str, sorted(unknown)))
            )
        return rows

    def wishes(self) -> dict[str, Any]:
        data = dict(self.validated_data)
        rows = data.pop("bounds", [])
        return data | {"bounds": {row["placement"]: (row["min_spend"], row["max_spend"]) for row in rows}}


@extend_schema_view(
    get=extend_schema(operation_id="budget_plans"),
    post=extend_schema(
        operation_id="compute_budget_plan",
        request=NewBudgetPlanSerializer,
        responses={201: BudgetPlanSerializer},
        description="Computes and keeps a plan. It is a proposal until a member of staff puts it in force. An impossible plan "
        "is kept too: its status is `infeasible` and `remedies` says what would help.",
    ),
)
class BudgetPlansView(PermittedView, generics.ListAPIView[BudgetPlan]):
    """Budget plans, newest first."""

    permission = "ads.view_budgetplan"
    queryset: QuerySet[BudgetPlan] = BudgetPlan.objects.prefetch_related("lines__placement")
    serializer_class = BudgetPlanSerializer
    filterset_fields = ["published", "status", "currency"]

    @idempotent
    def post(self, request: Request) -> Response:
        asked = NewBudgetPlanSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        plan = actions.plan_budget(by=cast(User, request.user), **asked.wishes())
        return Response(BudgetPlanSerializer(self.get_queryset().get(pk=plan.pk)).data, status=201)


urlpatterns = [path("budget-plans/", BudgetPlansView.as_view(), name="api-budget-plans")]
