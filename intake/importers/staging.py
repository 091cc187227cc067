"""From chunks to facts: temporary tables filled with COPY, then merged set by set in one transaction.

The tables are temporary: not logged, seen by this session only, and gone with it, so that a killed import
leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from tempfile import TemporaryFile
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from backoffice.bulk_copy import drain, keys_held
from intake.importers.sales import REFUND_SUFFIX, RETURN_SUFFIX, Chunk
from intake.models import RejectedRow
from shop.models import FORGET_MADE_UP, TEST_DOMAIN, Customer, Product

TABLES = {
    "import_line": "row_number bigint, number text, sku text, quantity int, unit_price numeric(18,4), line_id text, currency text",
    "import_order": "number text, placed_at timestamptz, status text, currency text, customer text, country text,"
    " discount numeric(18,4), coupon text, refunded numeric(18,4), is_return boolean, row_number bigint",
    "import_customer": "external_id text, email text, phone text, first_name text, last_name text, country text, consent text,"
    " said_at timestamptz, row_number bigint",
    "import_product": "sku text, title text, category text, brand text, price numeric(18,4), currency text,"
    " times bigint, row_number bigint",
    "import_rejected": "row_number bigint, field text, value text, reason text, row text",
}
DERIVED = ["import_head", "import_known"]
LOCK = 0x696D706F7274  # one merge at a time: two imports never wait for each other's rows
PART_LENGTH = len(
    f"{RETURN_SUFFIX}-12345678"
)  # what the number of products that came back ends in (`intake.actions.events`)
REFUND_KEY = "refund"  # of the line that takes a part of the price back
MIXED_CURRENCY = gettext_noop("The order is in another currency: an order has one.")


def create_tables() -> None:
    with connection.cursor() as cursor:
        drop_tables()
        for name, columns in TABLES.items():
            cursor.execute(f"CREATE TEMP TABLE {name} ({columns})")
        cursor.execute(
            "SET client_connection_check_interval = '2s'"
        )  # a killed import stops in the database too
        # Whole sets are joined here. Tables that this very import fills have no statistics yet, and a nested
        # loop chosen for an "empty" table took minutes where a hash join takes a tenth of a second.
        cursor.execute("SET enable_nestloop = off")


def drop_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS " + ", ".join([*TABLES, *DERIVED]))
        cursor.execute("RESET enable_nestloop; RESET client_connection_check_interval")


def stage(chunk: Chunk) -> None:
    _copy("import_line", chunk.lines)
    _copy("import_order", (f"{line[:-1]}\t{row}\n" for line, row in chunk.orders.items()))
    _copy("import_customer", (f"{line[:-1]}\t{row}\n" for line, row in chunk.customers.items()))
    _copy(
        "import_product", (f"{line[:-1]}\t{times}\t{row}\n" for line, (times, row) in chunk.products.items())
    )
    _copy("import_rejected", chunk.rejected)


def _copy(table: str, lines: Iterable[str]) -> None:
    text = "".join(lines)
    if text:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            copy.write(text)


def _first(column: str) -> str:
    """The first value in the file that says anything."""
    return f"(array_agg({column} ORDER BY row_number) FILTER (WHERE {column} <> ''))[1]"


HEADS = f"""
CREATE TEMP TABLE import_head AS
SELECT number, (array_agg(placed_at ORDER BY row_number))[1] AS placed_at,
       coalesce({_first("status")}, 'paid') AS status, {_first("currency")} AS currency, {_first("customer")} AS customer,
       coalesce({_first("country")}, '') AS country, max(discount) AS discount, coalesce({_first("coupon")}, '') AS coupon,
       max(abs(refunded)) AS refunded, bool_and(is_return) AS is_return
