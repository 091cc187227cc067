"""How a budget is divided among placements."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from ads.models.placements import Placement
from backoffice.fields import DataclassField
from backoffice.runs import Run, RunQuerySet, one_in_force
from backoffice.staff import staff_key
from shop.models import CurrencyField, MoneyField


@dataclass(frozen=True)
class SpendBounds:
    """The least and the most a placement may get in 30 days; None: no maximum of its own."""

    low: Decimal
    high: Decimal | None


@dataclass(frozen=True)
class PlanOptions:
    """What a plan was computed with, beside its budget and currency.

    band: no placement moves further than 30 % from its recent share. saturation: the more a placement gets,
    the less each further unit returns. bounds: by placement id, where they differ from the placement's own.
    """

    min_conversions: int = 0
    band: bool = True
    saturation: bool = True
    bounds: dict[int, SpendBounds] = field(default_factory=dict)


@dataclass(frozen=True)
class BudgetPoint:
    """The best return that a spend can reach within the limits of a plan, in its currency."""

    spend: float
    expected_return: float


@dataclass(frozen=True)
class PlanComparison:
    """What the same budget returns when split otherwise, in the plan's currency.

    current_return: split as in the last 30 days, None without reports. frontier: other budgets, split best.
    """

    equal_return: float
    current_return: float | None
    frontier: tuple[BudgetPoint, ...]


@dataclass(frozen=True)
class LoweredMinimum:
    """How much the minimum of one placement (by its name) would have to come down."""

    placement: str
    amount: float


@dataclass(frozen=True)
class PlanConflict:
    """Which limits exclude each other, and the smallest change of each kind that alone makes a plan possible
    (None or empty: that kind alone does not help). Amounts in the plan's currency."""

    minimums: float
    budget_needed: float | None
    conversions_reachable: int | None
    lowered_minimums: tuple[LoweredMinimum, ...]
    band_in_the_way: bool


@dataclass(frozen=True)
class PlanExplanation:
    """Why the split is what it is: a `comparison` if the plan is possible, else a `conflict`.

    incomplete: names of the placements left out because a rate is missing. margin: the share of revenue that
    stays when the products are paid for, where their costs are known; returns are then margins, else revenue.
    """

    incomplete: tuple[str, ...] = ()
    margin: float | None = None
    comparison: PlanComparison | None = None
    conflict: PlanConflict | None = None


class BudgetPlan(Run):
    """One solve of the allocation, for 30 days and in one currency. One plan at a time is in force."""

    class Status(models.TextChoices):
        OPTIMAL = "optimal", _("best possible")
        INFEASIBLE = "infeasible", _("impossible")

    budget = MoneyField(_("budget"))
    currency = CurrencyField(_("currency"))
    status = models.CharField(_("status"), max_length=10, choices=Status)
    expected_return = MoneyField(_("expected return"), default=Decimal(0))
    spent = MoneyField(_("spent"), default=Decimal(0))
    shadow_price = models.FloatField(
        _("shadow price"), null=True, help_text=_("Return of one more unit of budget.")
    )
    options = DataclassField(PlanOptions)
    explanation = DataclassField(PlanExplanation)
    created_by = staff_key(_("created by"))

    objects = RunQuerySet["BudgetPlan"].as_manager()

    class Meta(Run.Meta):
        verbose_name = _("budget plan")
        verbose_name_plural = _("budget plans")
        permissions = [("plan_budget", "Can compute budget plans")]
        constraints = [one_in_force(name="budgetplan_in_force_once")]

    def __str__(self) -> str:
        return f"{self.budget} {self.currency} {self.created_at:%Y-%m-%d}"

    @property
    def audit_key(self) -> str:
        return str(self)


class BudgetPlanLine(models.Model):
    """What one placement gets in a plan. Amounts for 30 days in the plan's currency."""

    class Reason(models.TextChoices):
        """Why a placement gets what it gets."""

        FIXED = "fixed", _("Fixed: its minimum and its maximum are the same.")
        AT_MAXIMUM = (
            "at_maximum",
            _("At its maximum: more spend here would still return more than elsewhere."),
        )
        AT_MAXIMUM_TIE = (
            "at_maximum_tie",
            _("At its maximum: more spend here would return as much as elsewhere."),
        )
        AT_MAXIMUM_ONLY = "at_maximum_only", _("At its maximum.")
        RAISED = (
            "raised",
            _(
                "Raised by the most that one plan may: its next unit of spend still returns more than "
                "elsewhere."
            ),
        )
        RAISED_TIE = (
            "raised_tie",
            _("Raised by the most that one plan may: its next unit of spend returns as much as elsewhere."),
        )
        RAISED_ONLY = "raised_only", _("Raised by the most that one plan may.")
        AT_MINIMUM = "at_minimum", _("At its minimum: the same spend returns more elsewhere.")
        AT_MINIMUM_TIE = "at_minimum_tie", _("At its minimum: the same spend returns as much elsewhere.")
        AT_MINIMUM_ONLY = "at_minimum_only", _("At its minimum.")
        LOWERED = (
            "lowered",
            _("Lowered by the most that one plan may: the same spend returns more elsewhere."),
        )
        LOWERED_TIE = (
            "lowered_tie",
            _("Lowered by the most that one plan may: the same spend returns as much elsewhere."),
        )
        LOWERED_ONLY = "lowered_only", _("Lowered as far as the budget and the other limits need.")
        BALANCED = (
            "balanced",
            _("Balanced: its next unit of spend returns as much as the next unit elsewhere."),
        )
        BUDGET = "budget", _("Stopped by the budget: the next unit of budget would go here.")
        GOAL = "goal", _("As much as the budget and the minimum conversions together allow.")
        NOT_WORTH_IT = "not_worth_it", _("Not worth it: the same spend returns more elsewhere.")
        NOTHING_TIE = "nothing_tie", _("Gets nothing: the same spend returns as much elsewhere.")
        NOTHING_ONLY = "nothing_only", _("Gets nothing: the other limits take the whole budget.")

    plan = models.ForeignKey(BudgetPlan, models.CASCADE, related_name="lines")
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="+")
    spend = MoneyField(_("spend"))
    min_spend = MoneyField(_("at least"), default=Decimal(0))
    max_spend = MoneyField(_("at most"), null=True)
    recent_spend = MoneyField(_("spend of the last 30 days"), default=Decimal(0))
    impressions = models.FloatField(_("expected impressions"), null=True)
    clicks = models.FloatField(_("expected clicks"), null=True)
    conversions = models.FloatField(_("expected conversions"))
    expected_return = MoneyField(_("expected return"))
    roas = models.FloatField(_("ROAS"), help_text="Expected revenue for one unit of spend.")
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)

    class Meta:
        ordering = ["-spend"]
        constraints = [models.UniqueConstraint(fields=["plan", "placement"], name="planline_once")]

    def __str__(self) -> str:
        return f"{self.placement_id}: {self.spend}"
