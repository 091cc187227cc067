"""What staff type about a budget."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ads.models import Placement
from ads.models.budget_plans import PlanOptions, SpendBounds
from shop.models import AmountField


class BudgetForm(forms.Form):
    """A budget, the minimum conversions, and the bounds of each placement."""

    budget = forms.DecimalField(
        label=_("Budget for the next 30 days"),
        min_value=Decimal("0.01"),
        max_digits=14,
        decimal_places=2,
    )
    min_conversions = forms.IntegerField(
        label=_("Minimum conversions"),
        min_value=0,
        required=False,
        help_text=_("Leave empty to plan for the highest return only."),
    )
    band = forms.BooleanField(
        label=_("Change no placement's share by more than 30%"),
        required=False,
        help_text=_(
            "Rates are measured near today's spend and unknown far from it: change the split step by step."
        ),
    )
    saturation = forms.BooleanField(
        label=_("Expect diminishing returns"),
        required=False,
        help_text=_("Twice the spend on a placement rarely doubles its revenue: a third more is assumed."),
    )

    def __init__(self, *args: Any, placements: list[Placement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.placements = placements
        for placement in placements:
            for prefix, value in (("min", placement.min_spend), ("max", placement.max_spend)):
                self.fields[f"{prefix}_{placement.pk}"] = AmountField(
                    label=str(placement), min_value=Decimal(0), max_digits=14, required=False, initial=value
                )

    def arguments(self) -> dict[str, Any]:
        """The cleaned fields as arguments of `actions.budget_plans.draft_plan`, but for the currency."""
        data = self.cleaned_data
        return {
            "budget": data["budget"],
            "options": PlanOptions(
                min_conversions=data["min_conversions"] or 0,
                band=data["band"],
                saturation=data["saturation"],
                bounds={
                    placement.pk: SpendBounds(
                        data[f"min_{placement.pk}"] or Decimal(0), data[f"max_{placement.pk}"]
                    )
                    for placement in self.placements
                },
            ),
        }
