"""Where ads run, what they cost there and how a budget is divided among them."""

from ads.models.budget_plans import BudgetPlan, BudgetPlanLine
from ads.models.placements import Placement
from ads.models.reports import AdReport

__all__ = ["AdReport", "BudgetPlan", "BudgetPlanLine", "Placement"]
