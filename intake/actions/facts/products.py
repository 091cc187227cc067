"""Writing products. What arrives fills gaps; what staff wrote is never replaced."""

from __future__ import annotations

from intake.actions.facts.staging import Staged

TEXTS = ["title", "category", "brand", "image_url", "url"]
NAMES = ", ".join(TEXTS)
# A price and its currency are known together or not at all.
FILLED = ", ".join(
    [
        *(f"coalesce(nullif(known.{name}, ''), excluded.{name})" for name in TEXTS),
        "coalesce(known.price, excluded.price)",
        "CASE WHEN known.price IS NULL THEN excluded.currency ELSE known.currency END",
    ]
)
UPSERT = f"""
WITH written AS (
    INSERT INTO shop_product AS known
        (sku, {NAMES}, price, currency, description, attributes, kind, active, created_at)
    SELECT sku, {NAMES}, price, currency, '', '{{{{}}}}', 'product', true, now()
    FROM {{staged_product}} ORDER BY sku
    ON CONFLICT (sku) DO UPDATE SET ({NAMES}, price, currency) = ROW({FILLED})
    WHERE ({", ".join(f"known.{name}" for name in TEXTS)}, known.price, known.currency)
        IS DISTINCT FROM ({FILLED})
    RETURNING xmax = 0 AS is_new
) SELECT count(*) FILTER (WHERE is_new) FROM written
"""  # noqa: S608 - column names of ours


def write_products(staged: Staged) -> int:
    """Write the staged products; returns how many are new."""
    (new,) = staged.row(UPSERT)
    return int(new)
