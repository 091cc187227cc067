"""What became of a file's rows: the figures of its result page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal

from intake.actions.facts.staging import Shape, StagedTables
from intake.models import CustomersFigures, ImportSummary, MonthRevenue, OrdersFigures
from shop.models import TEST_DOMAIN


@dataclass
class Written:
    """How many rows the facts gained."""

    customers_new: int = 0
    products_new: int = 0
    consents: int = 0
    lines: int = 0


class Summary(ABC):
    """Counts around the writing of one file."""

    def before(self, staged: StagedTables) -> None:  # noqa: B027 - most need no look at what is known
        """Look at what is known before the facts are written."""

    @abstractmethod
    def accepted(self, staged: StagedTables, written: Written) -> int:
        """How many of the file's rows stated something new."""

    @abstractmethod
    def figures(self, staged: StagedTables, written: Written, time_zone: str) -> ImportSummary:
        """What the result page shows."""


MONTHS = """
WITH stated AS (  -- first by order: months are looked up once for each, not for each line
    SELECT number, count(row_number) AS rows, sum(round(quantity * unit_price, 4)) AS amount,
           count(*) AS lines
    FROM {staged_line} GROUP BY number
)
SELECT currency, to_char(placed_at AT TIME ZONE %(zone)s, 'YYYY-MM'),
       sum(amount) FILTER (WHERE status <> 'pending'),
       coalesce(sum(rows) FILTER (WHERE customer IS NULL), 0)::bigint,
       coalesce(sum(lines) FILTER (WHERE status = 'cancellation'), 0)::bigint
FROM stated JOIN {staged_order} USING (number) GROUP BY 1, 2 ORDER BY 1, 2
"""
TOTALS = """
SELECT count(*) FILTER (WHERE refund_of = ''), count(DISTINCT customer),
       (SELECT count(*) FROM {staged_product}),
       (SELECT count(*) FROM {written_order} JOIN {staged_order} USING (number)
        WHERE is_new AND refund_of = '')
FROM {staged_order}
"""


class OrdersSummary(Summary):
    """Of a file of orders."""

    def accepted(self, staged: StagedTables, written: Written) -> int:
        return written.lines

    def figures(self, staged: StagedTables, written: Written, time_zone: str) -> ImportSummary:
        """Months are those of the time zone."""
        rows = staged.rows(MONTHS, zone=time_zone)
        orders, customers, products, orders_new = staged.row(TOTALS)
        months = tuple(MonthRevenue(row[0], row[1], row[2] or Decimal(0)) for row in rows)
        revenue: dict[str, Decimal] = {}
        for month in months:
            revenue[month.currency] = revenue.get(month.currency, Decimal(0)) + month.amount
        return ImportSummary(
            of_orders=OrdersFigures(
                orders=orders,
                customers=customers,
                products=products,
                guest_lines=sum(row[3] for row in rows),
                cancellation_lines=sum(row[4] for row in rows),
                orders_new=orders_new,
                customers_new=written.customers_new,
                products_new=written.products_new,
                revenue=revenue,
                months=months,
            )
        )


KNOWN_EMAILS = Shape("known_email", "external_id text, email text")
WITHOUT_ADDRESS = f"""
SELECT external_id, coalesce(shop_customer.email, '')
FROM {{staged_customer}} LEFT JOIN shop_customer USING (external_id)
WHERE coalesce(shop_customer.email, '') = ''
   OR right(shop_customer.email, {len(TEST_DOMAIN)}) = '{TEST_DOMAIN}'
"""  # noqa: S608 - a constant of ours
ADDRESSES = """
SELECT count(*) FROM known_email JOIN shop_customer USING (external_id)
WHERE shop_customer.email <> known_email.email
"""
# A row that repeats another row of the file states nothing new.
ACCEPTED = """
SELECT count(*) FROM (
    SELECT DISTINCT external_id, file_customer.email, file_customer.phone, file_customer.first_name,
           file_customer.last_name, file_customer.country, file_customer.locale, since, consent, stated_at,
           file_customer.attributes
    FROM {file_customer} JOIN shop_customer USING (external_id)
    WHERE shop_customer.id IN (SELECT id FROM {changed_customer})
) AS stated
"""


class CustomersSummary(Summary):
    """Of a list of customers."""

    def before(self, staged: StagedTables) -> None:
        staged.keep(KNOWN_EMAILS, WITHOUT_ADDRESS)

    def accepted(self, staged: StagedTables, written: Written) -> int:
        return int(staged.row(ACCEPTED)[0])

    def figures(self, staged: StagedTables, written: Written, time_zone: str) -> ImportSummary:
        """Customers in the file, new ones, addresses filled, consents recorded."""
        (customers,) = staged.row("SELECT count(*) FROM {staged_customer}")
        (addresses,) = staged.row(ADDRESSES)
        return ImportSummary(
            of_customers=CustomersFigures(
                customers=customers,
                customers_new=written.customers_new,
                addresses=addresses,
                consents=written.consents,
            )
        )


SUMMARIES: dict[str, type[Summary]] = {"orders": OrdersSummary, "customers": CustomersSummary}  # by importer
