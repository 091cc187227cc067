"""What a file states is kept: totals, numbers that are names, whatever the order of its rows."""

import io
import random
from dataclasses import replace
from decimal import Decimal

import pytest
from django.conf import settings

from backoffice.jobs import silent
from backoffice.models import JobRun
from intake import tasks
from intake.actions.imports import import_file, map_columns, settle_reading, take_file
from intake.models import FileImport, RejectedRow
from shop.models import Customer, Order, OrderLine, Product
from tests.intake.actions.test_imports import run, take, total

pytestmark = pytest.mark.django_db


def test_a_line_is_worth_the_total_that_the_file_states():
    run(
        "order_number,ordered_at,sku,quantity,line_total\n1,2024-07-01,A,4,10\n2,2024-07-01,A,3,10\n",
        currency="EUR",
    )
    assert [line.amount for line in OrderLine.objects.order_by("pk")] == [10, 10]
    assert FileImport.objects.get().summary.of_orders.revenue == {"EUR": 20}


@pytest.mark.parametrize(("price", "total", "worth"), [("3.33", "10", "10"), ("3.33", "14.90", "9.99")])
def test_a_total_counts_beside_a_price_unless_it_is_about_more_than_the_line(price, total, worth):
    head = "order_number,ordered_at,sku,quantity,unit_price,line_total"
    run(f"{head}\n1,2024-07-01,A,3,{price},{total}\n", currency="EUR")
    assert OrderLine.objects.get().amount == Decimal(worth)


@pytest.mark.data
def test_the_complete_journey_keeps_its_total(shared_data):
    path = shared_data / "completejourney" / "transactions_sample.csv.gz"
    with path.open("rb") as file:
        file_import = take_file(file=file, filename=path.name, by=None)
    names = {
        "order_number": "basket_id", "ordered_at": "transaction_timestamp", "sku": "product_id",
        "customer_id": "household_id", "quantity": "quantity", "line_total": "sales_value",
    }  # fmt: skip
    reading = replace(map_columns(file_import, names), currency="USD")
    settle_reading(file_import=file_import, reading=reading, by=None)
    result = import_file(import_id=file_import.pk)
    assert result["read"] == 75_000
    refused = RejectedRow.objects.filter(file_import=file_import)
    left_out = round(sum(Decimal(row.row.split(",")[5]) for row in refused), 2)
    assert total() == Decimal("233935.24") - left_out


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_rows_changes_nothing(seed):
    chance = random.Random(seed)
    columns = {
        "order_number": range(12),
        "ordered_at": ["2024-01-01", "2024-01-02", "2024-01-03"],
        "sku": ["S1", "S2", "S3"],
        "title": ["Kettle", "Pan", ""],
        "category": ["Kitchen", "Home", ""],
        "brand": ["A", "B"],
        "quantity": [1, 2, -1],
        "unit_price": [5, 6, 7.5],
        "customer_id": ["C1", "C2"],
        "email": ["a@example.com", "b@example.com"],
        "country": ["DE", "FR", ""],
        "currency": ["EUR", "EUR", "USD"],
        "line_id": ["", "", "L1"],
    }
    head = ",".join(columns)
    rows = [",".join(str(chance.choice(values)) for values in columns.values()) for _row in range(60)]

    def imported(order):
        run("\n".join([head, *order]) + "\n")
        tables = [
            Customer.objects.order_by("external_id").values_list("external_id", "email", "country"),
            Product.objects.order_by("sku").values_list(
                "sku", "title", "category", "brand", "price", "currency"
            ),
            Order.objects.order_by("number").values_list(
                "number", "placed_at", "status", "currency", "country", "customer__external_id"
            ),
            OrderLine.objects.order_by("order__number", "key").values_list(
                "order__number", "product__sku", "key", "quantity", "amount"
            ),
        ]
        found = [list(table) for table in tables]
        for model in (OrderLine, Order, Product, Customer):
            model.objects.all().delete()
        return found

    stated = imported(rows)
    assert len(stated[3]) > 20
    for _try in range(2):
        assert imported(chance.sample(rows, len(rows))) == stated


def test_the_first_orders_compute_everything_once():
    first = take("order_number,ordered_at,sku,quantity,unit_price\n1,2024-07-01,A,1,2\n", currency="EUR")
    tasks.import_file(silent, import_id=first.pk)
    assert [run.name for run in JobRun.objects.order_by("pk")] == settings.FIRST_REFRESH
    JobRun.objects.all().delete()
    more = take("order_number,ordered_at,sku,quantity,unit_price\n2,2024-07-01,A,1,2\n", currency="EUR")
    tasks.import_file(silent, import_id=more.pk)
    assert not JobRun.objects.exists()


def test_numbers_with_leading_zeros_stay_texts_for_everybody():
    text = "customer_id,postcode,loyalty_no,age\n00042,01067,0000815,30\n42,10115,815,31\n"
    upload = take_file(file=io.BytesIO(text.encode()), filename="customers.csv", by=None, format="customers")
    import_file(import_id=upload.pk)
    assert dict(Customer.objects.values_list("external_id", "attributes")) == {
        "00042": {"postcode": "01067", "loyalty_no": "0000815", "age": 30},
        "42": {"postcode": "10115", "loyalty_no": "815", "age": 31},
    }


def test_numbers_that_are_names_stay_as_written_without_the_guard_of_excel():
    run(
        "order_number,ordered_at,sku,quantity,unit_price,customer_id\n"
        "1,2026-10-01,0017,1,1,00042\n2,2026-10-01,17,1,2,42\n3,2026-10-01,90.750,1.0,4,42.0\n"
        "4,2026-10-01,90.75,1,8,42\n5,2026-10-01,1E5,1,16,42\n6,2026-10-01,100000,1,32,42\n"
        '7,2026-10-01,="00123",1,64,"=""00042"""\n8,2026-10-01,00123,1,128,00042\n',
        currency="EUR",
    )
    skus = set(Product.objects.values_list("sku", flat=True))
    assert skus == {"0017", "17", "90.750", "90.75", "1E5", "100000", "00123"}
    assert set(Customer.objects.values_list("external_id", flat=True)) == {"00042", "42"}
    assert total() == 255
    text = 'customer_id,postcode\n="00042",="01067"\n'
    upload = take_file(file=io.BytesIO(text.encode()), filename="customers.csv", by=None, format="customers")
    import_file(import_id=upload.pk)
    assert Customer.objects.get(external_id="00042").attributes == {"postcode": "01067"}
