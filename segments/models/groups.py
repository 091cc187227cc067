"""Groups of customers. A run is immutable; publishing it moves one pointer."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.models import JobRun
from shop.models import CurrencyField, Customer, CustomerQuerySet, MoneyField


class Method(models.TextChoices):
    KMEANS = "kmeans", _("Behaviour groups (k-means)")
    RFM = "rfm", _("RFM classes")
    RULE = "rule", _("By rule")
    MIXTURE = "mixture", _("Overlapping groups (Gaussian mixture)")
    FACTORS = "factors", _("Groups by factors (factor analysis)")
    LEARNED = "learned", _("Learned from examples")


APART: dict[str, Any] = {
    "+": pgettext_lazy("a group of people", "%s high"),
    "-": pgettext_lazy("a group of people", "%s low"),
    "=": "%s",
}


def spoken(name_key: str) -> str:
    """A name in the reader's language. "young|frequent|women" is made of words that are translated one by
    one, the noun last; "+Orders|-Visits|=men" (many orders, few visits, men) says what sets apart a group for
    which there is no word; "Spring::Lost" is the group "Lost" of a grouping that somebody called "Spring"."""
    grouping, _apart, words = name_key.rpartition("::")
    if grouping:
        return pgettext("a group of a grouping", "%(grouping)s: %(name)s") % {
            "grouping": grouping,
            "name": spoken(words),
        }
    if words[:1] in APART:
        traits = [APART[trait[:1]] % gettext(trait[1:]) for trait in words.split("|")]
        return capfirst(pgettext("between two values", ", ").join(traits))
    *adjectives, noun = [gettext(word) for word in name_key.split("|")]
    if not adjectives:
        return noun
    described = pgettext("between two words that describe a group", " ").join(adjectives)
    return capfirst(
        pgettext("a described group", "%(adjectives)s %(noun)s") % {"adjectives": described, "noun": noun}
    )


class SegmentQuerySet(models.QuerySet["Segment"]):
    def in_force(self) -> SegmentQuerySet:
        """Those that have members now and may be chosen: of the published runs, and by rule unless
        archived."""
        by_rule = models.Q(method=Method.RULE, rule__archived_at__isnull=True)
        return self.filter(by_rule | models.Q(snapshots__run__published_for__isnull=False)).distinct()


class Segment(models.Model):
    """A group with a lasting identity: the same row, colour and name from run to run."""

    method = models.CharField(_("method"), max_length=10, choices=Method)
    slug = models.SlugField(max_length=60)
    name_key = models.CharField(
        max_length=80, help_text="An untranslated message id; shown in the reader's language."
    )
    custom_name = models.CharField(
        _("name"), max_length=80, blank=True, help_text=_("Your own name for this group.")
    )
    colour = models.CharField(_("colour"), max_length=7)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [models.UniqueConstraint(fields=["method", "slug"], name="segment_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        """Where it is clear which grouping it belongs to."""
        return self.custom_name or spoken(self.name_key.rpartition("::")[2])

    @property
    def of_grouping(self) -> bool:
        """Whether it comes from a grouping that somebody asked for beside the nightly ones."""
        before = self.slug.rpartition("--")[0]  # a number: the nightly groups have had this word before
        return "::" in self.name_key or bool(before and not before.isdecimal())

    @property
    def name(self) -> str:
        return self.custom_name or spoken(self.name_key)

    def members(self) -> CustomerQuerySet:
        """The customers in it now: what pages count, exports list and campaigns send to."""
        if self.method == Method.RULE:
            return Customer.objects.filter(rule_memberships__segment=self)
        return Customer.objects.filter(
            pk__in=Membership.objects.in_force().filter(segment=self).values("customer")
        )


class SegmentRunQuerySet(models.QuerySet["SegmentRun"]):
    def published(self, method: str, topic: str = "") -> SegmentRun | None:
        return self.filter(published_for__method=method, published_for__topic=topic).first()

    def adopted(self) -> SegmentRunQuerySet:
        """Those that are or were in force: not the proposals that nobody accepted."""
        return self.filter(published_at__isnull=False)


class SegmentRun(models.Model):
    """One fit of one method on the facts up to `as_of`. `topic` tells apart runs of one method that answer
    different questions."""

    method = models.CharField(_("method"), max_length=10, choices=Method)
    topic = models.SlugField(max_length=60, blank=True)
    as_of = models.DateTimeField(_("facts until"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    seed = models.BigIntegerField(default=0)
    customers = models.BigIntegerField(_("customers"), default=0)
    currency = CurrencyField(_("currency"), blank=True)
    quality = models.JSONField(default=dict, help_text="Rows read, cleaned, dropped and why.")
    estimator = models.JSONField(
        default=dict, help_text="Scaler, centres, features: all that is needed to assign again."
    )
    selection = models.JSONField(default=dict, help_text="The curves behind the chosen number of groups.")
    picture = models.JSONField(
        default=dict, help_text="A sample of customers in two dimensions, for the map."
    )
    generation = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The run in which these groups were found anew, which this one continues; empty for that run itself.",
    )
    drift = models.JSONField(
        default=dict, help_text="How far customers are from those of the generation's first run."
    )
    published_at = models.DateTimeField(_("put in force"), null=True, blank=True)
    job_run = models.ForeignKey(JobRun, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = SegmentRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment run")
        verbose_name_plural = _("segment runs")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.method} #{self.pk}"

    @property
    def birth(self) -> SegmentRun:
        """The run in which these groups were found: this one, or the one it continues."""
        return self.generation or self

    @property
    def of_buyers(self) -> bool:
        """Whether its averages are of those who ordered; those of other methods are of all customers."""
        return self.method == Method.RFM


class PublishedRun(models.Model):
    """The pointer: which run of a method and topic is in force."""

    method = models.CharField(max_length=10, choices=Method)
    topic = models.SlugField(max_length=60, blank=True)
    run = models.ForeignKey(SegmentRun, models.PROTECT, related_name="published_for")
    groups_wanted = models.PositiveSmallIntegerField(
        _("number of groups"),
        null=True,
        blank=True,
        help_text=_("Chosen by a person; empty: chosen by stability."),
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["method", "topic"], name="published_once")]

    def __str__(self) -> str:
        return f"{self.method} {self.topic} -> {self.run_id}"

    @classmethod
    def point_to(cls, run: SegmentRun) -> None:
        run.published_at = timezone.now()
        with transaction.atomic():
            run.save(update_fields=["published_at"])
            cls.objects.update_or_create(method=run.method, topic=run.topic, defaults={"run": run})


class SnapshotQuerySet(models.QuerySet["SegmentSnapshot"]):
    def in_force(self, method: str | None = None, topic: str = "") -> SnapshotQuerySet:
        """The groups of the published runs: of all (the nightly ones of a method before other groupings), or
        of one method and topic; largest revenue first."""
        snapshots = self.filter(run__published_for__isnull=False).select_related("segment", "run")
        if method:
            snapshots = snapshots.filter(run__method=method, run__topic=topic)
        return snapshots.order_by("run__method", "run__topic", "-revenue")


class SegmentSnapshot(models.Model):
    """A segment as one run found it: size, worth, profile and why."""

    run = models.ForeignKey(SegmentRun, models.CASCADE, related_name="snapshots")
    segment = models.ForeignKey(Segment, models.PROTECT, related_name="snapshots")
    position = models.PositiveSmallIntegerField(
        help_text="The centre's index in the run's estimator; never shown."
    )
    size = models.BigIntegerField(_("customers"))
    share = models.FloatField(_("share of customers"))
    revenue = MoneyField(_("revenue"))
    revenue_share = models.FloatField(_("share of revenue"))
    profile: Any = models.JSONField(
        default=dict,
        help_text="{features: [{feature, mean, overall, difference}], categories: [{category, share, overall}]}; the difference "
        "is the standardised mean difference.",
    )
    reason = models.JSONField(
        default=dict, help_text="{features: [keys]}: what sets the group apart, strongest first."
    )

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "segment"], name="snapshot_once")]

    def __str__(self) -> str:
        return f"{self.segment} ({self.size})"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self) -> MembershipQuerySet:
        return self.filter(run__published_for__isnull=False)


class Membership(models.Model):
    """A customer's segment in one run. Written with COPY, read by (segment, run) and by customer.

    No foreign key is checked by the database: a million checks a key cost more than the clustering, every run
    writes all rows from the facts it has just read, and Django still cascades when a customer is erased.
    """

    run = models.ForeignKey(SegmentRun, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    segment = models.ForeignKey(
        Segment, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="memberships", db_index=False, db_constraint=False
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "run"], name="membership_once")]
        indexes = [models.Index(fields=["run", "segment", "customer"], name="membership_of_segment")]

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.segment_id}"


class CustomerFeatures(models.Model):
    """What a run knew of one customer: values in the order of the run's `estimator["features"]`, in their own
    units."""

    run = models.ForeignKey(SegmentRun, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    values: Any = ArrayField(models.FloatField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "run"], name="features_once")]

    def __str__(self) -> str:
        return f"{self.customer_id}"
