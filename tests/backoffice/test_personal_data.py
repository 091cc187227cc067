"""Every table that points at a customer is declared by its app."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from backoffice.declarations import OnErasure
from backoffice.personal_data import counted, declared, detach, held_about, rows_about
from shop.models import Customer, Order
from tests.factories import CustomerFactory, OrderFactory


def points_at_a_customer(model: type[models.Model]) -> bool:
    return any(
        isinstance(field, models.ForeignKey) and field.related_model is Customer
        for field in model._meta.get_fields()
    )


def test_every_table_that_points_at_a_customer_is_declared_once() -> None:
    tables = [table.model for table in declared()]
    assert len(tables) == len(set(tables))
    missing = {model._meta.label for model in apps.get_models() if points_at_a_customer(model)} - {
        model._meta.label for model in tables
    }
    assert not missing, "their app's frame.py declares no PersonalData for them"


def test_each_app_declares_tables_of_its_own(db: None) -> None:
    customer = CustomerFactory()
    for table in declared():
        assert list(rows_about(table, customer)) == ([customer] if table.model is Customer else [])
        for path in table.columns:
            model: type[models.Model] = table.model
            *relations, name = path.split(".")
            for relation in relations:
                field = model._meta.get_field(relation)
                model = field.related_model  # type: ignore[assignment]  # a relation
            assert hasattr(model, name), f"{table.model._meta.label} has no {path}"


def test_what_is_held_is_exported_by_table(db: None) -> None:
    order = OrderFactory()
    held = held_about(order.customer)
    assert [row["number"] for row in held["shop.order"]] == [order.number]
    assert held["shop.event"] == []
    assert "shop.unprofiled" not in held


def test_only_tables_with_rows_are_counted(db: None) -> None:
    customer = CustomerFactory()
    assert [(table.model, count) for table, count in counted(customer)] == [(Customer, 1)]


def test_what_outlives_an_erasure_forgets_the_customer(db: None) -> None:
    order = OrderFactory()
    detach(order.customer)
    assert Order.objects.get().customer is None


def test_what_stays_may_do_without_its_customer() -> None:
    for table in declared():
        if table.on_erasure is OnErasure.ANONYMOUS and "__" not in table.customer:
            assert table.model._meta.get_field(table.customer).null


@pytest.mark.parametrize("model", [table.model for table in declared()], ids=lambda model: model._meta.label)
def test_what_is_not_kept_goes_with_the_customer(model: type[models.Model]) -> None:
    table = next(table for table in declared() if table.model is model)
    if table.on_erasure is OnErasure.DELETED and model is not Customer and model._meta.managed:
        field = model._meta.get_field(table.customer)
        assert field.remote_field.on_delete is models.CASCADE
