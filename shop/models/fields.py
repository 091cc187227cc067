"""How amounts and currencies are kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.templatetags.formats import plain_amount

currency_code = RegexValidator(r"^[A-Z]{3}$", _("An ISO 4217 code, for example GBP."))


class AmountField(forms.DecimalField):
    """An amount as people type it: without the zeros of the database's four decimals."""

    def prepare_value(self, value: Any) -> Any:
        return plain_amount(value) if isinstance(value, Decimal) and value.is_finite() else value


class MoneyField(models.DecimalField):  # type: ignore[type-arg]  # generic in the stubs only
    """An exact amount. Four decimals: shops price single screws at 0.0035, and sums must not drift."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": AmountField, **kwargs})


class CurrencyField(models.CharField):  # type: ignore[type-arg]  # generic in the stubs only
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        kwargs.setdefault("validators", [currency_code])
        super().__init__(*args, **kwargs)
