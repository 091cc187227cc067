"""Pages of the budget plan: what may be spent, what comes of it, the plans so far."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ads.actions import budget_plans as actions
from ads.datasets.placements import placement_data
from ads.forms.budget_plans import BudgetForm
from ads.models import AdReport, BudgetPlan, BudgetPlanLine, Placement
from ads.presenters import budget_plans as presenters
from backoffice.errors import Refused
from backoffice.exports import csv_response
from backoffice.models import JobRun
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.templatetags.formats import money_rounded
from shop.calendar import present

PLAN_JOB = "ads.plan_budget"


@staff_page("ads.view_budgetplan")
def budget_plan(request: StaffRequest) -> HttpResponse:
    """The plan of ?plan=, else the newest; POST computes and keeps a new one."""
    shown = _shown_plan(request)
    currency = (
        request.GET.get("currency") or (shown.currency if shown else "") or Placement.objects.main_currency()
    )
    form = _form(request, currency, shown, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            plan = actions.plan_budget(by=request.user, currency=currency, **form.arguments())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            return redirect(f"{reverse('ads:budget-plan')}?plan={plan.pk}")
    if shown and (form.errors or shown.currency != currency):
        shown = None  # what was refused has no result, and an older one is not it
    in_force = BudgetPlan.objects.published()
    return page(
        request,
        "ads/budget_plan.html",
        title=_("Budget plan"),
        form=form,
        rows=_limits(form),
        currency=currency,
        currencies=sorted(set(Placement.objects.filter(active=True).values_list("currency", flat=True))),
        in_force=in_force,
        history=BudgetPlan.objects.select_related("created_by")[:15],
        run=JobRun.objects.last_of(PLAN_JOB),
        job=PLAN_JOB,
        has_reports=AdReport.objects.exists(),
        status=422 if form.errors else 200,
        **(_outcome(shown, _saved_lines(shown)) if shown else {}),
    )


def _shown_plan(request: StaffRequest) -> BudgetPlan | None:
    wanted = request.GET.get("plan", "")
    if wanted.isdecimal():
        return get_object_or_404(BudgetPlan, pk=int(wanted))
    return BudgetPlan.objects.first()


def _form(request: StaffRequest, currency: str, shown: BudgetPlan | None, data: Any) -> BudgetForm:
    facts = placement_data(as_of=present(), currency=currency)
    known = bool(facts.recent.any())
    initial: dict[str, Any] = {"band": known, "saturation": known}
    if shown and shown.currency == currency:
        options = shown.options
        initial = {
            "band": options.band,
            "saturation": options.saturation,
            "budget": shown.budget.quantize(Decimal("0.01")),
            "min_conversions": options.min_conversions or None,
        }
        for pk, bounds in options.bounds.items():
            initial |= {f"min_{pk}": bounds.low, f"max_{pk}": bounds.high}
    elif facts.placements:
        initial["budget"] = actions.default_budget(facts)
    return BudgetForm(data, initial=initial, placements=facts.placements)


def _limits(form: BudgetForm) -> list[dict[str, Any]]:
    """A row for each placement: its two bound fields and how far their sliders reach."""
    return [
        {
            "placement": placement,
            "low": form[f"min_{placement.pk}"],
            "high": form[f"max_{placement.pk}"],
            "top": _top(placement),
        }
        for placement in form.placements
    ]


def _top(placement: Any) -> int:
    """The right end of the sliders: well above what was spent lately and what is allowed now."""
    return max(
        100, round(2 * float(max(placement.recent_spend, placement.max_spend or 0, placement.min_spend)))
    )


@staff_page("ads.view_budgetplan")
def preview(request: StaffRequest) -> HttpResponse:
    """The plan that the form describes, computed and shown but not kept (HTMX)."""
    currency = request.GET.get("currency", "")
    form = _form(request, currency, None, request.GET)
    context: dict[str, Any] = {
        "form": form,
        "preview": True,
        "summary": _("There is no plan for what is typed now."),
    }
    if form.is_valid():
        try:
            context |= _outcome(*actions.draft_plan(currency=currency, **form.arguments()))
        except Refused as refusal:
            context["refusal"] = refusal.message
    return render(request, "ads/parts/outcome.html", context)


@require_POST
@staff_page("ads.plan_budget")
def publish(request: StaffRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(BudgetPlan, pk=pk)
    try:
        actions.publish_plan(by=request.user, plan=plan)
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("This plan is in force now. Enter its amounts at the ad platforms."))
    return redirect(f"{reverse('ads:budget-plan')}?plan={pk}")


@staff_page("ads.view_budgetplan")
def export(request: StaffRequest, pk: int) -> StreamingHttpResponse:
    """The plan's lines as CSV, for the ad platforms."""
    plan = get_object_or_404(BudgetPlan, pk=pk)
    head = ["platform", "placement", "currency", "spend", "expected_return", "conversions", "reason"]
    rows = (
        [
            line.placement.platform,
            line.placement.name,
            plan.currency,
            line.spend,
            line.expected_return,
            round(line.conversions, 1),
            line.get_reason_display(),
        ]
        for line in _saved_lines(plan)
    )
    return csv_response(f"budget-plan-{pk}.csv", head, rows)


