"""How a budget is divided among placements."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ads.models.placements import Placement
from backoffice.models import JobRun
from backoffice.staff import staff_key
from backoffice.templatetags.formats import money, money_rounded, number, percent
from shop.models import CurrencyField, MoneyField


class BudgetPlan(models.Model):
    """One solve of the allocation. Immutable; the newest published one is in force."""

    class Status(models.TextChoices):
        OPTIMAL = "optimal", _("best possible")
        INFEASIBLE = "infeasible", _("impossible")

    budget = MoneyField(_("budget"))
    currency = CurrencyField(_("currency"))
    status = models.CharField(_("status"), max_length=10, choices=Status)
    expected_return = MoneyField(_("expected return"), default=Decimal(0))
    spent = MoneyField(_("spent"), default=Decimal(0))
    shadow_price = models.FloatField(
        _("shadow price"), null=True, help_text=_("Return of one more unit of budget.")
    )
    explanation = models.JSONField(
        default=dict, help_text="Why this split; for an impossible plan, the rows in conflict."
    )
    published = models.BooleanField(_("in force"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = staff_key(_("created by"))
    job_run = models.ForeignKey(JobRun, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("budget plan")
        verbose_name_plural = _("budget plans")
        ordering = ["-created_at"]
        permissions = [("plan_budget", "Can compute budget plans")]
        constraints = [
            models.UniqueConstraint(
                fields=["published"], condition=Q(published=True), name="budgetplan_one_published"
            )
        ]

    def __str__(self) -> str:
        return f"{self.budget} {self.currency} {self.created_at:%Y-%m-%d}"

    @property
    def gain(self) -> float | None:
        """Expected return beyond the same money split as of late (or evenly, without reports), as a share;
        None if impossible."""
        before = self.explanation.get("today_return") or self.explanation.get("equal_return")
        return float(self.expected_return) / before - 1 if before else None

    @property
    def summary(self) -> str:
        """What the plan says, in one sentence."""
        words = {
            "spent": money_rounded(self.spent, self.currency),
            "back": money_rounded(self.expected_return, self.currency),
        }
        if self.status == self.Status.INFEASIBLE:
            return gettext("%s cannot be divided within these limits.") % money_rounded(
                self.budget, self.currency
            )
        if self.gain is None:
            return gettext("%(spent)s spent like this is expected to bring %(back)s.") % words
        words["gain"] = percent(self.gain, 1 if self.gain < 0.1 else 0)
        if self.gain < 0.0005:
            return (
                gettext(
                    "%(spent)s spent like this is expected to bring %(back)s: today's split is as good as it "
                    "gets within these limits."
                )
                % words
            )
        if self.explanation.get("today_return"):
            return (
                gettext(
                    "%(spent)s spent like this is expected to bring %(back)s: %(gain)s more than today's "
                    "split."
                )
                % words
            )
        return (
            gettext(
                "%(spent)s spent like this is expected to bring %(back)s: %(gain)s more than an equal split."
            )
            % words
        )

    @property
    def margin(self) -> str:
        """What one more unit of budget would bring, in one sentence."""
        if self.shadow_price is None:
            return ""
        left = self.budget - self.spent
        if left > self.budget / 1000 and left > 1:
            unspent = money_rounded(left, self.currency)
            return gettext("%s of the budget stays unspent: every placement is at its maximum.") % unspent
        words = {
            "one": money_rounded(1, self.currency),
            "back": money(round(self.shadow_price, 2), self.currency),
        }
        if self.shadow_price < 1:
            return gettext("%(one)s more of budget would bring %(back)s: less than it costs.") % words
        return gettext("%(one)s more of budget would bring %(back)s.") % words

    @property
    def remedies(self) -> list[str]:
        """For an impossible plan: what excludes what, then the smallest change of each kind that alone makes
        it possible."""
        said = self.explanation
        amount = partial(money_rounded, currency=self.currency)
        wanted, reachable, needed = (
            said.get("min_conversions"),
            said.get("conversions_reachable"),
            said.get("budget_needed"),
        )
        sentences = []
        if said.get("minimums", 0) > self.budget:
            sentences.append(
                gettext("The minimums add up to %(minimums)s, the budget is %(budget)s.")
                % {"minimums": amount(said["minimums"]), "budget": amount(self.budget)}
            )
        elif wanted and reachable is not None:
            sentences.append(
                gettext("%(wanted)s conversions are asked for; this budget reaches at most %(reachable)s.")
                % {"wanted": number(wanted), "reachable": number(reachable)}
            )
        if said.get("lower"):
            less = ", ".join(f"{name}: {amount(by)}" for name, by in said["lower"])
            sentences.append(gettext("Lower minimums by this much - %s.") % less)
        if needed and needed > self.budget:
            sentences.append(gettext("Raise the budget to %s.") % amount(needed))
        if wanted and reachable:
            sentences.append(gettext("Ask for at most %s conversions.") % number(reachable))
        if said.get("band_in_the_way"):
            sentences.append(
                gettext("Let placements change by more than 30 %: without that limit it is possible.")
            )
        return sentences


REASONS = {
    "at_maximum": _("At its maximum: more money here would still bring more than elsewhere."),
    "at_minimum": _("Held at its minimum: the same money brings more elsewhere."),
    "raised": _("Raised as far as one plan may go: its next unit of money still brings more than elsewhere."),
    "lowered": _("Lowered as far as one plan may go: the same money brings more elsewhere."),
    "rest": _("Balanced: its last unit of money brings as much as the last unit elsewhere."),
    "not_worth_it": _("Not worth it: the same money brings more elsewhere."),
}


class BudgetPlanLine(models.Model):
    plan = models.ForeignKey(BudgetPlan, models.CASCADE, related_name="lines")
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="+")
    spend = MoneyField(_("spend"))
    min_spend = MoneyField(_("at least"), default=Decimal(0))
    max_spend = MoneyField(_("at most"), default=Decimal(0))
    recent_spend = MoneyField(_("spend of the last 30 days"), default=Decimal(0))
    impressions = models.FloatField(_("expected impressions"), null=True)
    clicks = models.FloatField(_("expected clicks"), null=True)
    conversions = models.FloatField(_("expected conversions"))
    expected_return = MoneyField(_("expected return"))
    return_per_unit = models.FloatField(_("return per unit spent"))
    reason_key = models.CharField(max_length=40, help_text="A key of REASONS.")

    class Meta:
        ordering = ["-spend"]
        constraints = [models.UniqueConstraint(fields=["plan", "placement"], name="planline_once")]

    def __str__(self) -> str:
        return f"{self.placement_id}: {self.spend}"

    @property
    def reason(self) -> str:
        """Why this placement gets what it gets, in one sentence."""
        return str(REASONS[self.reason_key])
