"""What a campaign changed: what its people bought against those who were held out."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from campaigns.algorithms.lift import Lift, absolute_lift
from campaigns.datasets.results import WINDOW, Arm, arms
from campaigns.models import Campaign

FEWEST_PEOPLE, FEWEST_BUYERS = 100, 10  # in each arm, before the lift is stated


@dataclass(frozen=True)
class Results:
    """`lift` is revenue per person in the campaign's currency, treated minus holdout; `incremental_revenue`
    the same for all who were treated."""

    treated: Arm
    held_out: Arm
    lift: Lift
    complete: bool  # the window has passed
    enough: bool  # both arms are large enough

    @property
    def incremental_revenue(self) -> float:
        return self.lift.value * self.treated.people

    @property
    def incremental_low(self) -> float:
        return self.lift.low * self.treated.people

    @property
    def incremental_high(self) -> float:
        return self.lift.high * self.treated.people

    @property
    def verdict(self) -> str:
        """early, few, more, less or unclear."""
        if not self.complete:
            return "early"
        if not self.enough:
            return "few"
        if self.lift.low > 0:
            return "more"
        return "less" if self.lift.high < 0 else "unclear"


def results(campaign: Campaign) -> Results | None:
    """Compare by assignment, not by delivery: failed and unknown messages stay with the treated, so that the
    arms remain alike. None before sending began. Only orders in the campaign's currency."""
    if campaign.started_at is None:
        return None
    treated, held_out = arms(campaign, campaign.started_at)
    enough = all(arm.people >= FEWEST_PEOPLE and arm.buyers >= FEWEST_BUYERS for arm in (treated, held_out))
    complete = timezone.now() >= campaign.started_at + WINDOW
    return Results(treated, held_out, absolute_lift(treated.totals, held_out.totals), complete, enough)
