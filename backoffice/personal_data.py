"""What the apps hold about one customer: exported, counted, and taken out of what is kept after an erasure.

Which tables these are is declared by the apps (`Frame.personal_data`), and so are the places that may name
somebody without pointing at a customer (`Frame.traces`).
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.db import models
from django.db.models import Q, TextField
from django.db.models.functions import Cast, Concat

from backoffice.declarations import OnErasure, Person, PersonalData, frames


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


def forget_traces(person: Person) -> dict[str, int]:
    """Take the person out of all places that the apps declare. Model label -> how many rows were cleaned;
    places that did not name them are left out."""
    cleaned: dict[str, int] = {}
    for trace in (trace for frame in frames() for trace in frame.traces):
        if count := trace.forget(person):
            label = trace.model._meta.label_lower
            cleaned[label] = cleaned.get(label, 0) + count
    return cleaned


def naming(rows: models.QuerySet[Any], person: Person, *columns: str) -> models.QuerySet[Any]:
    """Those of `rows` whose texts or JSON values in `columns` name the person: by one of their words, or by
    both parts of the name."""
    rows = rows.alias(told=Concat(*(Cast(name, TextField()) for name in columns), output_field=TextField()))
    named = Q(pk__in=[])
    for word in person.words:
        named |= Q(told__icontains=word)
    if person.first_name and person.last_name:
        named |= Q(told__icontains=person.first_name) & Q(told__icontains=person.last_name)
    return rows.filter(named)


def receipt(counts: dict[str, int]) -> list[tuple[str, int]]:
    """What an erasure cleaned (model label -> rows), in the reader's language."""
    titles = {table.model._meta.label_lower: table.title for table in declared()}
    titles |= {
        trace.model._meta.label_lower: trace.title
        for frame in frames()
        for trace in frame.traces
        if trace.model._meta.label_lower not in titles
    }
    return [(str(titles.get(label, label)), count) for label, count in counts.items()]
