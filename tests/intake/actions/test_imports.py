"""From a file to facts, with the real database."""

import gzip
import io
import os
import signal
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from backoffice.errors import Refused
from backoffice.models import AuditEntry
from backoffice.runner import _database_url
from intake.actions.events import ingest
from intake.actions.imports import import_file, map_columns, reading_of, settle_reading, take_file, twin_of
from intake.models import FileImport
from shop.models import Consent, Customer, Order, OrderLine, Product

UCI_HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
UCI = (
    UCI_HEADER
    + """536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,71053,,8,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
536366,85123A,WHITE HEART,1,2010-12-02 09:00:00,2.95,,France
536367,85123A,HEART,2,2010-12-03 09:00:00,0,13047.0,United Kingdom
C536379,D,Discount,-1,2010-12-03 09:41:00,27.5,14527.0,United Kingdom
A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,-11062.06,,United Kingdom
"""
)
SHOPIFY = """Name,Email,Financial Status,Accepts Marketing,Currency,Discount Code,Discount Amount,Created at,\
Lineitem quantity,\
Lineitem name,Lineitem price,Lineitem sku,Lineitem discount,Billing Name,Billing Country,Phone,Vendor
#1001,Anna@Example.com,paid,yes,EUR,WELCOME,5.00,2024-03-01 10:00:00 +0100,\
2,Shirt,20.00,SH-1,3.00,Anna Ek,DE,'+49301234,Acme
#1001,Anna@Example.com,,,,,,,1,Socks,5.00,,0.00,,,,Acme
#1002,bo@example.com,refunded,no,EUR,,0.00,2024-03-02 10:00:00 +0100,1,Shirt,20.00,SH-1,0.00,Bo Li,SE,,Acme
#1003,bo@example.com,pending,,EUR,,0.00,2024-03-03 10:00:00 +0100,1,Shirt,20.00,SH-1,0.00,Bo Li,SE,,Acme
"""
GENERIC_HEADER = "order_number,ordered_at,sku,quantity,unit_price,customer_id,currency,line_id\n"

pytestmark = pytest.mark.django_db


def take(text, name="orders.csv", by=None, **changes):
    content = text.encode() if isinstance(text, str) else text
    file_import = take_file(file=io.BytesIO(content), filename=name, by=by)
    if changes:
        reading = replace(reading_of(file_import), **changes)
        settle_reading(file_import=file_import, reading=reading, by=by)
    return file_import


def run(text, **changes):
    file_import = take(text, **changes)
    import_file(import_id=file_import.pk)
    file_import.refresh_from_db()
    assert (
        file_import.rows_read
        == file_import.rows_accepted + file_import.rows_merged + file_import.rows_rejected
    )
    return file_import


def total():
    return OrderLine.objects.aggregate(total=Sum("amount"))["total"]


def test_uci_online_retail():
    done = run(UCI)
    assert (done.format, done.rows_read, done.rows_accepted, done.rows_rejected) == (
        "uci-online-retail",
        7,
        7,
        0,
    )
    assert Order.objects.get(number="536365").lines.count() == 3  # the two identical lines are both kept
    assert Customer.objects.get(external_id="17850").created_at.isoformat() == "2010-12-01T08:26:00+00:00"
    heart = Product.objects.get(sku="85123A")
    assert (heart.title, heart.price, heart.currency) == (
        "HEART",
        Decimal("2.95"),
        "GBP",
    )  # most frequent; last above 0
    assert Order.objects.get(number="536366").customer is None
    assert Order.objects.get(number="C536379").status == "cancellation"
    assert Order.objects.get(number="A563185").status == "paid"
    assert done.summary.of_orders.guest_lines == 2
    assert done.summary.of_orders.cancellation_lines == 1
    assert done.summary.of_orders.revenue["GBP"] == total() == Decimal("-11028.8900")
    figures = done.summary.of_orders
    assert (figures.orders, figures.customers, figures.products) == (5, 3, 4)


def test_postage_and_fees_are_not_on_sale():
    run(UCI + "536366,POST,POSTAGE,1,2010-12-01 08:28:00,18.00,17850.0,United Kingdom\n")
    assert not Product.objects.get(sku="POST").active
    assert Product.objects.get(sku="85123A").active


def test_twice_adds_nothing_and_says_so():
    first = run(UCI)
    before = (
        Order.objects.count(),
        OrderLine.objects.count(),
        Customer.objects.count(),
        Product.objects.count(),
        total(),
    )
    second = take(UCI)
    assert twin_of(second) == first
    import_file(import_id=second.pk)
    second.refresh_from_db()
    assert (second.rows_accepted, second.rows_merged) == (0, 7)
    assert second.summary.of_orders.revenue == first.summary.of_orders.revenue
    assert (
        Order.objects.count(),
        OrderLine.objects.count(),
        Customer.objects.count(),
        Product.objects.count(),
        total(),
    ) == before
    import_file(import_id=second.pk)  # the same import once more
    assert OrderLine.objects.count() == before[1]


