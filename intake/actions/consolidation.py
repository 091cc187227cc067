"""From the rows of a file to one row for each customer, product and order.

The order of the rows decides nothing. Where several rows speak of one thing: of answers about consent the
latest counts, a no before a yes of the same time; of a product's prices that of its latest order, of its
titles, categories and brands the most frequent; of an order's dates the earliest, of its currencies the most
frequent; of all else the first in a fixed order.
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
    " sold_at timestamptz",
)
REJECTED = Shape("file_rejected", "row_number bigint, field text, value text, reason text, row text")
FILE_SHAPES = [FILE_ORDERS, FILE_CUSTOMERS, REPEATED_CUSTOMERS, FILE_PRODUCTS, REJECTED]


TEXTS = ["email", "phone", "first_name", "last_name", "country", "locale"]
NAMES = ", ".join(TEXTS)
# One order for all columns: what is chosen for a customer stands in one row where it can.
CANONICAL = f"stated_at DESC, since DESC, {NAMES}, consent"


def _first(column: str) -> str:
    return f"(array_agg({column} ORDER BY {CANONICAL}) FILTER (WHERE {column} <> ''))[1]"


def _least(column: str) -> str:
    return f"min({column}) FILTER (WHERE {column} <> '')"


def _most_frequent(column: str) -> str:
    """One row for each product: the value that most of its lines state."""
    return (
        f"SELECT DISTINCT ON (sku) sku, {column} FROM {{file_product}}"  # noqa: S608 - names of ours
        f" WHERE {column} <> '' GROUP BY sku, {column} ORDER BY sku, sum(times) DESC, {column}"
    )


FIRST_TEXTS = ", ".join(f"coalesce({_first(name)}, '') AS {name}" for name in TEXTS)

GROUP_ORDERS = f"""
WITH mixed AS (
    SELECT number FROM {{file_order}} GROUP BY number HAVING min(currency) <> max(currency)
), counted AS (
    SELECT DISTINCT ON (number) number, currency FROM {{staged_line}}
    WHERE number IN (SELECT number FROM mixed)
    GROUP BY number, currency ORDER BY number, count(*) DESC, currency
)
INSERT INTO {{staged_order}}
SELECT number, {_least("customer")}, min(placed_at),
       CASE WHEN bool_or(status = 'paid') THEN 'paid' ELSE coalesce({_least("status")}, 'paid') END,
       coalesce(min(counted.currency), min(file_order.currency)), coalesce({_least("country")}, ''),
       max(discount), coalesce({_least("coupon")}, ''), max(refund_of), max(refund_of) <> '',
       max(abs(refunded))
FROM {{file_order}} LEFT JOIN counted USING (number) GROUP BY number
"""  # noqa: S608 - column names of ours
GROUP_PRODUCTS = f"""
WITH titles AS ({_most_frequent("title")}), categories AS ({_most_frequent("category")}),
brands AS ({_most_frequent("brand")}), prices AS (
    SELECT DISTINCT ON (sku) sku, price, currency FROM {{file_product}} WHERE price > 0
    ORDER BY sku, sold_at DESC, price DESC, currency
)
INSERT INTO {{staged_product}}
SELECT sku, coalesce(title, ''), coalesce(category, ''), coalesce(brand, ''), price, coalesce(currency, ''),
       '', ''
FROM (SELECT DISTINCT sku FROM {{file_product}}) AS known
LEFT JOIN titles USING (sku) LEFT JOIN categories USING (sku) LEFT JOIN brands USING (sku)
LEFT JOIN prices USING (sku)
"""  # noqa: S608 - column names of ours
# A column in which one value has a leading zero holds numbers that are names, as postcodes are: all its
# values are texts then, so that 10115 is found as 01067 is.
NUMBERS_AS_NAMES = """
WITH name AS (
    SELECT DISTINCT key FROM {file_customer}, jsonb_each(attributes)
    WHERE jsonb_typeof(value) = 'string' AND value #>> '{{}}' ~ '^[+-]?0[0-9]+$'
)
UPDATE {file_customer} SET attributes = (
    SELECT jsonb_object_agg(key, CASE WHEN key IN (SELECT key FROM name)
                            THEN to_jsonb(value #>> '{{}}') ELSE value END)
    FROM jsonb_each(attributes))
WHERE EXISTS (SELECT FROM name WHERE jsonb_typeof(attributes -> name.key) = 'number')
"""
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
          FROM {{repeated_customer}}, jsonb_each(attributes) ORDER BY external_id, key, value) AS first
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
ORDER BY external_id, nullif(stated_at, '')::timestamptz DESC NULLS LAST, consent
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
        FILE_PRODUCTS,
        (f"{line[:-1]}\t{times}\t{sold_at}\n" for line, (times, sold_at) in chunk.products.items()),
    )
    staged.copy(REJECTED, chunk.rejected)


def consolidate(staged: StagedTables) -> None:
    """Fill the staged tables from the file's, and analyze them: temporary tables get no statistics by
    themselves."""
    staged.run(GROUP_ORDERS)
    stage_amounts(staged)
    staged.run(GROUP_PRODUCTS)
    staged.run(NUMBERS_AS_NAMES)
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