FROM import_order GROUP BY number
"""  # noqa: S608 - column names of ours

# A part of an order's price that was given back: an order of its own with one line, against the dearest
# product of the order (exports do not say which), and never more than its lines were worth (postage may have
# been given back too). A file tells all that was given back: what the shop's own system reported as products
# that came back is in the tables already.
REFUNDS = f"""
WITH reported AS (
    SELECT left(back.number, -{PART_LENGTH}) AS number, -sum(line.amount) AS amount
    FROM shop_order back JOIN shop_orderline line ON line.order_id = back.id
    WHERE back.status = 'cancellation' AND back.number ~ '{RETURN_SUFFIX}-[0-9a-f]{{8}}$' GROUP BY 1
), given_back AS (
    SELECT sold.number || '{REFUND_SUFFIX}' AS number, sold.placed_at, sold.currency, sold.customer, sold.country,
           least(sold.refunded, sum(line.quantity * line.unit_price)) - coalesce(max(reported.amount), 0) AS amount,
           (array_agg(line.sku ORDER BY line.quantity * line.unit_price DESC, line.row_number))[1] AS sku
    FROM import_head sold JOIN import_line line USING (number) LEFT JOIN reported USING (number)
    WHERE sold.refunded > 0 AND sold.status = 'paid'
      AND NOT EXISTS (SELECT FROM import_head whole WHERE whole.number = sold.number || '{RETURN_SUFFIX}')
      AND NOT EXISTS (SELECT FROM shop_order whole WHERE whole.number = sold.number || '{RETURN_SUFFIX}')
    GROUP BY sold.number, sold.placed_at, sold.currency, sold.customer, sold.country, sold.refunded
    HAVING least(sold.refunded, sum(line.quantity * line.unit_price)) > coalesce(max(reported.amount), 0)
), orders AS (
    INSERT INTO import_head (number, placed_at, status, currency, customer, country, discount, coupon, refunded, is_return)
    SELECT number, placed_at, 'cancellation', currency, customer, country, 0, '', 0, true FROM given_back
)
INSERT INTO import_line (number, sku, quantity, unit_price, line_id, currency)
SELECT number, sku, -1, amount, '{REFUND_KEY}', currency FROM given_back
"""  # noqa: S608 - words of ours
# A later file may say that more was given back, or in the end everything.
REFUNDS_GREW = f"""
UPDATE shop_orderline known SET unit_price = told.unit_price FROM import_line told JOIN import_known USING (number)
WHERE known.order_id = import_known.id AND known.key = '{REFUND_KEY}' AND told.line_id = '{REFUND_KEY}'
    AND told.row_number IS NULL AND known.unit_price < told.unit_price
"""  # noqa: S608
REFUNDS_BECAME_RETURNS = f"""
WITH part AS (
    SELECT shop_order.id FROM import_known whole
    JOIN shop_order ON shop_order.number = left(whole.number, -length('{RETURN_SUFFIX}')) || '{REFUND_SUFFIX}'
    WHERE whole.number LIKE '%{RETURN_SUFFIX}'
), lines AS (DELETE FROM shop_orderline USING part WHERE order_id = part.id)
DELETE FROM shop_order USING part WHERE shop_order.id = part.id
"""  # noqa: S608

MADE_UP = f"(known.email = '' OR right(known.email, {len(TEST_DOMAIN)}) = '{TEST_DOMAIN}')"
CUSTOMERS = f"""
WITH said AS (
    SELECT external_id, coalesce({_first("email")}, '') AS email, coalesce({_first("phone")}, '') AS phone,
           coalesce({_first("first_name")}, '') AS first_name, coalesce({_first("last_name")}, '') AS last_name,
           coalesce({_first("country")}, '') AS country
    FROM import_customer GROUP BY external_id
), since AS (SELECT customer, min(placed_at) AS created_at FROM import_head GROUP BY customer)
INSERT INTO shop_customer AS known
    (external_id, email, phone, first_name, last_name, country, created_at, locale, attributes)
SELECT external_id, email, phone, first_name, last_name, country, coalesce(created_at, now()), '', '{{}}'
FROM said LEFT JOIN since ON customer = external_id ORDER BY external_id
ON CONFLICT (external_id) DO UPDATE SET
    email = CASE WHEN {MADE_UP} THEN coalesce(nullif(excluded.email, ''), known.email) ELSE known.email END,
    phone = coalesce(nullif(known.phone, ''), excluded.phone),
    first_name = CASE WHEN known.first_name = '' AND known.last_name = '' THEN excluded.first_name ELSE known.first_name END,
    last_name = CASE WHEN known.first_name = '' AND known.last_name = '' THEN excluded.last_name ELSE known.last_name END,
    country = coalesce(nullif(known.country, ''), excluded.country), created_at = least(known.created_at, excluded.created_at)
WHERE ({MADE_UP} AND excluded.email <> '') OR (known.phone = '' AND excluded.phone <> '')
   OR (known.country = '' AND excluded.country <> '') OR excluded.created_at < known.created_at
   OR (known.first_name = '' AND known.last_name = '' AND excluded.first_name || excluded.last_name <> '')
