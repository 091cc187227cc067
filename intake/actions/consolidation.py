"""From the rows of a file to one row for each customer, product and order.

Where several rows speak of one thing the first that states a value counts; of answers about consent the
latest, of a product's titles the most frequent, of its prices the last.
"""

from __future__ import annotations

from intake.actions.facts.refunds import stage_amounts
from intake.actions.facts.staging import LINES, SHAPES, Shape, StagedTables
from intake.importers.orders import Chunk

FILE_ORDERS = Shape(
    "file_order",
    "number text, placed_at timestamptz, status text, currency text, customer text, country text,"
    " discount numeric(18,4), coupon text, refunded numeric(18,4), refund_of text, row_number bigint",
)
CUSTOMER_COLUMNS = (
    "external_id text, email text, phone text, first_name text, last_name text, country text, locale text,"
    " since text, consent text, stated_at text, attributes jsonb, row_number bigint"
)
FILE_CUSTOMERS = Shape("file_customer", CUSTOMER_COLUMNS)
REPEATED_CUSTOMERS = Shape("repeated_customer", CUSTOMER_COLUMNS)  # those that several rows name
FILE_PRODUCTS = Shape(
    "file_product",
    "sku text, title text, category text, brand text, price numeric(18,4), currency text, times bigint,"
    " row_number bigint",
)
REJECTED = Shape("file_rejected", "row_number bigint, field text, value text, reason text, row text")
FILE_SHAPES = [FILE_ORDERS, FILE_CUSTOMERS, REPEATED_CUSTOMERS, FILE_PRODUCTS, REJECTED]


def _first(column: str) -> str:
    return f"(array_agg({column} ORDER BY row_number) FILTER (WHERE {column} <> ''))[1]"


def _last(column: str) -> str:
    return f"(array_agg({column} ORDER BY row_number DESC) FILTER (WHERE {column} <> ''))[1]"


TEXTS = ["email", "phone", "first_name", "last_name", "country", "locale"]
NAMES = ", ".join(TEXTS)
FIRST_TEXTS = ", ".join(f"coalesce({_first(name)}, '') AS {name}" for name in TEXTS)

GROUP_ORDERS = f"""
INSERT INTO {{staged_order}}
SELECT number, {_first("customer")}, (array_agg(placed_at ORDER BY row_number))[1],
       coalesce({_first("status")}, 'paid'), {_first("currency")}, coalesce({_first("country")}, ''),
       max(discount), coalesce({_first("coupon")}, ''), max(refund_of), max(refund_of) <> '',
       max(abs(refunded))
FROM {{file_order}} GROUP BY number
"""  # noqa: S608 - column names of ours
GROUP_PRODUCTS = f"""
WITH titles AS (
    SELECT DISTINCT ON (sku) sku, title FROM {{file_product}} WHERE title <> ''
    GROUP BY sku, title ORDER BY sku, sum(times) DESC, min(row_number)
), prices AS (
    SELECT DISTINCT ON (sku) sku, price, currency FROM {{file_product}} WHERE price > 0
    ORDER BY sku, row_number DESC
), others AS (
    SELECT sku, coalesce({_last("category")}, '') AS category, coalesce({_last("brand")}, '') AS brand
    FROM {{file_product}} GROUP BY sku
)
INSERT INTO {{staged_product}}
SELECT sku, coalesce(title, ''), category, brand, price, coalesce(currency, ''), '', ''
FROM others LEFT JOIN titles USING (sku) LEFT JOIN prices USING (sku)
"""  # noqa: S608 - column names of ours
# Most lists name everybody once: only the others are grouped.
FIND_REPEATED = """
ANALYZE {file_customer};
INSERT INTO {repeated_customer} SELECT * FROM {file_customer}
WHERE external_id IN (SELECT external_id FROM {file_customer} GROUP BY external_id HAVING count(*) > 1);
ANALYZE {repeated_customer}
"""
GROUP_CUSTOMERS = f"""
WITH attribute AS (
    SELECT external_id, jsonb_object_agg(key, value) AS attributes
    FROM (SELECT DISTINCT ON (external_id, key) external_id, key, value
          FROM {{repeated_customer}}, jsonb_each(attributes) ORDER BY external_id, key, row_number) AS first
    GROUP BY external_id
), text AS (
    SELECT external_id, {FIRST_TEXTS}, min(nullif(since, '')::timestamptz) AS since
    FROM {{repeated_customer}} GROUP BY external_id
), grouped AS (
    SELECT external_id, {NAMES}, coalesce(attributes, '{{{{}}}}') AS attributes, since
    FROM text LEFT JOIN attribute USING (external_id)
    UNION ALL
    SELECT external_id, {NAMES}, attributes, nullif(since, '')::timestamptz
    FROM {{file_customer}} WHERE NOT EXISTS (
        SELECT FROM {{repeated_customer}} WHERE repeated_customer.external_id = file_customer.external_id)
), seen AS (
    SELECT customer AS external_id, min(placed_at) AS seen_at FROM {{staged_order}} GROUP BY customer
)
INSERT INTO {{staged_customer}}
SELECT external_id, {NAMES}, attributes, since, seen_at FROM grouped LEFT JOIN seen USING (external_id)
"""  # noqa: S608 - column names of ours
GROUP_CONSENTS = """
INSERT INTO {staged_consent}
SELECT DISTINCT ON (external_id) external_id, 'email', 'marketing', consent = 't',
       nullif(stated_at, '')::timestamptz
FROM {file_customer} WHERE consent <> ''
ORDER BY external_id, nullif(stated_at, '')::timestamptz DESC NULLS LAST, consent, row_number DESC
"""

