"""Segments learned from examples: a list of customers, a segment ("more like these"), or something that
happened."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from backoffice.errors import Refused
from backoffice.fields import from_json
from backoffice.jobs import Progress, silent
from backoffice.models import User
from profiles.algorithms.scaling import Scaler
from profiles.datasets.features import BY_KEY, SHARE, CustomerFeatures, customer_features
from segments.actions.plans import run_each, save_plan, withdraw
from segments.actions.runs import FoundGroups, publish
from segments.algorithms.learned import CURVE, FEWEST, Ranking, learn
from segments.algorithms.surrogate import surrogate
from segments.datasets.learned import WINDOW, example_ids
from segments.models import (
    CurvePoint,
    GroupLabel,
    LearnedExample,
    LearnedMetrics,
    LearnedPlan,
    Likeness,
    Method,
    Rule,
    Segment,
    SegmentRun,
    StoredEstimator,
    SurrogateRules,
)
from segments.rules.fields import ORDERS
from segments.rules.tree import conditions, parse_stored
from shop.calendar import facts_until
from shop.models import Customer

SAME = (  # features that give each other away
    {"monetary", "average_order_value"},
    {"visits", "page_views", "dwell", "depth"},
)
ANSWERED_BY = {  # fields of a rule whose answer a feature of another name holds
    "order.count": {"frequency"},
    "order.items": {"items_per_order", "frequency"},
    "order.amount": {"monetary"},
    "event.view": {"page_views"},
    "event.search": {"searches"},
    "event.cart": {"carts_abandoned"},
    "person.country": {"home_country"},
    "attribute.age": {"age"},
    "attribute.gender": {"female"},
    "attribute.income": {"income"},
}
ABOUT_ORDERS = set(ORDERS) | {"prediction.category"}
WORTHLESS = 0.55  # an area under the curve below which the ranking is no better than chance
LONGEST_LIST = 100_000
LARGEST = 100_000_000


def plan_learned_segment(
    *,
    title: str,
    source: str,
    estimator: str,
    by: User,
    segment: Segment | None = None,
    numbers: str = "",
    size: int | None = None,
    precision: float | None = None,
    with_examples: bool = False,
) -> LearnedPlan:
    """Write down what shall be learned. `numbers`: customer numbers, apart by commas, blanks or lines.
    Exactly one of `size` and `precision` says how many to find. Raises Refused."""
    if source not in LearnedPlan.Source or estimator not in LearnedPlan.Estimator:
        raise Refused(_("Choose the examples and the method."), field="source")
    if (size is None) == (precision is None):
        raise Refused(
            _("Say how many customers to find, or which share of them must be right."), field="size"
        )
    if size is not None and size < 1:
        raise Refused(_("Find at least one customer."), field="size")
    if size is not None and size > LARGEST:
        raise Refused(_("Find at most %d customers.") % LARGEST, field="size")
    if precision is not None and not 0.05 <= precision <= 0.99:
        raise Refused(_("Choose a share from 5 to 99 %."), field="precision")
    if (source == LearnedPlan.Source.SEGMENT) != (segment is not None):
        raise Refused(_("Choose the segment whose members are the examples."), field="segment")
    listed = _listed(numbers) if source == LearnedPlan.Source.LIST else []
    if source != LearnedPlan.Source.LIST:
        _expect_enough(
            len(example_ids(LearnedPlan(source=source, segment=segment), as_of=facts_until())), "source"
        )
    plan = LearnedPlan(
        title=title,
        source=source,
        segment=segment,
        estimator=estimator,
        size=size,
        precision=precision,
        with_examples=with_examples,
    )
    with transaction.atomic():
        save_plan(plan, by=by, verb="learned_segment.create", source=source, examples=len(listed))
        LearnedExample.objects.bulk_create(
            [LearnedExample(plan=plan, customer_id=pk) for pk in listed], batch_size=5_000
        )
    return plan


def _expect_enough(examples: int, field: str) -> None:
    """Before a job starts: nobody shall wait to hear it."""
    if examples < FEWEST:
        raise _too_few(examples, field)


def _too_few(examples: int, field: str = "") -> Refused:
    return Refused(
        _(
            "Learning needs at least %(needed)d examples and as many other customers; there are %(found)d "
            "examples."
        )
        % {"needed": FEWEST, "found": examples},
        field=field,
    )


def _listed(numbers: str) -> list[int]:
    wanted = list(dict.fromkeys(re.split(r"[\s,;]+", numbers.strip())))
    if len(wanted) > LONGEST_LIST:
        raise Refused(_("At most %d customer numbers.") % LONGEST_LIST, field="numbers")
    found = dict(Customer.objects.filter(external_id__in=wanted).values_list("external_id", "pk"))
    unknown = [number for number in wanted if number not in found]
    if unknown and numbers.strip():
        raise Refused(
            _("%(n)d of the numbers are no customer's, the first is “%(first)s”: correct or remove them.")
            % {"n": len(unknown), "first": unknown[0]},
            field="numbers",
        )
    if len(found) < FEWEST:
        raise Refused(
            _("Name at least %d customers: fewer do not show what they have in common.") % FEWEST,
            field="numbers",
        )
    return list(found.values())


def withdraw_learned_segment(*, plan: LearnedPlan, by: User) -> None:
    withdraw(plan, by=by, verb="learned_segment.withdraw")


@dataclass(frozen=True)
class TrainingData:
    """What is learned from (`then`, with `examples` among its rows) and who is ranked (`now`), on the
    features of both. `left_out`: those that the examples' segment is defined by; `given`: how many examples
    were given, with those that are not among the rows."""

    plan: LearnedPlan
    then: CustomerFeatures
    now: CustomerFeatures
    examples: NDArray[np.bool_]
    keys: list[str]
    left_out: list[str]
    given: int

    @property
    def of_outcome(self) -> bool:
        return self.then is not self.now


@dataclass(frozen=True)
class Selected:
    """`rows`: which of the ranked customers are in the segment; `precision`: the share of them that are right
    by the held-out examples."""

    rows: NDArray[np.bool_]
    precision: float
    curve: tuple[CurvePoint, ...]


def learn_segment(
    *, plan_id: int, as_of: datetime | None = None, seed: int = 0, progress: Progress = silent
) -> SegmentRun:
    """Learn who is like the examples and publish the most alike as a segment.

    An outcome is learned from what was known before the last 90 days and applied to what is known now; a
    list or a segment is learned from what is known now. What a rule uses is left out: else its
    definition would be learned again, and whoever is not in it found least like it. Raises Refused with too
    few examples, or when they look like everybody else.
    """
    plan = LearnedPlan.objects.select_related("segment").get(pk=plan_id)
    as_of = as_of or facts_until()
    progress(0, 4, gettext_noop("Reading orders and visits"))
    data = _training_data(plan, as_of)
    progress(1, 4, gettext_noop("Learning from the examples"))
    scaler, learned = _learned(data, seed)
    chosen = _choose(data, learned)
    progress(3, 4, gettext_noop("Saving and publishing"))
    (run,) = publish([_found_groups(data, learned, chosen, scaler, seed)], data.now, as_of=as_of, seed=seed)
    progress(4, 4)
    return run


def _training_data(plan: LearnedPlan, as_of: datetime) -> TrainingData:
    now = customer_features(as_of=as_of)
    happened = plan.source not in (LearnedPlan.Source.LIST, LearnedPlan.Source.SEGMENT)
    then = customer_features(as_of=as_of - WINDOW) if happened else now
    given = example_ids(plan, as_of=as_of)
    examples = np.isin(then.ids, given)
    defining = _defining(plan.segment_id) if plan.source == LearnedPlan.Source.SEGMENT else set()
    both = [key for key in now.keys if key in then.keys]
    left_out = [key for key in both if key in defining or (SHARE in defining and key.startswith(SHARE))]
    return TrainingData(
        plan, then, now, examples, [key for key in both if key not in left_out], left_out, len(given)
    )


def _defining(segment_id: int | None, seen: frozenset[int | None] = frozenset()) -> set[str]:
    """The features that a segment's rule uses, itself or through other segments; none of a segment that
    is not by rule. SHARE means the shares of all categories."""
    rule = Rule.objects.filter(pk=segment_id).first()
    if rule is None or segment_id in seen:
        return set()
    used = list(conditions(parse_stored(rule.tree)))
    about_products = any(
        condition.where or condition.field.key == "prediction.category"
        for condition in used
        if condition.field.key in ABOUT_ORDERS
    )
    found = {SHARE} if about_products else set()
    found |= {
        key
        for field in {condition.field.key for condition in used}
        for key in ANSWERED_BY.get(field, {field})
    }
    found |= {key for family in SAME if family & found for key in family}
    return found.union(*(_defining(other, seen | {segment_id}) for other in rule.references))


def learn_all(*, progress: Progress = silent) -> dict[str, str]:
    """Learn every segment anew that is not withdrawn."""
    plans = list(LearnedPlan.objects.filter(active=True))
    return run_each(plans, lambda plan: learn_segment(plan_id=plan.pk, progress=progress))


def _table(known: CustomerFeatures, keys: list[str]) -> NDArray[np.float64]:
    return np.column_stack([known.column(key) for key in keys])


def _learned(data: TrainingData, seed: int) -> tuple[Scaler, Ranking]:
    if not data.keys:
        raise Refused(_("The rule of this segment uses every feature: nothing is left to learn from."))
    past = _table(data.then, data.keys)
    try:
        scaler = Scaler.fit(past, np.array([BY_KEY[key].skewed for key in data.keys]))
        points, ranked = scaler.transform(past), scaler.transform(_table(data.now, data.keys))
        learned = learn(points, data.examples, ranked, estimator=data.plan.estimator, seed=seed)
    except ValueError:
        raise _too_few(int(data.examples.sum())) from None
    if learned.auc < WORTHLESS:
        raise Refused(
            _(
                "The examples look like everybody else (%.2f, where 0.50 is chance): nothing in the features "
                "tells them apart."
            )
            % (math.floor(100 * learned.auc) / 100)  # rounded up it would reach the threshold
        )
    return scaler, learned


def _choose(data: TrainingData, learned: Ranking) -> Selected:
    """The best-ranked candidates: so many, or as many as keep the promised precision on those held out."""
    plan = data.plan
    everybody = data.of_outcome or plan.with_examples
    candidates = np.ones(len(data.now.ids), dtype=bool) if everybody else ~data.examples
    shares = np.linspace(1 / CURVE, 1, CURVE)
    curve = learned.precision_at(shares)
    ranked = np.argsort(-learned.scores, kind="stable")
    ranked = ranked[candidates[ranked]]
    likely = learned.probability(learned.scores[ranked])
    wanted = plan.size or _as_many_as_keep(plan.precision or 0, likely)
    rows = np.zeros(len(candidates), dtype=bool)
    rows[ranked[:wanted]] = True
    precision = float(likely[:wanted].mean()) if len(likely) else 0.0
    return Selected(
        rows,
        precision,
        tuple(
            CurvePoint(round(x, 4), round(y, 4)) for x, y in zip(shares.tolist(), curve.tolist(), strict=True)
        ),
    )


def _as_many_as_keep(precision: float, likely: NDArray[np.float64]) -> int:
    """How many of the best-ranked, each an example with the probability `likely`, are right together in this
    share of cases."""
    right = np.flatnonzero(np.cumsum(likely) / np.arange(1, len(likely) + 1) >= precision)
    if not right.size:
        raise Refused(
            _(
                "Nobody can be found with %(wanted)d %% certainty: the best-ranked are right in %(best)d %% "
                "of cases."
            )
            % {"wanted": round(100 * precision), "best": round(100 * likely.max(initial=0))}
        )
    return int(right[-1]) + 1


def _found_groups(
    data: TrainingData, learned: Ranking, chosen: Selected, scaler: Scaler, seed: int
) -> FoundGroups:
    if not chosen.rows.any():
        raise Refused(_("There is nobody to find: every customer is among the examples."))
    plan, keys = data.plan, data.keys
    values = _table(data.now, keys)
    points = scaler.transform(values)
    kept = [keys[column] for column in scaler.kept]
    side = np.sign(points[chosen.rows].mean(axis=0) - points.mean(axis=0))
    rules = surrogate(values, chosen.rows.astype(np.int64), 2, seed)
    return FoundGroups(
        Method.LEARNED,
        [GroupLabel(plan.topic, plan.title)],
        np.where(chosen.rows, 0, -1),
        StoredEstimator(
            keys=tuple(keys),
            kept=tuple(kept),
            scaler=scaler.stored(),
            likeness=Likeness(
                weights=tuple((learned.importance * side).tolist()),
                importance=dict(zip(kept, learned.importance.round(5).tolist(), strict=True)),
            ),
            surrogate=from_json(SurrogateRules, rules.as_json()),
        ),
        learned=LearnedMetrics(
            auc=learned.auc,
            precision=chosen.precision,
            curve=chosen.curve,
            examples=int(data.examples.sum()),
            base=float(data.examples.mean()),
            promises=data.of_outcome or plan.with_examples or plan.precision is not None,
            left_out=tuple(data.left_out),
            given=data.given,
        ),
        topic=plan.topic,
        against_everybody=True,
    )