def test_a_longer_file_adds_only_its_new_rows_in_any_order():
    run(UCI)
    header, *lines = UCI.splitlines()
    more = run(
        "\n".join(
            [
                header,
                *reversed(lines),
                "536365,85123A,HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
            ]
        )
    )
    assert (more.rows_accepted, more.rows_merged) == (1, 7)


def test_known_facts_are_filled_and_never_blanked():
    Customer.objects.create(external_id="7", email="known@example.com")
    header = "order_number,ordered_at,sku,quantity,unit_price,customer_id,email,country,title,status\n"
    run(header + "1,2024-01-01,A,1,2.00,7,new@example.com,France,,pending\n", currency="EUR")
    run(header + "1,2024-01-01,A,1,2.00,7,,,Apple,paid\n", currency="EUR")
    customer = Customer.objects.get()
    assert (customer.email, customer.country) == ("known@example.com", "France")
    assert Product.objects.get().title == "Apple"
    assert Order.objects.get().status == "paid"
    assert OrderLine.objects.count() == 1


def test_quantity_and_price_are_two_columns():
    file_import = take(GENERIC_HEADER + "1,2024-01-01,A,1,2.00,c,EUR,\n")
    with pytest.raises(Refused, match=r"“Quantity” and “Unit price”"):
        settle_reading(
            file_import=file_import, reading=map_columns(file_import, {"unit_price": "quantity"}), by=None
        )


def test_shopify():
    done = run(SHOPIFY)
    assert (done.format, done.rows_accepted, done.rows_rejected) == ("shopify", 4, 0)
    order = Order.objects.get(number="#1001")
    assert (order.placed_at.hour, order.currency, order.discount, order.coupon, order.country) == (
        9,
        "EUR",
        5,
        "WELCOME",
        "DE",
    )
    assert order.customer.external_id == "anna@example.com"
    assert order.customer.phone == "+49301234"
    assert {(line.product.sku, line.unit_price) for line in order.lines.all()} == {
        ("SH-1", Decimal("18.5")),
        ("Socks", Decimal(5)),
    }
    assert list(Consent.objects.order_by("id").values_list("customer__external_id", "granted", "source")) == [
        ("anna@example.com", True, "import"), ("bo@example.com", False, "import"),
    ]  # fmt: skip


REFUNDED = """Name,Email,Financial Status,Currency,Created at,Refunded Amount,Lineitem quantity,\
Lineitem name,Lineitem price,Lineitem sku
#1,a@example.com,{status},EUR,2024-03-01 10:00:00 +0100,{refunded},2,Shirt,20.00,SH-1
#1,a@example.com,,,,,1,Socks,5.00,SO-1
#2,a@example.com,paid,EUR,2024-03-02 10:00:00 +0100,0.00,1,Shirt,20.00,SH-1
"""


def test_a_part_that_was_given_back_is_subtracted_once():
    for _time in range(2):
        done = run(REFUNDED.format(status="partially_refunded", refunded="7.50"))
        assert done.summary.of_orders.revenue["EUR"] == total() == Decimal("57.50")
        assert (done.rows_read, done.rows_rejected, done.summary.of_orders.orders) == (3, 0, 2)
    back = Order.objects.get(number="#1-refund")
    line = back.lines.get()
    assert (back.status, back.customer.external_id, back.currency) == ("cancellation", "a@example.com", "EUR")
    assert (line.product.sku, line.quantity, line.amount) == ("SH-1", -1, Decimal("-7.50"))
    assert Order.objects.get(number="#1").status == "paid"
    assert Customer.objects.count() == 1


def test_what_is_given_back_may_grow_until_it_is_everything():
    run(REFUNDED.format(status="partially_refunded", refunded="7.50"))
    done = run(REFUNDED.format(status="partially_refunded", refunded="10.00"))
    assert done.summary.of_orders.revenue["EUR"] == total() == 55
    run(REFUNDED.format(status="partially_refunded", refunded="7.50"))
    assert total() == 55, "an older file takes nothing back"
    done = run(REFUNDED.format(status="refunded", refunded="49.00"))
    assert done.summary.of_orders.revenue["EUR"] == total() == 20
    assert not Order.objects.filter(number="#1-refund").exists()
    run(REFUNDED.format(status="partially_refunded", refunded="7.50"))
    assert total() == 20