def _saved_lines(plan: BudgetPlan) -> list[BudgetPlanLine]:
    return list(plan.lines.select_related("placement"))


def _outcome(plan: BudgetPlan, lines: list[BudgetPlanLine]) -> dict[str, Any]:
    losing = [line for line in lines if line.spend and line.expected_return < line.spend]
    recent = sum(line.recent_spend for line in lines)
    return {
        "plan": plan,
        "summary": presenters.summary(plan),
        "marginal_return": presenters.marginal_return(plan),
        "next_unit_note": presenters.next_unit_note(plan),
        "in_margin": plan.explanation.margin is not None,
        "measure": _("Expected margin") if plan.explanation.margin is not None else _("Expected revenue"),
        "remedies": presenters.remedies(plan),
        "lines": lines,
        "losing": losing,
        "far": recent and not recent / 2 <= plan.budget <= recent * 2,
        "conversions": sum(line.conversions for line in lines),
        "together": presenters.returned(plan, money_rounded(plan.expected_return, plan.currency)),
        "spend_chart": _spend_chart(plan, lines),
        "return_chart": _return_chart(plan, lines),
        "frontier_chart": _frontier_chart(plan),
        "recent_total": recent,
    }


def _spend_chart(plan: BudgetPlan, lines: list[BudgetPlanLine]) -> dict[str, Any]:
    series = [{"name": _("planned"), "values": [float(line.spend) for line in lines]}]
    if any(line.recent_spend for line in lines):
        series.insert(
            0,
            {
                "name": _("last 30 days"),
                "values": [float(line.recent_spend) for line in lines],
                "colour": "#999999",
            },
        )
    return {
        "categories": [line.placement.name for line in lines],
        "horizontal": True,
        "format": "money",
        "x": plan.currency,
        "currency": plan.currency,
        "series": series,
    }


def _return_chart(plan: BudgetPlan, lines: list[BudgetPlanLine]) -> dict[str, Any]:
    return {
        "categories": [line.placement.name for line in lines],
        "horizontal": True,
        "format": "money",
        "x": plan.currency,
        "currency": plan.currency,
        "series": [
            {
                "name": _("expected return"),
                "values": [float(line.expected_return) for line in lines],
                "colour": "#009E73",
            }
        ],
    }


def _frontier_chart(plan: BudgetPlan) -> dict[str, Any]:
    comparison = plan.explanation.comparison
    points = [(point.spend, point.expected_return) for point in comparison.frontier] if comparison else []
    return {
        "x": _("spend in 30 days (%s)") % plan.currency,
        "y": _("expected return"),
        "format": "money",
        "currency": plan.currency,
        "series": [{"name": _("expected return"), "points": points}],
        "mark": {"x": float(plan.spent), "label": _("this plan")},
    }
