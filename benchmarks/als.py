"""The nightly recommendations end to end against the bare library on the same matrix.

Ours: read the facts, fit, choose 20 products a customer, find the reason of each, write and publish. Theirs:
`implicit`'s fit and recommend with the same parameters, the matrix already in memory. The comparison with the
popular list is left out on our side: it is a second and third fit that the library does not do.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from typing import Any

import numpy as np
from django.db import connection
from django.test.utils import override_settings
from django.utils import timezone
from implicit.cpu.als import AlternatingLeastSquares

from benchmarks.pairs import interleaved, row
from recommendations.actions.publish import LIST_LENGTH
from recommendations.actions.refresh import refresh_recommendations
from recommendations.algorithms.methods import als
from recommendations.datasets.interactions import interactions
from shop.actions.demo.seeding import seed_demo

ROWS = ["als"]
CUSTOMERS = 10_000


def run() -> list[dict[str, Any]]:
    seed_demo(customers=CUSTOMERS)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what autovacuum has done by the time of a nightly run
    as_of = timezone.now()
    facts = interactions(as_of=as_of)
    purchases, rows = facts.purchases, np.arange(len(facts.customers))
    parameters = asdict(als.AlternatingLeastSquares.candidates(*facts.confidence.shape)[0])

    def theirs() -> None:
        library = AlternatingLeastSquares(random_state=0, **parameters)
        library.fit(facts.confidence, show_progress=False)
        library.recommend(rows, purchases, N=LIST_LENGTH)

    def ours() -> None:
        refresh_recommendations(as_of=as_of, compare=False)

    with tempfile.TemporaryDirectory() as files, override_settings(MEDIA_ROOT=files):
        return [row(ROWS[0], *interleaved(ours, theirs, rounds=3), goal=1.5)]
