"""Attributes of customers in the reader's language.

Shops name attributes and their values themselves; those that many shops record have a translation here, all
others stay as they were recorded.
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

NAMES: dict[str, str | Promise] = {
    "age": _("Age"),
    "birthday": _("Birthday"),
    "city": _("City"),
    "company": _("Company"),
    "gender": _("Gender"),
    "income": _("Income level"),
    "postcode": _("Postcode"),
    "region": _("Region"),
}
VALUES: dict[str, dict[str, str | Promise]] = {
    "gender": {"female": pgettext_lazy("gender", "female"), "male": pgettext_lazy("gender", "male")},
    "income": {
        "low": pgettext_lazy("income", "low"),
        "middle": pgettext_lazy("income", "middle"),
        "high": pgettext_lazy("income", "high"),
    },
}


def attribute_title(recorded: str) -> str | Promise:
    """The name of an attribute, translated when it is read."""
    return NAMES.get(recorded, recorded)


def attribute_value(name: str, recorded: Any) -> Any:
    """The value of the attribute that is recorded as `name`."""
    return VALUES.get(name, {}).get(str(recorded), recorded)