def test_what_was_reported_as_returned_is_not_taken_off_again(mara):
    run(REFUNDED.format(status="paid", refunded="0.00"))
    back = {"order_id": "#1", "currency": "EUR", "products": [{"sku": "SO-1", "price": 5, "quantity": 1}]}
    told = {
        "type": "track",
        "event": "Order Refunded",
        "userId": "a@example.com",
        "messageId": "m1",
        "properties": back,
    }
    ingest(by=mara, messages=[told], received_at=timezone.now())
    assert total() == 60
    for _time in range(2):
        run(REFUNDED.format(status="partially_refunded", refunded="7.50"))
        assert total() == Decimal("57.50")


def test_postage_given_back_is_no_revenue():
    done = run(REFUNDED.format(status="paid", refunded="49.00"))
    assert done.summary.of_orders.revenue["EUR"] == total() == 20


def test_a_refund_keeps_the_sale_and_takes_it_back_and_unpaid_orders_earn_nothing():
    done = run(SHOPIFY)
    assert Order.objects.get(number="#1002").status == "paid"
    back = Order.objects.get(number="#1002-return")
    assert (back.status, back.lines.get().amount) == ("cancellation", -20)
    assert Order.objects.get(number="#1003").status == "pending"
    assert done.summary.of_orders.revenue == {"EUR": 42}
    assert done.summary.of_orders.orders == 3
    again = run(SHOPIFY)
    assert (again.rows_merged, OrderLine.objects.count(), Consent.objects.count()) == (4, 5, 2)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("1,2024-13-01,A,1,2,c,EUR,", "ordered_at"), ("1,2099-01-01,A,1,2,c,EUR,", "ordered_at"),
        ("1,,A,1,2,c,EUR,", "ordered_at"),
        ("1,2024-01-01,A,1,NaN,c,EUR,", "unit_price"), ("1,2024-01-01,A,1,1e400,c,EUR,", "unit_price"),
        ("1,2024-01-01,A,inf,2,c,EUR,", "quantity"), ("1,2024-01-01,A,0,2,c,EUR,", "quantity"),
        ("1,2024-01-01,A,2000000000,99999999999,c,EUR,", "unit_price"),
        ("1,2024-01-01,A,1,,c,EUR,", "unit_price"),
        (",2024-01-01,A,1,2,c,EUR,", "order_number"), ("1,2024-01-01,,1,2,c,EUR,", "sku"),
        ("1,2024-01-01,A,1,2,c", ""),
        ("1,2024-01-01,A,1,2,c,EUR,,extra", ""), ("1,2024-01-01,A\x00,1,2,c,EUR,", ""),
        (f"1,2024-01-01,{'x' * 101},1,2,c,EUR,", "sku"),
        ("1,2024-01-01,A,1,2,c,EURO,", "currency"), ('1,2024-01-01,"A,1,2,c,EUR,', ""),
    ],
)  # fmt: skip
def test_a_bad_row_is_rejected_with_its_number_field_and_text_and_the_others_come_in(row, field):
    good = "".join(f"{n},2024-01-01,A,1,2,c,EUR,\n" for n in range(10, 15))
    done = run(GENERIC_HEADER + good + row + "\n" + good.replace("1", "2"))
    rejected = done.rejected.get()
    assert (rejected.row_number, rejected.field) == (7, field)
    assert rejected.row.replace("\ufffd", "\x00").startswith(row[:20])
    assert rejected.reason
    assert done.rows_accepted == 10


def test_undecodable_bytes_cost_their_row():
    done = run(
        (GENERIC_HEADER + "1,2024-01-01,Äpfel,1,2,c,EUR,\n" * 50).encode()
        + b"2,2024-01-01,\xff\xfe,1,2,c,EUR,\n"
    )
    assert (done.rows_accepted, done.rows_rejected) == (50, 1)


def test_one_order_has_one_currency():
    rows = "1,2024-01-01,A,1,2,c,EUR,\n1,2024-01-01,B,1,2,c,USD,\n2,2024-01-01,B,1,2,c,USD,\n"
    done = run(GENERIC_HEADER + rows)
    rejected = done.rejected.get()
    assert (rejected.row_number, rejected.field, rejected.value, rejected.row) == (
        3,
        "currency",
        "USD",
        rows.splitlines()[1],
    )
    assert done.summary.of_orders.revenue == {"EUR": 2, "USD": 2}
    later = run(GENERIC_HEADER + "2,2024-01-01,C,1,2,c,EUR,\n")  # the shop knows order 2 in USD
    assert (later.rows_accepted, later.rows_rejected) == (0, 1)


def test_the_shops_own_line_ids_tell_lines_apart():
    done = run(
        GENERIC_HEADER
        + "1,2024-01-01,A,1,2,c,EUR,l1\n1,2024-01-01,A,1,2,c,EUR,l2\n1,2024-01-01,A,1,2,c,EUR,l1\n"
    )
    assert (done.rows_accepted, done.rows_merged) == (2, 1)


