"""What staff type about a budget."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ads.models import Placement
from shop.models import AmountField


class BudgetForm(forms.Form):
    """A budget, what must come of it, and for each placement the least and the most it may get."""

    budget = forms.DecimalField(
        label=_("Budget for the next 30 days"),
        min_value=Decimal("0.01"),
        max_digits=14,
        decimal_places=2,
    )
    min_conversions = forms.IntegerField(
        label=_("At least so many conversions"),
        min_value=0,
        required=False,
        help_text=_("Leave empty to ask only for the best return."),
    )
    band = forms.BooleanField(
        label=_("Change no placement's share by more than 30 %"),
        required=False,
        help_text=_(
            "Rates are measured near today's spend. Far from it nobody knows them: move step by step."
        ),
    )
    saturation = forms.BooleanField(
        label=_("Expect diminishing returns"),
        required=False,
        help_text=_("Twice the money on one placement rarely brings twice the sales: assume a third more."),
    )

    def __init__(self, *args: Any, placements: list[Placement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.placements = placements
        for placement in placements:
            for prefix, value in (("min", placement.min_spend), ("max", placement.max_spend)):
                self.fields[f"{prefix}_{placement.pk}"] = AmountField(
                    label=str(placement), min_value=Decimal(0), max_digits=14, required=False, initial=value
                )

    def wishes(self) -> dict[str, Any]:
        """The cleaned fields as arguments of `actions.budget_plans.draft_plan`."""
        data = self.cleaned_data
        return {
            "budget": data["budget"],
            "min_conversions": data["min_conversions"] or 0,
            "band": data["band"],
            "saturation": data["saturation"],
            "bounds": {
                p.pk: (data[f"min_{p.pk}"] or Decimal(0), data[f"max_{p.pk}"]) for p in self.placements
            },
        }
