"""Pages about ad placements and the budget plan."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backoffice.errors import Refused, require
from backoffice.exports import csv_response
from backoffice.models import AuditEntry, JobRun
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.templatetags.formats import money, money_rounded, number
from campaigns import datasets
from campaigns.actions import budgets as actions
from campaigns.forms.budgets import BudgetForm, PlacementForm
from campaigns.models import BudgetPlan, BudgetPlanLine, Placement
from shop.models import AdReport

PLAN_JOB = "campaigns.plan_budget"
NOTHING_TYPED = gettext_lazy("Enter the price and the value of a conversion to see what it brings.")


# -- placements ----------------------------------------------------------------------------------------------


@staff_page("campaigns.view_placement")
def placements(request: StaffRequest) -> HttpResponse:
    search, archived = request.GET.get("q", "").strip(), "archived" in request.GET
    found = (
        Placement.objects.filter(active=False)
        if archived
        else datasets.active_placements(as_of=timezone.now())
    )
    if search:
        found = found.filter(Q(name__icontains=search) | Q(platform__icontains=search))
    rows = sorted(found, key=lambda row: -(row.return_per_unit or 0))
    return page(
        request,
        "campaigns/budget/placements.html",
        title=_("Placements"),
        rows=rows,
        search=search,
        archived=archived,
        best=rows[0] if rows and rows[0].return_per_unit else None,
        losing=[row for row in rows if row.return_per_unit is not None and row.return_per_unit < 1],
        archived_count=Placement.objects.filter(active=False).count(),
        has_reports=AdReport.objects.exists(),
        chart=_returns_chart(rows),
    )


def _returns_chart(rows: list[Placement]) -> dict[str, Any]:
    known = [row for row in rows if row.return_per_unit is not None][:15]
    return {
        "categories": [row.name for row in known],
        "horizontal": True,
        "format": "ratio",
        "x": _("return for 1 spent"),
        "series": [
            {"name": _("return for 1 spent"), "values": [round(row.return_per_unit or 0, 3) for row in known]}
        ],
    }


@staff_page("campaigns.view_placement")
def placement(request: StaffRequest, pk: int | None = None) -> HttpResponse:
    """Add (no pk) or show and change a placement. Who may not change one sees its figures."""
    if not pk or request.method == "POST":
        require(request.user, "campaigns.change_placement")
    row = get_object_or_404(Placement, pk=pk) if pk else Placement(currency=actions.main_currency() or "GBP")
    form = PlacementForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        saved = actions.save_placement(by=request.user, placement=form.save(commit=False))
        messages.success(request, _("%s is saved. The next plan uses it.") % saved)
        return redirect("campaigns:placements")
    row = (
        Placement.objects.get(pk=pk) if pk else row
    )  # as stored: validation has written into the form's instance
    days = datasets.history(as_of=timezone.now(), placement=row) if pk else []
    return page(
        request,
        "campaigns/budget/placement.html",
        title=str(row) if pk else _("Add a placement"),
        form=form,
        placement=row,
        history=days,
        totals=_totals(days),
        chart=_history_chart(row, days),
        consequence=_consequence(row) if pk else NOTHING_TYPED,
        audit=AuditEntry.about(row)[:10] if pk else [],
        status=422 if form.errors else 200,
    )


def _totals(days: list[Any]) -> dict[str, Any]:
    spend, revenue = (sum((day[name] for day in days), Decimal(0)) for name in ("spend", "revenue"))
    return {
        "spend": spend,
        "revenue": revenue,
        "conversions": sum(day["conversions"] for day in days),
        "roas": revenue / spend if spend else None,
    }


def _history_chart(row: Placement, days: list[Any]) -> dict[str, Any]:
    return {
        "x": "",
        "y": "",
        "time": True,
        "format": "money",
        "currency": row.currency,
        "series": [
            {"name": label, "points": [[day["day"].isoformat(), float(day[name])] for day in days]}
            for name, label in (("spend", _("spend")), ("revenue", _("revenue")))
        ],
    }


def _consequence(row: Placement) -> str:
    if row.cost_per_conversion is None or row.return_per_unit is None:
        return _("Enter the rates to see what a conversion costs.")
    words = {
        "cost": (money_rounded if row.cost_per_conversion >= 100 else money)(
            row.cost_per_conversion, row.currency
        ),
        "value": money(row.conversion_value, row.currency),
        "back": number(row.return_per_unit, 2),
    }
    if row.return_per_unit < 1:
        return (
            _("One conversion costs about %(cost)s and is worth %(value)s: 1 spent brings %(back)s, a loss.")
            % words
        )
    return _("One conversion costs about %(cost)s and is worth %(value)s: 1 spent brings %(back)s.") % words


@staff_page("campaigns.view_placement")
def placement_consequence(request: StaffRequest) -> HttpResponse:
    """What the figures in the form mean, while they are being typed (HTMX)."""
    form = PlacementForm(request.GET)
    form.full_clean()
    needed = ("price", "pricing", "conversion_value")
    row = Placement(**{k: v for k, v in form.cleaned_data.items() if k != "max_spend" and v is not None})
    complete = all(form.cleaned_data.get(name) for name in needed)
    return render(
        request,
        "campaigns/budget/parts/consequence.html",
        {"consequence": _consequence(row) if complete else NOTHING_TYPED},
    )


@require_POST
@staff_page("campaigns.change_placement")
def placement_archive(request: StaffRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Placement, pk=pk)
    actions.archive_placement(by=request.user, placement=row, archived=row.active)
    done = (
        _("%s is back in the plans.")
        if row.active
        else _("%s is archived: plans leave it out. You can bring it back.")
    )
    messages.success(request, done % row)
    return redirect("campaigns:placements")


@require_POST
@staff_page("campaigns.change_placement")
def placements_derive(request: StaffRequest) -> HttpResponse:
    counts = actions.placements_from_reports(by=request.user)
    messages.success(
        request,
        _(
            "From the ad reports: %(added)d added, %(refreshed)d refreshed, %(kept)d left as staff entered "
            "them."
        )
        % counts,
    )
    return redirect("campaigns:placements")


# -- the plan ------------------------------------------------------------------------------------------------


@staff_page("campaigns.view_budgetplan")
def budget(request: StaffRequest) -> HttpResponse:
    """The plan asked for, else the newest; POST computes and keeps a new one."""
    shown = _shown_plan(request)
    currency = request.GET.get("currency") or (shown.currency if shown else "") or actions.main_currency()
    form = _form(request, currency, shown, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            plan = actions.plan_budget(by=request.user, currency=currency, **form.wishes())
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            return redirect(f"{reverse('campaigns:budget')}?plan={plan.pk}")
    if shown and shown.currency != currency:
        shown = None
    in_force = BudgetPlan.objects.filter(published=True).first()
    return page(
        request,
        "campaigns/budget/budget.html",
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
    facts = datasets.placement_data(as_of=timezone.now(), currency=currency)
    known = bool(facts.recent.any())
    initial: dict[str, Any] = {"band": known, "saturation": known}
    if shown and shown.currency == currency:
        wishes = actions.options_of(shown)
        initial = {
            **wishes,
            "budget": shown.budget.quantize(Decimal("0.01")),
            "min_conversions": wishes["min_conversions"] or None,
        }
        for pk, (low, high) in wishes["bounds"].items():
            initial |= {f"min_{pk}": low, f"max_{pk}": high}
    elif facts.placements:
        initial["budget"] = actions.default_budget(facts)
    return BudgetForm(data, initial=initial, placements=facts.placements)


def _limits(form: BudgetForm) -> list[dict[str, Any]]:
    """A row for each placement: its two bound fields and how far their sliders reach."""
    return [
        {"placement": one, "low": form[f"min_{one.pk}"], "high": form[f"max_{one.pk}"], "top": _top(one)}
        for one in form.placements
    ]


def _top(one: Any) -> int:
    """The right end of the sliders: well above what was spent lately and what is allowed now."""
    return max(100, round(2 * float(max(one.recent_spend, one.max_spend or 0, one.min_spend))))


@staff_page("campaigns.view_budgetplan")
def budget_preview(request: StaffRequest) -> HttpResponse:
    """The plan that the form describes, computed and shown but not kept (HTMX)."""
    currency = request.GET.get("currency", "")
    form = _form(request, currency, None, request.GET)
    context: dict[str, Any] = {"form": form, "preview": True}
    if form.is_valid():
        try:
            context |= _outcome(*actions.draft_plan(currency=currency, **form.wishes()))
        except Refused as refusal:
            context["refusal"] = refusal.message
    return render(request, "campaigns/budget/parts/outcome.html", context)


@require_POST
@staff_page("campaigns.plan_budget")
def budget_publish(request: StaffRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(BudgetPlan, pk=pk)
    try:
        actions.publish_plan(by=request.user, plan=plan)
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("This plan is in force now. Enter its amounts at the ad platforms."))
    return redirect(f"{reverse('campaigns:budget')}?plan={pk}")


@staff_page("campaigns.view_budgetplan")
def budget_export(request: StaffRequest, pk: int) -> StreamingHttpResponse:
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
            line.reason,
        ]
        for line in _saved_lines(plan)
    )
    return csv_response(f"budget-plan-{pk}.csv", head, rows)


def _saved_lines(plan: BudgetPlan) -> list[BudgetPlanLine]:
    return list(plan.lines.select_related("placement"))


def _outcome(plan: BudgetPlan, lines: list[BudgetPlanLine]) -> dict[str, Any]:
    losing = [line for line in lines if line.spend and line.return_per_unit < 1]
    recent = sum(line.recent_spend for line in lines)
    return {
        "plan": plan,
        "lines": lines,
        "losing": losing,
        "far": recent and not recent / 2 <= plan.budget <= recent * 2,
        "conversions": sum(line.conversions for line in lines),
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
    points = plan.explanation.get("frontier", [])
    return {
        "x": _("spend in 30 days (%s)") % plan.currency,
        "y": _("expected return"),
        "format": "money",
        "currency": plan.currency,
        "series": [{"name": _("expected return"), "points": points}],
        "mark": {"x": float(plan.spent), "label": _("this plan")},
    }
