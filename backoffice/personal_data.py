"""What the apps hold about one customer: exported, counted, and taken out of what is kept after an erasure.

Which tables these are is declared by the apps (`Frame.personal_data`).
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.db import models

from backoffice.declarations import OnErasure, PersonalData, frames


def declared() -> list[PersonalData]:
    """The declared tables, lowest floor first."""
    return [table for frame in frames() for table in frame.personal_data]


def rows_about(table: PersonalData, customer: models.Model) -> models.QuerySet[Any]:
    return table.model._default_manager.filter(**{table.customer: customer.pk})


def held_about(customer: models.Model) -> dict[str, list[dict[str, Any]]]:
    """Model label -> its rows about the customer, each a dict of the declared columns. Tables that only
    repeat others are left out."""
    return {
        table.model._meta.label_lower: _exported(table, customer) for table in declared() if table.columns
    }


def _exported(table: PersonalData, customer: models.Model) -> list[dict[str, Any]]:
    relations = {path.rpartition(".")[0].replace(".", "__") for path in table.columns} - {""}
    rows = (
        rows_about(table, customer).select_related(*relations) if relations else rows_about(table, customer)
    )
    return [{path: attrgetter(path)(row) for path in table.columns} for row in rows]


def counted(customer: models.Model) -> list[tuple[PersonalData, int]]:
    """How many rows about the customer each exported table holds; tables without any are left out."""
    counts = [(table, rows_about(table, customer).count()) for table in declared() if table.columns]
    return [(table, count) for table, count in counts if count]


def detach(customer: models.Model) -> None:
    """Take the customer out of the rows that outlive an erasure. The caller deletes the customer, and with
    it, by cascades, all other rows."""
    for table in declared():
        if table.on_erasure is OnErasure.ANONYMOUS and "__" not in table.customer:
            rows_about(table, customer).update(**{table.customer: None})
