"""The whole nightly refresh at a million customers and ten million order lines against the sum of its bare
parts.

Ours, in a process of its own as a job has it: features, cleaning, choosing k in 2..10, clustering everybody,
naming, reasons, drift's reference, both methods written and published. Theirs: the statement of the features
sent to memory, the bare scikit-learn calls (KMeans, silhouette, Rand index) with the same parameters on the
matrix that ours prepared, ten starts on everybody, and COPY of the result's own bytes into the emptied
tables. The second row is the peak memory of our process in GiB against one GiB.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from backoffice.bulk_copy import received
from benchmarks.pairs import row, seconds
from profiles.algorithms.scaling import Scaler
from profiles.datasets.features import customer_features, features_statement, top_categories
from segments.actions.behaviour import KS
from segments.algorithms import clustering
from segments.models import Method, SegmentRun, StoredEstimator
from shop.currency import shop_currency

ROWS = ["full-refresh-1e6", "full-refresh-memory"]
LARGE = True
CUSTOMERS, PRODUCTS, CATEGORIES = 1_000_000, 500, 8
NOW = datetime(2026, 6, 1, tzinfo=UTC)
OURS = """
import json, resource, time
from datetime import datetime
from marketops.local import embedded
embedded.join_or_exit()
import django
django.setup()
from segments.actions.refresh import refresh_segments
started = time.perf_counter()
refresh_segments(as_of=datetime.fromisoformat("{now}"))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps({{"seconds": time.perf_counter() - started, "peak": peak}}))
embedded.leave()
"""
# Five habits: orders a customer, days since the last, days as a customer, price level. `replica` switches off
# the checks of foreign keys, which would take longer than the measurement.
FACTS = f"""
SET session_replication_role = replica;
SELECT setseed(0.5);
INSERT INTO shop_product
    (id, sku, title, description, category, brand, price, currency, image_url, url, attributes, kind,
     active, created_at)
SELECT n, 'P' || n, 'Product ' || n, '', 'Category ' || n % {CATEGORIES}, '', 5 + n % 90, 'GBP', '', '',
       '{{{{}}}}', 'product', true, '{{now}}'
FROM generate_series(1, {PRODUCTS}) n;
INSERT INTO shop_customer
    (id, external_id, email, phone, first_name, last_name, locale, country, attributes, created_at)
SELECT n, 'C' || n, 'c' || n || '@example.com', '', '', '', 'en', 'United Kingdom',
       json_build_object('age', 20 + n % 50, 'gender', CASE n % 2 WHEN 0 THEN 'female' ELSE 'male' END),
       timestamptz '{{now}}' - interval '1 day' * 800
FROM generate_series(1, {{customers}}) n;
INSERT INTO shop_order (number, customer_id, placed_at, status, currency, country, discount, coupon)
SELECT 'D' || c.id || '-' || k, c.id,
       timestamptz '{{now}}' - interval '1 day'
           * (habit.recency * (0.5 + random()) + habit.tenure * random() * (k - 1) / orders),
       'paid', 'GBP', '', CASE WHEN random() < habit.discount THEN 5 ELSE 0 END, ''
FROM shop_customer c
JOIN (VALUES (0, 7, 20, 500, 0.1), (1, 4, 60, 600, 0.8), (2, 3, 200, 300, 0.2), (3, 2, 15, 60, 0.3),
             (4, 1, 300, 30, 0.1))
     AS habit (number, orders, recency, tenure, discount) ON habit.number = c.id % 5
CROSS JOIN LATERAL generate_series(1, habit.orders) k;
INSERT INTO shop_orderline (order_id, product_id, key, quantity, unit_price)
SELECT o.id, 1 + (random() * {PRODUCTS - 1})::int, k, 1 + (random() * 2)::int,
       5 + (o.customer_id % 5) * 12 + (random() * 20)::int
FROM shop_order o CROSS JOIN generate_series(1, 3) k;
SET session_replication_role = origin;
"""


def run() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(FACTS.format(now=NOW.isoformat(), customers=CUSTOMERS))
        cursor.execute("VACUUM ANALYZE")
    ours = _ours()
    published = SegmentRun.objects.published(Method.KMEANS)
    assert published is not None
    points = _points(published.estimator)
    theirs = (
        seconds(_read) + seconds(lambda: _fit(points, len(published.estimator.behaviour.centres))) + _copy()
    )
    return [
        row(ROWS[0], ours["seconds"], theirs, goal=1.3),
        row(ROWS[1], ours["peak"], 1.0, goal=3.0),
    ]


def _ours() -> dict[str, float]:
    code = OURS.format(now=NOW.isoformat())
    printed = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE).stdout
    found: dict[str, float] = json.loads(printed.splitlines()[-1])
    return found


def _points(estimator: StoredEstimator) -> NDArray[np.float64]:
    known = customer_features(as_of=NOW)
    buyers = known.only(known.buyers)
    return Scaler.from_stored(estimator.scaler).transform(
        np.column_stack([buyers.column(key) for key in estimator.keys])
    )


def _read() -> None:
    currency = shop_currency(NOW)
    statement, params = features_statement(
        as_of=NOW, currency=currency, categories=top_categories(NOW, currency)
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT binary)", params) as copy,
    ):
        data = received(copy)
    np.frombuffer(data, np.uint8).copy()


def _fit(points: NDArray[np.float64], k: int) -> None:
    random = np.random.default_rng(0)
    sample = points[random.choice(len(points), clustering.CHOICE_SAMPLE, replace=False)]
    for tried in KS:
        fitted = KMeans(tried, n_init=5, random_state=0).fit(sample)
        for again in range(clustering.BOOTSTRAPS):
            drawn = sample[random.integers(0, len(sample), len(sample))]
            adjusted_rand_score(
                fitted.labels_, KMeans(tried, n_init=2, random_state=again).fit(drawn).predict(sample)
            )
        silhouette_score(sample, fitted.labels_, sample_size=clustering.SILHOUETTE_SAMPLE, random_state=0)
    KMeans(k, n_init=10, random_state=0).fit(points)


def _copy() -> float:
    """Seconds to COPY the rows that ours wrote, as bytes at hand, into the same tables, emptied."""
    took = 0.0
    for table in ("segments_membership", "segments_featuresnapshot"):
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                data = received(copy)
            cursor.execute(f"TRUNCATE {table}")
            started = time.perf_counter()
            with transaction.atomic(), cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
                copy.write(data)
            took += time.perf_counter() - started
    return took
