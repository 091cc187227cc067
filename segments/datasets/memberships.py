"""Who was in which group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backoffice.copying import read_arrays
from segments.models import SegmentRun

NOBODY = 0  # no segment has this id

MEMBERS = "SELECT customer_id::bigint, segment_id::bigint FROM segments_membership WHERE run_id = %(run)s"


def groups_of(run: SegmentRun, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The segment id of each of the customers `ids` (ascending) in `run`, NOBODY for those it did not group."""
    members = read_arrays(MEMBERS, {"run": run.pk}, {"customer": int, "segment": int})
    found = np.full(len(ids), NOBODY)
    if not len(ids):
        return found
    place = np.minimum(np.searchsorted(ids, members["customer"]), len(ids) - 1)
    still = ids[place] == members["customer"]
    found[place[still]] = members["segment"][still]
    return found