def test_text_that_copy_could_misread_arrives_as_it_is():
    sku = r"A\N\t%s{}'--"
    run(GENERIC_HEADER + f'"{sku}",2024-01-01,"{sku}",1,2,"{sku}",EUR,\n')
    assert (
        Product.objects.get().sku == Order.objects.get().number == Customer.objects.get().external_id == sku
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "gb18030"])
def test_encodings_and_compression(encoding):
    word = "衬衫商品" if encoding == "gb18030" else "Größe für Ärzte"
    text = "order_number,ordered_at,sku,title,quantity,unit_price\n" + "".join(
        f"{n},24/12/2024,A,{word},1,2\n" for n in range(30)
    )
    run(gzip.compress(text.encode(encoding)), name="orders.csv.gz", currency="EUR")
    assert Product.objects.get().title == word


def test_dates_are_read_in_the_chosen_zone():
    run(
        "order_number,ordered_at,sku,quantity,unit_price\n1,2024-07-01 00:30,A,1,2\n",
        currency="EUR",
        time_zone="Europe/Berlin",
    )
    assert Order.objects.get().placed_at.isoformat() == "2024-06-30T22:30:00+00:00"


def test_an_unfinished_reading_is_refused():
    file_import = take("order_number,ordered_at,sku,quantity,unit_price\n1,3/4/2024,A,1,2\n")
    assert set(reading_of(file_import).unfinished()) == {"date_order", "currency"}
    with pytest.raises(Refused, match="map its columns"):
        import_file(import_id=file_import.pk)


def test_a_damaged_archive_writes_nothing():
    rows = "".join(f"{n},2024-01-01,A,1,{n * 7919 % 1000},c{n * 31},EUR,\n" for n in range(120_000))
    whole = gzip.compress((GENERIC_HEADER + rows).encode())
    with pytest.raises(Refused, match="damaged"):
        run(whole[: len(whole) - 2000], name="a.gz")
    assert not Order.objects.exists()


def test_only_who_may_imports(mara, anton, ines):
    take(UCI, by=mara)
    assert AuditEntry.objects.get().verb == "import.upload"
    for other in (anton, ines):
        with pytest.raises(PermissionDenied):
            take(UCI, by=other)


def test_headers_that_are_not_there_are_named():
    with pytest.raises(Refused, match="InvoiceNo"):
        map_columns(take(UCI), {"sku": "Nothing"})


@pytest.mark.django_db(transaction=True)
def test_killed_half_way_nothing_is_written_and_the_next_try_is_whole():
    rows = "".join(f"{n // 3},2024-01-01,S{n % 500},1,{n % 97 + 1},c{n % 5000},EUR,\n" for n in range(50_000))
    file_import = take(GENERIC_HEADER + rows)
    call = f"import_file(import_id={file_import.pk}, progress=lambda *said: print(said, flush=True))"
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py"), "shell", "-v0", "-c"]
    environment = {**os.environ, "DATABASE_URL": _database_url()}
    # The child finds the file by its name under MEDIA_ROOT, which this test moved.
    code = f"from django.conf import settings; settings.MEDIA_ROOT = {str(settings.MEDIA_ROOT)!r}"
    code += f"\nfrom intake.actions.imports import import_file\n{call}"
    for moment in ("Reading", "Writing order lines"):
        with subprocess.Popen([*manage, code], env=environment, stdout=subprocess.PIPE, text=True) as child:
            assert any(moment in line for line in child.stdout)
            child.send_signal(signal.SIGKILL)
        assert not Order.objects.exists()
        assert not Customer.objects.exists()
    import_file(import_id=file_import.pk)
    assert OrderLine.objects.count() == 50_000
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_once_merges():
    from concurrent.futures import ThreadPoolExecutor

    rows = "".join(f"{n // 3},2024-01-01,S{n % 500},1,{n % 97 + 1},c{n % 5000},EUR,\n" for n in range(30_000))
    both = [take(GENERIC_HEADER + rows).pk for _ in range(2)]

    def work(pk):
        try:
            return import_file(import_id=pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(work, both))
    assert sorted(result["accepted"] for result in results) == [0, 30_000]
    assert OrderLine.objects.count() == 30_000


@pytest.mark.data
def test_online_retail_whole(shared_data):
    with (shared_data / "online_retail.csv.gz").open("rb") as file:
        file_import = take_file(file=file, filename="online_retail.csv.gz", by=None)
    result = import_file(import_id=file_import.pk)
    assert result == {"read": 541_909, "accepted": 541_909, "merged": 0, "rejected": 0}
    figures = FileImport.objects.get(pk=file_import.pk).summary.of_orders
    assert (figures.orders, figures.customers) == (25_900, 4_372)
    assert (figures.guest_lines, figures.cancellation_lines) == (135_080, 9_288)
    assert figures.revenue["GBP"] == total() == Decimal("9747747.934")
    assert Order.objects.count() == 25_900