OTHER_CURRENCIES = """
FROM {staged_order} JOIN {file_order} USING (number) LEFT JOIN shop_order USING (number)
WHERE file_order.currency <> coalesce(shop_order.currency, staged_order.currency)
"""
REMOVE_OTHER_CURRENCIES = """
DELETE FROM {staged_line} USING {staged_order} LEFT JOIN shop_order USING (number)
WHERE staged_line.number = staged_order.number
  AND staged_line.currency <> coalesce(shop_order.currency, staged_order.currency)
RETURNING staged_line.row_number, staged_line.currency
"""
REMOVE_EMPTY_ORDERS = """
DELETE FROM {staged_order} WHERE NOT EXISTS (
    SELECT FROM {staged_line} WHERE staged_line.number = staged_order.number)
"""


def stage(staged: StagedTables, chunk: Chunk) -> None:
    """Add what was read of a file."""
    staged.copy(LINES, chunk.lines)
    staged.copy(FILE_ORDERS, (f"{line[:-1]}\t{row}\n" for line, row in chunk.orders.items()))
    staged.copy(FILE_CUSTOMERS, (f"{line[:-1]}\t{row}\n" for line, row in chunk.customers.items()))
    staged.copy(
        FILE_PRODUCTS, (f"{line[:-1]}\t{times}\t{row}\n" for line, (times, row) in chunk.products.items())
    )
    staged.copy(REJECTED, chunk.rejected)


def consolidate(staged: StagedTables) -> None:
    """Fill the staged tables from the file's, and analyze them: temporary tables get no statistics by
    themselves."""
    staged.run(GROUP_ORDERS)
    stage_amounts(staged)
    staged.run(GROUP_PRODUCTS)
    staged.run(FIND_REPEATED)
    staged.run(GROUP_CUSTOMERS)
    staged.run(GROUP_CONSENTS)
    joined_by = {LINES.name: " (number, sku)"}  # the other columns of millions of rows decide nothing
    staged.run(";".join(f"ANALYZE {shape.name}{joined_by.get(shape.name, '')}" for shape in SHAPES))


def take_other_currencies(staged: StagedTables) -> list[tuple[int, str]]:
    """Remove the lines in another currency than their order's: (row number, currency) of each."""
    (mixed,) = staged.row(f"SELECT EXISTS (SELECT {OTHER_CURRENCIES})")
    if not mixed:
        return []
    removed = staged.rows(REMOVE_OTHER_CURRENCIES)
    staged.run(REMOVE_EMPTY_ORDERS)
    return [(row, currency) for row, currency in removed if row is not None]
