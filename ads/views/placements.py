"""Pages of placements: the list, one placement with its history, the figures while they are typed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ads.actions import placements as actions
from ads.datasets.placements import active_placements
from ads.datasets.reports import history
from ads.forms.placements import PlacementForm
from ads.models import AdReport, Placement
from backoffice.errors import require
from backoffice.models import AuditEntry
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.templatetags.formats import money, money_rounded, number
from shop.calendar import present

NOTHING_TYPED = gettext_lazy("Enter the price and the value of a conversion to see its ROAS.")


@staff_page("ads.view_placement")
def placement_list(request: StaffRequest) -> HttpResponse:
    search, archived = request.GET.get("q", "").strip(), "archived" in request.GET
    found = Placement.objects.filter(active=False) if archived else active_placements(as_of=present())
    if search:
        found = found.filter(Q(name__icontains=search) | Q(platform__icontains=search))
    rows = sorted(found, key=lambda row: -(row.roas or 0))
    return page(
        request,
        "ads/placements.html",
        title=_("Placements"),
        rows=rows,
        search=search,
        archived=archived,
        best=rows[0] if rows and rows[0].roas else None,
        losing=[row for row in rows if row.roas is not None and row.roas < 1],
        archived_count=Placement.objects.filter(active=False).count(),
        has_reports=AdReport.objects.exists(),
        chart=_returns_chart(rows),
    )


def _returns_chart(rows: list[Placement]) -> dict[str, Any]:
    known = [row for row in rows if row.roas is not None][:15]
    return {
        "categories": [row.name for row in known],
        "horizontal": True,
        "format": "ratio",
        "x": _("ROAS"),
        "series": [{"name": _("ROAS"), "values": [round(row.roas or 0, 3) for row in known]}],
    }


@staff_page("ads.view_placement")
def placement_detail(request: StaffRequest, pk: int | None = None) -> HttpResponse:
    """Add (no pk) or show and change a placement. Who may not change one sees its figures."""
    if not pk or request.method == "POST":
        require(request.user, "ads.change_placement")
    row = (
        get_object_or_404(Placement, pk=pk)
        if pk
        else Placement(currency=Placement.objects.main_currency() or "GBP")
    )
    form = PlacementForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        saved = actions.save_placement(by=request.user, placement=form.save(commit=False))
        messages.success(request, _("%s is saved. The next plan uses it.") % saved)
        return redirect("ads:placements")
    row = (
        Placement.objects.get(pk=pk) if pk else row
    )  # as stored: validation has written into the form's instance
    days = history(as_of=present(), placement=row) if pk else []
    return page(
        request,
        "ads/placement.html",
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
    if row.cost_per_conversion is None or row.roas is None:
        return _("Enter the rates to see what a conversion costs.")
    words = {
        "cost": (money_rounded if row.cost_per_conversion >= 100 else money)(
            row.cost_per_conversion, row.currency
        ),
        "value": money(row.conversion_value, row.currency),
        "roas": number(row.roas, 2),
    }
    if row.roas < 1:
        return (
            _("A conversion costs about %(cost)s and is worth %(value)s: a ROAS of %(roas)s, a loss.") % words
        )
    return _("A conversion costs about %(cost)s and is worth %(value)s: a ROAS of %(roas)s.") % words


@staff_page("ads.view_placement")
def consequence(request: StaffRequest) -> HttpResponse:
    """What the figures in the form mean, while they are being typed (HTMX)."""
    form = PlacementForm(request.GET)
    form.full_clean()
    needed = ("price", "pricing", "conversion_value")
    row = Placement(**{k: v for k, v in form.cleaned_data.items() if k != "max_spend" and v is not None})
    complete = all(form.cleaned_data.get(name) for name in needed)
    return render(
        request,
        "ads/parts/consequence.html",
        {"consequence": _consequence(row) if complete else NOTHING_TYPED},
    )


@require_POST
@staff_page("ads.change_placement")
def archive(request: StaffRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Placement, pk=pk)
    actions.archive_placement(by=request.user, placement=row, archived=row.active)
    done = (
        _("%s is back in the plans.")
        if row.active
        else _("%s is archived: plans leave it out. You can bring it back.")
    )
    messages.success(request, done % row)
    return redirect("ads:placements")


@require_POST
@staff_page("ads.change_placement")
def derive(request: StaffRequest) -> HttpResponse:
    counts = actions.placements_from_reports(by=request.user)
    messages.success(
        request,
        _(
            "From the ad reports: %(added)d added, %(refreshed)d refreshed, %(kept)d left as staff entered "
            "them."
        )
        % counts,
    )
    return redirect("ads:placements")
