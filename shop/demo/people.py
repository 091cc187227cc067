"""Who the demo customers are, and what they agreed to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shop.demo.behaviour import DAY
from shop.demo.catalogue import Ints
from shop.demo.vocabulary import Vocabulary

NO_ANSWER = -1


@dataclass(frozen=True)
class People:
    """Arrays over customers. Consent columns hold the second at which it happened, or NO_ANSWER."""

    female: Ints  # 0 or 1
    first_name: Ints
    surname: Ints
    city: Ints
    age: Ints
    income: Ints
    has_phone: Ints
    email_answered_at: Ints
    email_granted: Ints  # 0 or 1, where answered
    email_withdrawn_at: Ints
    sms_granted_at: Ints
    profiling_granted: Ints  # 0 or 1, where answered


def people(rng: np.random.Generator, groups: Ints, since: Ints, words: Vocabulary, now: int) -> People:
    """Draw the persons behind `groups` (shape (n,)); three quarters agree to marketing mail, some later take
    it back."""
    n = len(groups)
    names = min(len(words.female), len(words.male))
    well_off = np.isin(groups, (0, 4))
    answered = np.where(rng.random(n) < 0.84, since + 30, NO_ANSWER)
    granted = (rng.random(n) < 0.92).astype(np.int64)
    withdrawn = np.where(
        (answered >= 0) & (granted == 1) & (rng.random(n) < 0.05),
        rng.integers(since + DAY, now + DAY),
        NO_ANSWER,
    )
    return People(
        female=(rng.random(n) < 0.62).astype(np.int64),
        first_name=rng.integers(0, names, n),
        surname=rng.integers(0, len(words.surnames), n),
        city=(rng.random(n) ** 1.6 * len(words.cities)).astype(np.int64),
        age=rng.normal(np.where(groups == 1, 38, np.where(well_off, 47, 32)), 9, n)
        .clip(18, 85)
        .astype(np.int64),
        income=np.where(rng.random(n) < 0.6, np.where(well_off, 2, 1), rng.integers(0, 3, n)),
        has_phone=(rng.random(n) < 0.7).astype(np.int64),
        email_answered_at=answered,
        email_granted=granted,
        email_withdrawn_at=np.where(withdrawn < now, withdrawn, NO_ANSWER),
        sms_granted_at=np.where(rng.random(n) < 0.25, since + 60, NO_ANSWER),
        profiling_granted=(rng.random(n) < 0.93).astype(np.int64),
    )
