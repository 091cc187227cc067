"""Sending what is due, of every source. Safe to run twice, side by side, and to kill at any moment.

A delivery goes queued -> leased -> attempting -> sent | failed | unknown (or suppressed, with the reason).
`attempting` is committed before the provider is called. A row whose holder died in `leased` was certainly not
sent and is queued again; one whose holder died in `attempting` may have been sent and becomes `unknown`: only
a person resends it.
"""

from __future__ import annotations

import time

from delivery.actions.attempts import send_batch
from delivery.actions.leases import lease_batch, recover_abandoned
from delivery.sources import sources

PATIENCE = 60.0  # seconds one call of `deliver_due` works before it lets the queue have its turn


def deliver_due(*, patience: float = PATIENCE) -> int:
    """Begin what is due, send what is waiting, finish what is complete. Returns how many went out."""
    recover_abandoned()
    for source in sources().values():
        source.begin_due()
    deadline = time.monotonic() + patience
    sent = 0
    while time.monotonic() < deadline and (batch := lease_batch()):
        sent += send_batch(batch)
    for source in sources().values():
        source.finish()
    return sent
