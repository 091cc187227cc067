"""What placements and budget plans add to the product."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from ads.actions.demo import write_ad_reports
from ads.models import AdReport, BudgetPlan, Placement
from backoffice.declarations import DemoFacts, Frame, NavigationItem, RolePermissions, Section, Todo, Urgency
from backoffice.models import User
from backoffice.templatetags.formats import money


def impossible_plan(user: User) -> Iterator[Todo]:
    """A budget plan whose bounds no split can keep."""
    if not user.has_perm("ads.plan_budget"):
        return
    last = BudgetPlan.objects.order_by("-created_at").first()
    if last and last.status == BudgetPlan.Status.INFEASIBLE:
        text = gettext("The budget plan is impossible: its bounds contradict each other")
        yield Todo(text, reverse("ads:budget-plan"), Urgency.BROKEN)


def plan_name(key: str) -> str:
    """The key `1000.00 GBP 2026-11-30` as “£1,000.00, 30 Nov 2026”."""
    amount, currency, day = key.split()
    return f"{money(amount, currency)}, {date_format(date.fromisoformat(day), 'SHORT_DATE_FORMAT')}"


FRAME = Frame(
    navigation=[
        NavigationItem(Section.ADS, _("Placements"), "ads_click", "ads:placements", "ads.view_placement", 10),
        NavigationItem(
            Section.ADS,
            _("Budget plan"),
            "account_balance_wallet",
            "ads:budget-plan",
            "ads.view_budgetplan",
            20,
        ),
    ],
    audit_names={"ads.budgetplan": plan_name},
    audit={
        "budget.plan": gettext_noop("computed a budget plan"),
        "budget.publish": gettext_noop("put the budget plan in force"),
        "placement.archive": gettext_noop("archived the placement"),
        "placement.derive": gettext_noop("took the placement's figures from the ad reports"),
        "placement.restore": gettext_noop("restored the placement"),
        "placement.save": gettext_noop("saved the placement"),
    },
    todos=[impossible_plan],
    permissions=RolePermissions(
        everybody=["ads.view_adreport", "ads.view_placement", "ads.view_budgetplan"],
        marketer=["ads.change_placement", "ads.plan_budget"],
    ),
    demo_facts=[DemoFacts(AdReport, write_ad_reports)],
    job_figures={
        "added": gettext_noop("Placements added"),
        "refreshed": gettext_noop("Placements refreshed"),
        "kept": gettext_noop("Placements left as staff entered them"),
        "plan": gettext_noop("Number of the plan"),
    },
    job_words={
        "optimal": gettext_noop("best possible"),
        "infeasible": gettext_noop("impossible"),
        "no placements": gettext_noop("no placements"),
    },
    derived=[BudgetPlan, Placement],
)