"""  # noqa: S608 - column names of ours

CONSENTS = """
WITH said AS (SELECT DISTINCT ON (external_id) external_id, consent = 't' AS granted, said_at
              FROM import_customer WHERE consent <> '' ORDER BY external_id, said_at DESC, row_number DESC)
INSERT INTO shop_consent (customer_id, channel, purpose, granted, source, note, recorded_at)
SELECT c.id, 'email', 'marketing', said.granted, 'import', '', said_at
FROM said JOIN shop_customer c USING (external_id)
WHERE NOT EXISTS (SELECT FROM shop_consent o WHERE o.customer_id = c.id AND o.channel = 'email' AND o.purpose = 'marketing'
                  AND o.source = 'import' AND o.recorded_at = said_at AND o.granted = said.granted)
ORDER BY c.id
"""

PRODUCTS = """
WITH titles AS (
    SELECT DISTINCT ON (sku) sku, title FROM import_product WHERE title <> ''
    GROUP BY sku, title ORDER BY sku, sum(times) DESC, min(row_number)
), prices AS (
    SELECT DISTINCT ON (sku) sku, price, currency FROM import_product WHERE price > 0 ORDER BY sku, row_number DESC
), said AS (
    SELECT sku, coalesce((array_agg(category ORDER BY row_number DESC) FILTER (WHERE category <> ''))[1], '') AS category,
           coalesce((array_agg(brand ORDER BY row_number DESC) FILTER (WHERE brand <> ''))[1], '') AS brand
    FROM import_product GROUP BY sku
)
INSERT INTO shop_product AS known
    (sku, title, category, brand, price, currency, description, image_url, url, attributes, kind, active, created_at)
SELECT sku, coalesce(title, ''), category, brand, price, coalesce(currency, ''), '', '', '', '{}', 'product', true, now()
FROM said LEFT JOIN titles USING (sku) LEFT JOIN prices USING (sku) ORDER BY sku
ON CONFLICT (sku) DO UPDATE SET
    title = coalesce(nullif(known.title, ''), excluded.title), category = coalesce(nullif(known.category, ''), excluded.category),
    brand = coalesce(nullif(known.brand, ''), excluded.brand), price = coalesce(known.price, excluded.price),
    currency = CASE WHEN known.price IS NULL THEN excluded.currency ELSE known.currency END
WHERE (known.title = '' AND excluded.title <> '') OR (known.category = '' AND excluded.category <> '')
   OR (known.brand = '' AND excluded.brand <> '') OR (known.price IS NULL AND excluded.price IS NOT NULL)
"""

ORDERS = """
CREATE TEMP TABLE import_known (id bigint, number text, is_new boolean);
WITH added AS (
    INSERT INTO shop_order (number, customer_id, placed_at, status, currency, country, discount, coupon)
    SELECT h.number, c.id, h.placed_at, h.status, h.currency, h.country, h.discount, h.coupon
    FROM import_head h LEFT JOIN shop_customer c ON c.external_id = h.customer
    WHERE EXISTS (SELECT FROM import_line l WHERE l.number = h.number) ORDER BY h.number
    ON CONFLICT (number) DO NOTHING RETURNING id, number
) INSERT INTO import_known SELECT id, number, true FROM added;
INSERT INTO import_known SELECT o.id, o.number, false FROM import_head h JOIN shop_order o USING (number)
WHERE NOT EXISTS (SELECT FROM import_known k WHERE k.number = h.number);
UPDATE shop_order o SET
    customer_id = coalesce(o.customer_id, c.id), country = coalesce(nullif(o.country, ''), h.country),
    coupon = coalesce(nullif(o.coupon, ''), h.coupon), status = CASE o.status WHEN 'pending' THEN h.status ELSE o.status END
FROM import_known k JOIN import_head h USING (number) LEFT JOIN shop_customer c ON c.external_id = h.customer
WHERE o.id = k.id AND NOT k.is_new AND ((o.customer_id IS NULL AND c.id IS NOT NULL) OR (o.country = '' AND h.country <> '')
    OR (o.coupon = '' AND h.coupon <> '') OR (o.status = 'pending' AND h.status <> 'pending'));
