"""What a campaign's result could show, before it is sent: the smallest effect, and a share to hold out."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from campaigns.algorithms.power import smallest_effect
from campaigns.datasets.audiences import Audience
from campaigns.datasets.results import buyers_in_a_window
from campaigns.models import Campaign
from campaigns.presenters.results import FEWEST_BUYERS, FEWEST_PEOPLE

SHARES = range(5, 55, 5)  # per cent, that are proposed
USEFUL = 0.5  # an effect of at most this share of the base rate is worth fewer recipients


@dataclass(frozen=True)
class Outlook:
    """`base`: the share of the segment that buys in seven days (0 to 1). `raised`: to which share it must
    rise with this holdout before a result can show it; None: no result can be shown. `share` (per cent) is
    proposed, with `share_raised`; None: no share helps. `people`: how many any result needs; 0: unknown."""

    base: float
    raised: float | None
    share: int | None
    share_raised: float | None
    people: int


def outlook(campaign: Campaign, people: Audience) -> Outlook:
    fit = people.reached + people.held_out
    base = buyers_in_a_window(campaign.segment)
    by_share = {share: _effect(fit, share, base) for share in SHARES}
    able = {share: effect for share, effect in by_share.items() if effect is not None}
    useful = [share for share, effect in able.items() if effect <= USEFUL * base]
    share = min(useful) if useful else min(able, key=lambda one: able[one], default=None)
    own = _effect(fit, campaign.holdout_percent, base)
    return Outlook(
        base,
        None if own is None else base + own,
        share,
        None if share is None else base + able[share],
        2 * max(FEWEST_PEOPLE, ceil(FEWEST_BUYERS / base)) if base else 0,
    )


def _effect(fit: int, percent: int, base: float) -> float | None:
    """None where results would not be stated: see `presenters.results`."""
    held = min(round(fit * percent / 100), fit - 1)
    arms = (fit - held, held)
    if min(arms) < FEWEST_PEOPLE or min(arms) * base < FEWEST_BUYERS:
        return None
    return smallest_effect(*arms, base)
