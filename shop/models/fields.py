"""How amounts and currencies are kept."""

from __future__ import annotations

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

currency_code = RegexValidator(r"^[A-Z]{3}$", _("An ISO 4217 code, for example GBP."))


class MoneyField(models.DecimalField):  # type: ignore[type-arg]
    """An exact amount. Four decimals: shops price single screws at 0.0035, and sums must not drift."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)


class CurrencyField(models.CharField):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        kwargs.setdefault("validators", [currency_code])
        super().__init__(*args, **kwargs)
