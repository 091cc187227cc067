"""Writing orders and their lines."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.db import connection

from backoffice.bulk_copy import drain, keys_held
from intake.actions.facts.staging import WRITTEN_ORDERS, Staged, StagedTables

ADD = """
INSERT INTO shop_order
    (number, customer_id, placed_at, status, currency, country, discount, coupon, refund_of)
SELECT number, shop_customer.id, placed_at, status, currency, staged_order.country, discount, coupon,
       nullif(refund_of, '')
FROM {staged_order} LEFT JOIN shop_customer ON external_id = staged_order.customer
ORDER BY number
ON CONFLICT (number) DO NOTHING RETURNING id, number, true AS is_new
"""
KNOWN = """
SELECT shop_order.id, number, false AS is_new FROM {staged_order} JOIN shop_order USING (number)
WHERE NOT EXISTS (SELECT FROM {written_order} WHERE written_order.number = staged_order.number)
"""
COMPLETE = """
UPDATE shop_order known SET
    customer_id = coalesce(known.customer_id, shop_customer.id),
    country = coalesce(nullif(known.country, ''), staged_order.country),
    coupon = coalesce(nullif(known.coupon, ''), staged_order.coupon),
    status = CASE known.status WHEN 'pending' THEN staged_order.status ELSE known.status END
FROM {written_order} JOIN {staged_order} USING (number)
LEFT JOIN shop_customer ON external_id = staged_order.customer
WHERE known.id = written_order.id AND NOT written_order.is_new
  AND ((known.customer_id IS NULL AND shop_customer.id IS NOT NULL)
    OR (known.country = '' AND staged_order.country <> '')
    OR (known.coupon = '' AND staged_order.coupon <> '')
    OR (known.status = 'pending' AND staged_order.status <> 'pending'))
"""

LINE_COLUMNS = "shop_orderline (order_id, product_id, key, quantity, unit_price)"
# Identical lines of one order are distinguished by counting them. Which of them is which does not matter.
LINES = """
SELECT written_order.id, shop_product.id,
       coalesce(nullif(key, ''), md5(concat_ws('|', sku, quantity, unit_price, row_number() OVER (
           PARTITION BY written_order.id, shop_product.id, quantity, unit_price)))),
       quantity, unit_price
FROM {{staged_line}} JOIN {{written_order}} USING (number) JOIN shop_product USING (sku)
WHERE {which}
"""
FIRST_WINS = "ON CONFLICT (order_id, key) DO NOTHING"
IN_THE_FILE = "row_number IS NOT NULL"
# Such a line cannot be there yet: nobody else sees the order, and counting made the keys distinct.
FRESH = f"{IN_THE_FILE} AND written_order.is_new AND key = ''"
OTHERS = f"""
SELECT EXISTS (
    SELECT FROM {{staged_line}} JOIN {{written_order}} USING (number) WHERE NOT ({FRESH}))
"""  # noqa: S608 - constants of ours
WITHOUT_LINES = "NOT EXISTS (SELECT FROM shop_orderline WHERE order_id = written_order.id)"
HOLD_PRODUCTS = (
    "SELECT FROM shop_product WHERE sku IN (SELECT sku FROM {staged_product}) ORDER BY id FOR KEY SHARE"
)


def write_orders(staged: Staged) -> None:
    """Add the staged orders; of known ones fill the gaps. `WRITTEN_ORDERS` names them all."""
    staged.keep(WRITTEN_ORDERS, ADD)
    staged.keep(WRITTEN_ORDERS, KNOWN)
    staged.run(COMPLETE)


def write_lines_of_batch(staged: Staged) -> None:
    """Add the lines of orders that have none: an order from another source keeps its own."""
    _insert(staged, WITHOUT_LINES)


def write_lines_of_file(staged: StagedTables) -> int:
    """Add the lines that are not there yet, to known orders too; returns how many of the file's."""
    staged.run("ANALYZE {written_order}")
    added = _copy_fresh(staged)
    (others,) = staged.row(OTHERS)
    if others:
        added += _insert(staged, f"{IN_THE_FILE} AND NOT ({FRESH})")
        _insert(staged, f"NOT {IN_THE_FILE}")
    return added


def _insert(staged: Staged, which: str) -> int:
    lines = f"{LINES.format(which=which)} ORDER BY 1, key, quantity DESC, unit_price DESC, sku"
    return staged.run(f"INSERT INTO {LINE_COLUMNS} {lines} {FIRST_WINS}")


def _copy_fresh(staged: StagedTables) -> int:
    """COPY writes rows and index entries in batches, INSERT one by one; the way round through a file on disk
    is worth it. The orders are new and nobody else's; the products are held."""
    sources, _parameters = staged.sources()
    fresh = LINES.format(which=FRESH).format(**sources)
    staged.run(HOLD_PRODUCTS)
    with connection.cursor() as cursor, TemporaryFile() as spool, keys_held():
        with cursor.copy(f"COPY ({fresh}) TO STDOUT (FORMAT binary)") as rows:
            drain(rows, spool.write)
        spool.seek(0)
        with cursor.copy(f"COPY {LINE_COLUMNS} FROM STDIN (FORMAT binary)") as copy:
            while block := spool.read(2**20):
                copy.write(block)
        return int(cursor.rowcount)
