"""What was given back of an order: the whole of it, some of its products, or a part of its price.

Each is an order of its own with negative lines that names the order it gives back (`Order.refund_of`). A part
of a price has one line, against the dearest product of the order (files do not say which).
"""

from __future__ import annotations

from intake.actions.facts.staging import Staged, StagedTables
from intake.importers.orders import REFUND_SUFFIX

AMOUNT_KEY = "refund"  # of the line that takes a part of the price back

# Never more than the lines were worth (postage may have been given back too). A file states all that was
# given back: what the shop's own system reported as products that came back is in the tables already.
STAGE_AMOUNTS = f"""
WITH reported AS (
    SELECT back.refund_of AS number, -sum(line.amount) AS amount
    FROM shop_order back JOIN {{staged_order}} ON staged_order.number = back.refund_of
    JOIN shop_orderline line ON line.order_id = back.id
    WHERE line.key <> '{AMOUNT_KEY}' GROUP BY 1
), worth AS (
    SELECT number, sum(round(quantity * unit_price, 4)) AS amount,
           (array_agg(sku ORDER BY quantity * unit_price DESC, sku))[1] AS dearest
    FROM {{staged_line}} GROUP BY number
), given_back AS (
    SELECT sold.*, dearest, least(refunded, worth.amount) - coalesce(reported.amount, 0) AS amount
    FROM {{staged_order}} sold JOIN worth USING (number) LEFT JOIN reported USING (number)
    WHERE refunded > 0 AND status = 'paid' AND least(refunded, worth.amount) > coalesce(reported.amount, 0)
      AND NOT EXISTS (SELECT FROM {{staged_order}} back WHERE back.refund_of = sold.number)
), orders AS (
    INSERT INTO {{staged_order}}
    SELECT number || '{REFUND_SUFFIX}', customer, placed_at, 'cancellation', currency, country, 0, '', number,
           false, 0 FROM given_back
)
INSERT INTO {{staged_line}}
SELECT NULL, number || '{REFUND_SUFFIX}', dearest, -1, amount, '{AMOUNT_KEY}', currency FROM given_back
"""  # noqa: S608 - constants of ours
# A later file may state that more was given back,
GREW = f"""
UPDATE shop_orderline known SET unit_price = staged_line.unit_price
FROM {{staged_line}} JOIN {{written_order}} USING (number)
WHERE known.order_id = written_order.id AND known.key = '{AMOUNT_KEY}' AND staged_line.key = '{AMOUNT_KEY}'
  AND staged_line.row_number IS NULL AND known.unit_price < staged_line.unit_price
"""  # noqa: S608 - a constant of ours
# or in the end everything: the whole order takes the place of the part.
BECAME_WHOLE = f"""
WITH part AS (
    SELECT DISTINCT back.id FROM {{staged_order}}
    JOIN shop_order back ON back.refund_of = staged_order.refund_of
    JOIN shop_orderline line ON line.order_id = back.id AND line.key = '{AMOUNT_KEY}'
    WHERE staged_order.whole
), lines AS (DELETE FROM shop_orderline USING part WHERE order_id = part.id)
DELETE FROM shop_order USING part WHERE shop_order.id = part.id
"""  # noqa: S608 - a constant of ours


def stage_amounts(staged: StagedTables) -> None:
    """Stage an order for each amount that the file states was given back of an order that stays."""
    (some,) = staged.row("SELECT EXISTS (SELECT FROM {staged_order} WHERE refunded > 0)")
    if some:
        staged.run(STAGE_AMOUNTS)


def settle(staged: Staged) -> None:
    """Bring amounts that were given back earlier up to what is staged now."""
    staged.run(GREW)
    staged.run(BECAME_WHOLE)
