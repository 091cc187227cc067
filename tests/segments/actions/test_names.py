"""Names of groups are true, and all different."""

from __future__ import annotations

import numpy as np

from profiles.datasets.features import customer_features
from segments.actions.names import name_groups
from segments.algorithms.archetypes import ARCHETYPES
from tests.planted import TODAY


def test_a_word_that_is_not_true_is_not_taken(planted):
    known = customer_features(as_of=TODAY)
    buyers = known.only(known.buyers)
    labels = np.select(
        [np.isin(buyers.ids, planted["loyal"]), np.isin(buyers.ids, planted["lost"])], [0, 1], 2
    )

    def named(taken: set[str], groups=(1,)) -> list[str]:
        used = ["recency", "frequency", "monetary", "tenure"]
        return [group.name.text for group in name_groups(buyers, labels, groups, used=used, taken=taken)]

    assert named(set()) == ["Lost"]
    others = set(ARCHETYPES)
    assert named(others - {"new"}) == ["Silent rare low-value buyers"]
    assert named(others, (0, 1, 2)) == [
        "Recent frequent high-value buyers",
        "Silent rare low-value buyers",
        "Recent rare low-value buyers",
    ]
    (apart,) = named({*others, "silent-rare-low-value-buyers"})
    assert apart.startswith("Days since last order high, Days since first order ")