ANALYZE import_known
"""

# Identical lines of one order are told apart by counting them. Which of them is which does not matter.
LINE_COLUMNS = "shop_orderline (order_id, product_id, key, quantity, unit_price)"
LINES = """
SELECT k.id, p.id, coalesce(nullif(l.line_id, ''), md5(concat_ws('|', l.sku, l.quantity, l.unit_price,
           row_number() OVER (PARTITION BY k.id, p.id, l.quantity, l.unit_price)))), l.quantity, l.unit_price
FROM import_line l JOIN import_known k USING (number) JOIN shop_product p USING (sku)
WHERE {which}
"""
# cannot be there yet: nobody else sees the order, and counting made the keys distinct
FRESH = "k.is_new AND l.line_id = ''"
OTHERS = f"SELECT EXISTS (SELECT FROM import_line l JOIN import_known k USING (number) WHERE NOT ({FRESH}))"  # noqa: S608
HOLD_PRODUCTS = (
    "SELECT FROM shop_product WHERE sku IN (SELECT sku FROM import_product) ORDER BY id FOR KEY SHARE"
)
FIRST_WINS = "ON CONFLICT (order_id, key) DO NOTHING"

TOUCHED = """
INSERT INTO shop_customertouched (customer_id)
SELECT id FROM shop_customer JOIN import_customer USING (external_id)
UNION SELECT customer_id FROM shop_order JOIN import_known USING (id) WHERE customer_id IS NOT NULL
"""

SUMMARY = """
WITH told AS (  -- first by order: months are looked up once for each, not for each line
    SELECT number, count(row_number) AS rows, sum(quantity * unit_price) AS amount, count(*) AS lines
    FROM import_line GROUP BY number
)
SELECT currency, to_char(placed_at AT TIME ZONE %s, 'YYYY-MM'), sum(rows)::bigint,
       sum(amount) FILTER (WHERE status <> 'pending'), coalesce(sum(rows) FILTER (WHERE customer IS NULL), 0)::bigint,
       coalesce(sum(lines) FILTER (WHERE status = 'cancellation'), 0)::bigint
FROM told JOIN import_head USING (number) GROUP BY 1, 2 ORDER BY 1, 2
"""


def prepare() -> None:
    """One row for each order of the file, and fresh statistics: temporary tables get none by themselves."""
    _run(HEADS)
    if _value("SELECT EXISTS (SELECT FROM import_head WHERE refunded > 0)"):
        _run(REFUNDS)
    joined_by = {"import_line": " (number, sku)"}  # the other columns of millions of rows decide nothing
    _run(";".join(f"ANALYZE {name}{joined_by.get(name, '')}" for name in [*TABLES, "import_head"]))


def take_other_currencies() -> list[tuple[int, str]]:
    """Remove the lines in another currency than their order's: (row number, currency) of each."""
    mixed = """SELECT count(*) FROM import_order i JOIN import_head h USING (number) LEFT JOIN shop_order o USING (number)
               WHERE i.currency <> coalesce(o.currency, h.currency)"""
    remove = """DELETE FROM import_line l USING import_head h LEFT JOIN shop_order o ON o.number = h.number
                WHERE l.number = h.number AND l.currency <> coalesce(o.currency, h.currency) RETURNING l.row_number, l.currency"""
    with connection.cursor() as cursor:
        cursor.execute(mixed)
        if not cursor.fetchone()[0]:
            return []
        cursor.execute(remove)
        return [(row, currency) for row, currency in cursor.fetchall() if row is not None]


