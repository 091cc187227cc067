"""What staff type about a placement."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ads.models import Placement


class PercentField(forms.FloatField):
    """A share that people type and read in per cent: 2.5 for 0.025."""

    widget = forms.NumberInput(attrs={"step": "any", "min": 0, "max": 100})

    def prepare_value(self, value: Any) -> Any:
        return round(value * 100, 4) if isinstance(value, float) else value

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        if number is not None and not 0 <= number <= 100:
            raise forms.ValidationError(_("Enter a percentage from 0 to 100."))
        return None if number is None else number / 100


class PlacementForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic
    click_rate = PercentField(
        label=gettext_lazy("Click-through rate (CTR, %)"),
        required=False,
        help_text=gettext_lazy(
            "Of 100 people who see the ad, how many click? Needed when you pay per thousand impressions."
        ),
    )
    conversion_rate = PercentField(
        label=gettext_lazy("Conversion rate (%)"),
        required=False,
        help_text=gettext_lazy(
            "Of 100 people who click, how many buy? Needed unless you pay per conversion."
        ),
    )

    class Meta:
        model = Placement
        fields = [
            "platform",
            "name",
            "pricing",
            "price",
            "currency",
            "click_rate",
            "conversion_rate",
            "conversion_value",
            "min_spend",
            "max_spend",
        ]
        labels = {
            "pricing": gettext_lazy("You pay"),
            "conversion_value": gettext_lazy("Value of a conversion"),
        }
        help_texts = {
            "platform": gettext_lazy(
                "The ad platform, as named in the ad reports, for example Google Ads or Meta Ads."
            ),
            "name": gettext_lazy("The placement, as named in the ad reports."),
            "price": gettext_lazy(
                "What the platform charges for one click, a thousand impressions or one conversion."
            ),
            "currency": gettext_lazy("ISO code, for example GBP. A plan divides one currency."),
            "conversion_value": gettext_lazy(
                "Average revenue of one conversion. Where product costs are known, plans take the margin "
                "of it."
            ),
            "min_spend": gettext_lazy("At least this much in 30 days, for example because of a contract."),
            "max_spend": gettext_lazy("At most this much in 30 days. Empty: no limit of its own."),
        }

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        pricing = data.get("pricing")
        if (
            pricing == Placement.Pricing.CPM
            and not data.get("click_rate")
            and "click_rate" not in self.errors
        ):
            self.add_error(
                "click_rate",
                _("Enter how many of 100 people click: without it the cost of a conversion is unknown."),
            )
        if (
            pricing in {Placement.Pricing.CPM, Placement.Pricing.CPC}
            and not data.get("conversion_rate")
            and ("conversion_rate" not in self.errors)
        ):
            self.add_error(
                "conversion_rate",
                _("Enter how many of 100 clicks buy: without it the cost of a conversion is unknown."),
            )
        low, high = data.get("min_spend"), data.get("max_spend")
        if low is not None and high is not None and low > high:
            self.add_error("max_spend", _("The maximum is below the minimum: raise it, or leave it empty."))
        return data
