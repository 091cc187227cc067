"""The CDNOW purchases (../shared/data) as histories in weeks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
WEEK = 7.0


@dataclass(frozen=True)
class Known:
    """One entry a customer who had bought by the end of the calibration; time in weeks, money in dollars."""

    ids: NDArray[np.int64]
    frequency: Array
    recency: Array
    age: Array
    value: Array


def purchases(path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Customer, day (as days since 1970) and dollars, one entry for each customer and day, in that order."""
    table = np.loadtxt(path, skiprows=0 if "sample" in path.name else 1)
    customer, date = table[:, 0].astype(np.int64), table[:, -3].astype(np.int64).astype(str)
    day = np.array([f"{text[:4]}-{text[4:6]}-{text[6:]}" for text in date], dtype="datetime64[D]").astype(
        np.int64
    )
    keys, place = np.unique(np.column_stack([customer, day]), axis=0, return_inverse=True)
    return keys[:, 0], keys[:, 1], np.bincount(place.ravel(), table[:, -1])


def day_number(date: str) -> int:
    return int(np.datetime64(date, "D").astype(np.int64))


def summary(path: Path, *, until: str) -> Known:
    """What was known at the end of the day `until`."""
    customer, day, dollars = purchases(path)
    seen = day <= day_number(until)
    customer, day, dollars = customer[seen], day[seen], dollars[seen]
    ids, first, place, count = np.unique(customer, return_index=True, return_inverse=True, return_counts=True)
    start = day[first]
    last = day[first + count - 1]
    repeat = day > start[place]
    spent = np.bincount(place[repeat], dollars[repeat], minlength=len(ids))
    return Known(
        ids,
        count - 1.0,
        (last - start) / WEEK,
        (day_number(until) - start) / WEEK,
        spent / np.maximum(count - 1, 1),
    )


def later_purchases(path: Path, known: Known, *, after: str) -> Array:
    """Days with a purchase after the day `after`, for each of `known`."""
    customer, day, _dollars = purchases(path)
    later = customer[day > day_number(after)]
    return np.bincount(np.searchsorted(known.ids, later), minlength=len(known.ids)).astype(float)