@transaction.atomic
def merge(tell: Callable[[str], None]) -> dict[str, int]:
    """Write what is staged into customers, products, orders and lines, filling gaps in what is known and
    overwriting nothing.

    Returns counts: accepted and merged rows; new customers, products and orders. `tell` hears the name of
    each step.
    """
    _run(f"SELECT pg_advisory_xact_lock({LOCK}); SET LOCAL work_mem = '256MB'; SET LOCAL jit = off")
    _run(
        "SET CONSTRAINTS ALL IMMEDIATE"
    )  # else the checks of every row pile up in memory until a long, silent commit
    counts = {}
    tell(gettext_noop("Writing customers and products"))
    known: list[tuple[str, QuerySet[Any], str]] = [
        ("customers_new", Customer.objects.all(), CUSTOMERS),
        ("products_new", Product.objects.all(), PRODUCTS),
    ]
    for name, rows, statement in known:
        before = rows.count()
        _run(statement)
        counts[name] = rows.count() - before
    _run(FORGET_MADE_UP.format(whom="IN (SELECT external_id FROM import_customer)"))
    _run(CONSENTS)
    tell(gettext_noop("Writing orders"))
    _run(ORDERS)
    counts["orders_new"] = _value(
        "SELECT count(*) FROM import_known JOIN import_head USING (number) WHERE is_new > is_return"
    )
    tell(gettext_noop("Writing order lines"))
    counts["accepted"] = _copy_fresh_lines()
    if _value(OTHERS):
        counts["accepted"] += _insert_lines(f"l.row_number IS NOT NULL AND NOT ({FRESH})")
    counts["merged"] = _value("SELECT count(row_number) FROM import_line") - counts["accepted"]
    if _value("SELECT EXISTS (SELECT FROM import_line WHERE row_number IS NULL)"):
        _insert_lines("l.row_number IS NULL")
        _run(REFUNDS_GREW)
        _run(REFUNDS_BECAME_RETURNS)
    _run(TOUCHED)
    return counts


def _insert_lines(which: str) -> int:
    return _run(f"INSERT INTO {LINE_COLUMNS} {LINES.format(which=which)} {FIRST_WINS}")


def _copy_fresh_lines() -> int:
    """COPY writes rows and index entries in batches, INSERT one by one; the way round through a file on disk
    is worth it. The orders are new and nobody else's; the products are held."""
    fresh = LINES.format(which=f"l.row_number IS NOT NULL AND {FRESH}")
    _run(HOLD_PRODUCTS)
    with connection.cursor() as cursor, TemporaryFile() as spool, keys_held():
        with cursor.copy(f"COPY ({fresh}) TO STDOUT (FORMAT binary)") as rows:
            drain(rows, spool.write)
        spool.seek(0)
        with cursor.copy(f"COPY {LINE_COLUMNS} FROM STDIN (FORMAT binary)") as copy:
            while block := spool.read(2**20):
                copy.write(block)
        return int(cursor.rowcount)


def shelve_services() -> None:
    """Take what this import added and is no merchandise off sale. In UCI Online Retail goods have numbers
    that begin with five digits; POST, BANK CHARGES, M and the like are postage, fees and corrections, which
    nobody should be recommended."""
    _run("UPDATE shop_product SET active = false WHERE created_at = now() AND sku !~ '^[0-9]{5}'")


def summarise(time_zone: str) -> dict[str, Any]:
    """What the file holds: counts, and net revenue (lines times prices, returns negative, unpaid orders left
    out) by currency and month of the chosen time zone, as exact decimal text."""
    with connection.cursor() as cursor:
        cursor.execute(SUMMARY, [time_zone])
        months = cursor.fetchall()
        cursor.execute(
            "SELECT count(*) FILTER (WHERE NOT is_return), count(DISTINCT customer),"
            " min(placed_at), max(placed_at), (SELECT count(DISTINCT sku) FROM import_product) FROM "
            "import_head"
        )
        orders, customers, first, last, products = cursor.fetchone()
    revenue: dict[str, Any] = {}
    for currency, _month, _lines, amount, *_counts in months:
        revenue[currency] = revenue.get(currency, 0) + (amount or 0)
    return {
        "orders": orders,
        "customers": customers,
        "products": products,
        "guest_lines": sum(row[4] for row in months),
        "cancellation_lines": sum(row[5] for row in months),
        "revenue": {currency: str(amount) for currency, amount in revenue.items()},
        "months": [
            [currency, month, str(amount or 0)] for currency, month, _lines, amount, *_counts in months
        ],
        "first": first.isoformat() if first else None,
        "last": last.isoformat() if last else None,
    }


def save_rejected(import_id: int) -> int:
    """Move the rejected rows beside their import, in place of those of an earlier try; returns how many."""
    RejectedRow.objects.filter(file_import=import_id).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake_rejectedrow (file_import_id, row_number, field, value, reason, row)"
            " SELECT %s, row_number, field, value, reason, row FROM import_rejected ORDER BY row_number",
            [import_id],
        )
        return int(cursor.rowcount)


def analyze() -> None:
    """Fresh statistics, so that the first page after an import is not planned for an empty shop."""
    _run("ANALYZE shop_customer, shop_product, shop_order, shop_orderline, shop_consent")


def _run(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def _value(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
