"""Budget plans for partner tools."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ads.actions import budget_plans as actions
from ads.models import BudgetPlan, BudgetPlanLine, Placement
from ads.models.budget_plans import PlanOptions, SpendBounds
from ads.presenters import budget_plans as presenters
from backoffice.api.idempotency import idempotent
from backoffice.api.permissions import PermittedView
from backoffice.models import User


class BudgetPlanLineSerializer(serializers.ModelSerializer[BudgetPlanLine]):
    platform = serializers.CharField(source="placement.platform")
    placement_name = serializers.CharField(source="placement.name")
    reason_text = serializers.CharField(
        source="get_reason_display", help_text="Why this amount, in the language of Accept-Language."
    )

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
            "roas",
            "reason",
            "reason_text",
        ]


class BudgetPlanSerializer(serializers.ModelSerializer[BudgetPlan]):
    """A plan for 30 days. `shadow_price`: what one more unit of budget would return. `returns`: whether
    returns are revenue or, where product costs are known, margin."""

    lines = BudgetPlanLineSerializer(many=True)
    returns = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField(
        help_text="The plan in one sentence, in the language of Accept-Language."
    )
    remedies = serializers.SerializerMethodField(
        help_text="For an impossible plan: what excludes what, and the smallest changes that help."
    )

    class Meta:
        model = BudgetPlan
        fields = [
            "id",
            "created_at",
            "budget",
            "currency",
            "status",
            "in_force",
            "spent",
            "expected_return",
            "shadow_price",
            "returns",
            "summary",
            "remedies",
            "lines",
        ]

    @extend_schema_field(serializers.ChoiceField(choices=["revenue", "margin"]))
    def get_returns(self, plan: BudgetPlan) -> str:
        return "revenue" if plan.explanation.margin is None else "margin"

    def get_summary(self, plan: BudgetPlan) -> str:
        return presenters.summary(plan)

    def get_remedies(self, plan: BudgetPlan) -> list[str]:
        return presenters.remedies(plan)


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
        default=True, help_text="Change no placement by more than 30% of its recent share."
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

    def arguments(self) -> dict[str, Any]:
        """The checked fields as arguments of `plan_budget`."""
        data = dict(self.validated_data)
        return {
            "budget": data.get("budget"),
            "currency": data["currency"],
            "options": PlanOptions(
                min_conversions=data["min_conversions"],
                band=data["band"],
                saturation=data["saturation"],
                bounds={
                    row["placement"]: SpendBounds(row["min_spend"], row["max_spend"])
                    for row in data.get("bounds", [])
                },
            ),
        }


@extend_schema_view(
    get=extend_schema(operation_id="budget_plans"),
    post=extend_schema(
        operation_id="compute_budget_plan",
        request=NewBudgetPlanSerializer,
        responses={201: BudgetPlanSerializer},
        description="Computes and keeps a plan. It is a proposal until a member of staff puts it in force. "
        "An impossible plan is kept too: its status is `infeasible`, and `remedies` are what would help.",
    ),
)
class BudgetPlansView(PermittedView, generics.ListAPIView[BudgetPlan]):
    """Budget plans, newest first."""

    permission = "ads.view_budgetplan"
    queryset: QuerySet[BudgetPlan] = BudgetPlan.objects.prefetch_related("lines__placement")
    serializer_class = BudgetPlanSerializer
    filterset_fields = ["in_force", "status", "currency"]

    @idempotent
    def post(self, request: Request) -> Response:
        requested = NewBudgetPlanSerializer(data=request.data)
        requested.is_valid(raise_exception=True)
        plan = actions.plan_budget(by=cast(User, request.user), **requested.arguments())
        return Response(BudgetPlanSerializer(self.get_queryset().get(pk=plan.pk)).data, status=201)


urlpatterns = [path("budget-plans/", BudgetPlansView.as_view(), name="api-budget-plans")]
