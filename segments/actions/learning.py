"""Segments learned from examples: a list of customers, a segment ("more like these"), or something that
happened."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from backoffice.errors import Refused
from backoffice.jobs import Progress, silent
from backoffice.models import User
from profiles.algorithms.scaling import Scaler
from profiles.datasets.features import BY_KEY, SHARE, CustomerFeatures, customer_features
from segments.actions import asking
from segments.actions.publishing import Grouping, publish
from segments.algorithms.learning import CURVE, FEWEST, Learned, learn
from segments.algorithms.surrogate import surrogate
from segments.datasets.examples import WINDOW, example_ids
from segments.models import Learner, LearnerExample, Method, Rule, Segment, SegmentRun
from segments.rules.fields import ORDERS
from segments.rules.tree import conditions, read_stored
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


def plan_learner(
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
) -> Learner:
    """Write down what shall be learned. `numbers`: customer numbers, apart by commas, blanks or lines.
    Exactly one of `size` and `precision` says how many to find. Raises Refused."""
    if source not in Learner.Source or estimator not in Learner.Estimator:
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
    if (source == Learner.Source.SEGMENT) != (segment is not None):
        raise Refused(_("Choose the segment whose members are the examples."), field="segment")
    listed = _listed(numbers) if source == Learner.Source.LIST else []
    if source != Learner.Source.LIST:
        _expect_enough(
            len(example_ids(Learner(source=source, segment=segment), as_of=facts_until())), "source"
        )
    learner = Learner(
        title=title,
        source=source,
        segment=segment,
        estimator=estimator,
        size=size,
        precision=precision,
        with_examples=with_examples,
    )
    with transaction.atomic():
        asking.keep(learner, by=by, verb="learner.create", source=source, examples=len(listed))
        LearnerExample.objects.bulk_create(
            [LearnerExample(learner=learner, customer_id=pk) for pk in listed], batch_size=5_000
        )
    return learner


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


def withdraw_learner(*, learner: Learner, by: User) -> None:
    asking.withdraw(learner, by=by, verb="learner.withdraw")


@dataclass(frozen=True)
class Lesson:
    """What is learned from (`then`, with `examples` among its rows) and who is asked about (`now`), on the
    features of both. `left_out`: those that the examples' segment is defined by; `named`: how many examples
    there are, with those that are not among the rows."""

    learner: Learner
    then: CustomerFeatures
    now: CustomerFeatures
    examples: NDArray[np.bool_]
    keys: list[str]
    left_out: list[str]
    named: int

    @property
    def of_outcome(self) -> bool:
        return self.then is not self.now


@dataclass(frozen=True)
class Chosen:
    """`rows`: which of the customers asked about are in; `curve`: [[share of the ranking, share of examples
    in it]]."""

    rows: NDArray[np.bool_]
    precision: float
    curve: list[list[float]]


def learn_segment(
    *, learner_id: int, as_of: datetime | None = None, seed: int = 0, progress: Progress = silent
) -> SegmentRun:
    """Learn who is like the examples and publish the most alike as a segment.

    An outcome is learned from what was known before the last 90 days and asked about what is known now; a
    list or a segment is learned from what is known now. What a rule asks about is left out: else its
    definition would be learned again, and whoever is not in it found least like it. Raises Refused with too
    few examples, or when they look like everybody else.
    """
    learner = Learner.objects.select_related("segment").get(pk=learner_id)
    as_of = as_of or facts_until()
    progress(0, 4, gettext_noop("Reading orders and visits"))
    lesson = _prepared(learner, as_of)
    progress(1, 4, gettext_noop("Learning from the examples"))
    scaler, learned = _learned(lesson, seed)
    chosen = _choose(lesson, learned)
    progress(3, 4, gettext_noop("Saving and publishing"))
    (run,) = publish([_grouping(lesson, learned, chosen, scaler, seed)], lesson.now, as_of=as_of, seed=seed)
    progress(4, 4)
    return run


def _prepared(learner: Learner, as_of: datetime) -> Lesson:
    now = customer_features(as_of=as_of)
    happened = learner.source not in (Learner.Source.LIST, Learner.Source.SEGMENT)
    then = customer_features(as_of=as_of - WINDOW) if happened else now
    named = example_ids(learner, as_of=as_of)
    examples = np.isin(then.ids, named)
    defining = _defining(learner.segment_id) if learner.source == Learner.Source.SEGMENT else set()
    both = [key for key in now.keys if key in then.keys]
    left_out = [key for key in both if key in defining or (SHARE in defining and key.startswith(SHARE))]
    return Lesson(
        learner, then, now, examples, [key for key in both if key not in left_out], left_out, len(named)
    )


def _defining(segment_id: int | None, seen: frozenset[int | None] = frozenset()) -> set[str]:
    """The features that a segment's rule asks about, itself or through other segments; none of a segment that
    is not by rule. SHARE stands for the shares of all categories."""
    rule = Rule.objects.filter(pk=segment_id).first()
    if rule is None or segment_id in seen:
        return set()
    asked = list(conditions(read_stored(rule.tree)))
    about_products = any(
        one.where or one.field.key == "prediction.category" for one in asked if one.field.key in ABOUT_ORDERS
    )
    found = {SHARE} if about_products else set()
    found |= {key for field in {one.field.key for one in asked} for key in ANSWERED_BY.get(field, {field})}
    found |= {key for family in SAME if family & found for key in family}
    return found.union(*(_defining(other, seen | {segment_id}) for other in rule.asks))


def learn_all(*, progress: Progress = silent) -> dict[str, str]:
    """Learn every segment anew that is not withdrawn."""
    learners = list(Learner.objects.filter(active=True))
    return asking.each(learners, lambda learner: learn_segment(learner_id=learner.pk, progress=progress))


def _table(known: CustomerFeatures, keys: list[str]) -> NDArray[np.float64]:
    return np.column_stack([known.column(key) for key in keys])


def _learned(lesson: Lesson, seed: int) -> tuple[Scaler, Learned]:
    if not lesson.keys:
        raise Refused(_("The rule of this segment asks about every feature: nothing is left to learn from."))
    past = _table(lesson.then, lesson.keys)
    try:
        scaler = Scaler.fit(past, np.array([BY_KEY[key].skewed for key in lesson.keys]))
        points, asked = scaler.transform(past), scaler.transform(_table(lesson.now, lesson.keys))
        learned = learn(points, lesson.examples, asked, estimator=lesson.learner.estimator, seed=seed)
    except ValueError:
        raise _too_few(int(lesson.examples.sum())) from None
    if learned.auc < WORTHLESS:
        raise Refused(
            _(
                "The examples look like everybody else (%.2f, where 0.50 is chance): nothing in the features "
                "tells them apart."
            )
            % (math.floor(100 * learned.auc) / 100)  # rounded up it would reach what is asked for
        )
    return scaler, learned


def _choose(lesson: Lesson, learned: Learned) -> Chosen:
    """The best-ranked candidates: so many, or as many as keep the promised precision on those held out."""
    learner = lesson.learner
    everybody = lesson.of_outcome or learner.with_examples
    candidates = np.ones(len(lesson.now.ids), dtype=bool) if everybody else ~lesson.examples
    shares = np.linspace(1 / CURVE, 1, CURVE)
    curve = learned.precision_at(shares)
    ranked = np.argsort(-learned.scores, kind="stable")
    ranked = ranked[candidates[ranked]]
    likely = learned.probability(learned.scores[ranked])
    wanted = learner.size or _as_many_as_keep(learner.precision or 0, likely)
    rows = np.zeros(len(candidates), dtype=bool)
    rows[ranked[:wanted]] = True
    precision = float(likely[:wanted].mean()) if len(likely) else 0.0
    return Chosen(
        rows,
        precision,
        [[round(float(x), 4), round(float(y), 4)] for x, y in zip(shares, curve, strict=True)],
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


def _grouping(lesson: Lesson, learned: Learned, chosen: Chosen, scaler: Scaler, seed: int) -> Grouping:
    if not chosen.rows.any():
        raise Refused(_("There is nobody to find: every customer is among the examples."))
    learner, keys = lesson.learner, lesson.keys
    values = _table(lesson.now, keys)
    points = scaler.transform(values)
    kept = [keys[column] for column in scaler.kept]
    like = points[chosen.rows].mean(axis=0) - points.mean(axis=0)
    rules = surrogate(values, chosen.rows.astype(np.int64), 2, seed)
    promises = lesson.of_outcome or learner.with_examples or learner.precision is not None
    selection = {
        "auc": learned.auc,
        "precision": chosen.precision,
        "curve": chosen.curve,
        "examples": int(lesson.examples.sum()),
        "base": float(lesson.examples.mean()),
        "promises": promises,
        "left_out": lesson.left_out,
        "named": lesson.named,
    }
    estimator: dict[str, Any] = {
        "keys": keys,
        "kept": kept,
        "scaler": scaler.as_json(),
        "likeness": (learned.importance * np.sign(like)).tolist(),
        "importance": dict(zip(kept, learned.importance.round(5).tolist(), strict=True)),
        "surrogate": rules.as_json(),
    }
    return Grouping(
        Method.LEARNED,
        [learner.topic],
        np.where(chosen.rows, 0, -1),
        estimator,
        selection,
        {},
        topic=learner.topic,
        names={learner.topic: learner.title},
        against_everybody=True,
    )
