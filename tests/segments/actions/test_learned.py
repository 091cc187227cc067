"""Segments learned from examples."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from backoffice.errors import Refused
from profiles.actions.counters import count_everybody
from segments.actions.learned import learn_segment, plan_learned_segment, withdraw_learned_segment
from segments.actions.refresh import refresh_segments
from segments.actions.rules.saving import save_rule
from segments.models import (
    FeatureSnapshot,
    LearnedExample,
    LearnedPlan,
    Membership,
    Method,
    Segment,
    SegmentRun,
)
from segments.presenters.decisive_features import decisive_features
from shop.models import Customer, Product
from tests.planted import TODAY, buy

ESTIMATORS = [LearnedPlan.Estimator.FOREST, LearnedPlan.Estimator.SVM]


def numbers(planted, kind, n):
    return ", ".join(Customer.objects.filter(pk__in=planted[kind][:n]).values_list("external_id", flat=True))


def found(plan) -> set[int]:
    return set(Segment.objects.get(slug=plan.topic).members().values_list("pk", flat=True))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_more_like_these_finds_the_rest_of_the_kind(planted, mara, estimator):
    plan = plan_learned_segment(
        title="Like my best",
        source="list",
        estimator=estimator,
        numbers=numbers(planted, "loyal", 25),
        size=15,
        by=mara,
    )
    run = learn_segment(plan_id=plan.pk, as_of=TODAY)
    assert found(plan) == set(planted["loyal"][25:])
    snapshot = run.snapshots.get()
    assert (run.method, snapshot.size, snapshot.share) == (Method.LEARNED, 15, 15 / 120)
    assert run.learned.auc > 0.7
    monetary = next(row for row in snapshot.profile.features if row.feature == "monetary")
    assert monetary.mean > 2 * monetary.overall


def test_same_examples_and_seed_same_segment(planted, mara):
    plan = plan_learned_segment(
        title="L", source="list", estimator="forest", numbers=numbers(planted, "lost", 20), size=20, by=mara
    )
    first, second = (learn_segment(plan_id=plan.pk, as_of=TODAY) for _ in range(2))
    assert first.estimator == second.estimator
    assert first.learned == second.learned


def test_a_segment_can_be_the_examples_and_stay_in(planted, mara):
    refresh_segments(as_of=TODAY)
    segment = Segment.objects.filter(method=Method.KMEANS, slug__in=["champions", "loyal"]).first()
    members = set(segment.members().values_list("pk", flat=True))
    plan = plan_learned_segment(
        title="With them",
        source="segment",
        segment=segment,
        estimator="forest",
        precision=0.8,
        with_examples=True,
        by=mara,
    )
    run = learn_segment(plan_id=plan.pk, as_of=TODAY)
    assert found(plan) & members
    assert run.learned.precision >= 0.8
    stored = FeatureSnapshot.objects.select_related("run").get(customer_id=planted["loyal"][0])
    reasons = decisive_features(run, dict(zip(stored.run.estimator.features, stored.values, strict=True)), 0)
    assert reasons


def test_what_the_rule_of_the_examples_asks_about_is_left_out(planted, mara):
    """Money decides who is in; orders and items say who is like them without it."""
    count_everybody(as_of=TODAY)
    rich = {
        "all": [
            {"field": "monetary", "op": ">=", "value": 300},
            {"field": "order.count", "op": ">=", "value": 1},
        ]
    }
    inner = save_rule(name="High value", tree=rich, by=mara)
    outer = save_rule(
        name="Of high value", tree={"all": [{"field": "segment", "op": "in", "value": [inner.pk]}]}, by=mara
    )
    for segment in (inner, outer):
        plan = plan_learned_segment(
            title=f"Like {segment.name}",
            source="segment",
            segment=segment,
            estimator="forest",
            size=10,
            with_examples=True,
            by=mara,
        )
        run = learn_segment(plan_id=plan.pk, as_of=TODAY)
        assert run.learned.left_out == ("frequency", "monetary", "average_order_value")
        assert not {"frequency", "monetary", "average_order_value"} & set(run.estimator.keys)
        assert len(found(plan)) == 10


def test_a_rule_about_a_category_is_not_learned_from_what_categories_took(planted, tea, mara):
    lamp = Product.objects.create(sku="LAMP", title="Lamp", category="Lights", price=10, currency="GBP")
    for pk in planted["new"]:
        buy(Customer.objects.get(pk=pk), lamp, TODAY - timedelta(days=2), Decimal(10))
    count_everybody(as_of=TODAY)
    lights = {"field": "order.share", "op": ">=", "value": 0.1, "where": {"category": ["Lights"]}}
    segment = save_rule(name="Lights", tree={"all": [lights]}, by=mara)
    plan = plan_learned_segment(
        title="More", source="segment", segment=segment, estimator="svm", size=10, with_examples=True, by=mara
    )
    run = learn_segment(plan_id=plan.pk, as_of=TODAY)
    assert run.learned.left_out == ("share:Drinks", "share:Lights")


def test_a_learned_segment_takes_no_other_segments_name(planted, mara):
    count_everybody(as_of=TODAY)
    save_rule(name="Rich", tree={"all": [{"field": "monetary", "op": ">=", "value": 300}]}, by=mara)
    with pytest.raises(Refused, match="already") as refusal:
        plan_learned_segment(
            title="rich",
            source="list",
            estimator="svm",
            numbers=numbers(planted, "lost", 20),
            size=20,
            by=mara,
        )
    assert refusal.value.field == "title"


def test_an_outcome_is_learned_from_what_was_known_before_it(planted, tea, mara):
    """Those with many orders use a coupon later: the coupon itself was not known then."""
    for pk in planted["loyal"]:
        buy(Customer.objects.get(pk=pk), tea, TODAY - timedelta(days=20), Decimal(10), coupon="SPRING")
    plan = plan_learned_segment(title="Coupons", source="coupon", estimator="forest", size=40, by=mara)
    run = learn_segment(plan_id=plan.pk, as_of=TODAY)
    assert run.estimator.likeness.importance.get("discount_share", 0) == 0
    assert len(found(plan) & set(planted["loyal"])) > 30


def test_examples_that_look_like_everybody_are_refused(planted, mara):
    mixed = [pk for kind in planted.values() for pk in kind[::5]]
    listed = " ".join(Customer.objects.filter(pk__in=mixed).values_list("external_id", flat=True))
    plan = plan_learned_segment(
        title="Anybody", source="list", estimator="svm", numbers=listed, size=10, by=mara
    )
    with pytest.raises(Refused, match="like everybody else"):
        learn_segment(plan_id=plan.pk, as_of=TODAY)
    assert not Membership.objects.filter(run__method=Method.LEARNED).exists()


def test_a_precision_nobody_can_keep_is_refused(planted, mara):
    listed = numbers(planted, "loyal", 20)
    plan = plan_learned_segment(
        title="Sure", source="list", estimator="forest", numbers=listed, precision=0.99, by=mara
    )
    with pytest.raises(Refused, match="best-ranked are right"):
        learn_segment(plan_id=plan.pk, as_of=TODAY)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"numbers": ""}, "numbers"),
        ({"numbers": "nobody-1 nobody-2"}, "numbers"),
        ({"size": None}, "size"),
        ({"size": 0}, "size"),
        ({"precision": 0.5}, "size"),
        ({"size": None, "precision": 2.0}, "precision"),
        ({"source": "segment"}, "segment"),
        ({"source": "horoscope"}, "source"),
        ({"estimator": "oracle"}, "source"),
    ],
)
def test_wrong_wishes_are_refused_beside_the_field(planted, mara, wrong, field):
    asked = {
        "title": "T",
        "source": "list",
        "estimator": "forest",
        "numbers": numbers(planted, "loyal", 25),
        "size": 5,
    } | wrong
    with pytest.raises(Refused) as refusal:
        plan_learned_segment(**asked, by=mara)
    assert refusal.value.field == field
    assert not LearnedPlan.objects.exists()


def test_too_few_examples_are_refused_before_a_job_starts(planted, mara):
    with pytest.raises(Refused, match="there are 0 examples"):
        plan_learned_segment(title="Coupons", source="coupon", estimator="forest", size=40, by=mara)
    assert not LearnedPlan.objects.exists()


def test_withdrawn_and_forbidden(planted, mara, ines):
    plan = plan_learned_segment(
        title="L", source="list", estimator="forest", numbers=numbers(planted, "lost", 20), size=20, by=mara
    )
    learn_segment(plan_id=plan.pk, as_of=TODAY)
    with pytest.raises(PermissionDenied):
        withdraw_learned_segment(plan=plan, by=ines)
    withdraw_learned_segment(plan=plan, by=mara)
    assert not SegmentRun.objects.in_force().filter(topic=plan.topic).exists()


def test_an_erased_customer_is_no_example_any_more(planted, mara):
    plan = plan_learned_segment(
        title="L", source="list", estimator="forest", numbers=numbers(planted, "lost", 21), size=20, by=mara
    )
    Customer.objects.get(pk=planted["lost"][0]).delete()
    assert LearnedExample.objects.filter(plan=plan).count() == 20
