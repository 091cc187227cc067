"""Grouping customers another way, through the ordinary actions."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from sklearn.metrics import adjusted_rand_score

from backoffice.errors import Refused
from backoffice.models import AuditEntry
from intake.actions.imports import import_file, map_columns, settle_reading, take_file
from profiles.datasets.features import all_features
from segments.actions.groupings import group_all, group_customers, plan_grouping, withdraw_grouping
from segments.actions.refresh import refresh_segments
from segments.models import FeatureSnapshot, Membership, Method, Segment, SegmentRun, SegmentSnapshot
from segments.presenters.decisive_features import certainty, decisive_features
from segments.presenters.wording import describe
from shop.models import Customer, Product
from tests.factories import GroupingPlanFactory
from tests.planted import TODAY, buy

BUYING = ["recency", "frequency", "monetary", "tenure"]


def members(slug_part: str = "") -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for name, customer in (
        Membership.objects.in_force()
        .filter(segment__slug__contains=slug_part)
        .values_list("segment__slug", "customer_id")
    ):
        found.setdefault(name, set()).add(customer)
    return found


@pytest.mark.parametrize("method", [Method.KMEANS, Method.MIXTURE, Method.FACTORS])
def test_planted_kinds_come_out_by_every_method(planted, mara, method):
    plan = plan_grouping(title="By buying", method=method, features=BUYING, groups=3, by=mara)
    run = group_customers(plan_id=plan.pk, as_of=TODAY)
    assert (run.method, run.topic, run.customers) == (method, "by-buying", 120)
    kind_of = {pk: kind for kind, ids in planted.items() for pk in ids}
    rows = Membership.objects.filter(run=run).values_list("customer_id", "segment_id")
    assert adjusted_rand_score([kind_of[pk] for pk, _ in rows], [segment for _, segment in rows]) > 0.95
    assert AuditEntry.objects.get(verb="grouping.create").details["features"] == BUYING


def test_the_groups_stay_the_same_until_somebody_asks_for_new_ones(planted, mara):
    plan = plan_grouping(title="By buying", method=Method.MIXTURE, features=BUYING, groups=None, by=mara)
    first = group_customers(plan_id=plan.pk, as_of=TODAY)
    again = group_customers(plan_id=plan.pk, as_of=TODAY)
    assert again.estimator == first.estimator
    assert list(first.snapshots.order_by("position").values_list("segment", "size", "reasons")) == list(
        again.snapshots.order_by("position").values_list("segment", "size", "reasons")
    )
    anew = group_customers(plan_id=plan.pk, as_of=TODAY, fresh=True)
    assert anew.estimator == first.estimator  # same facts and seed, same bytes


def test_another_grouping_leaves_the_nightly_one_alone(planted, mara):
    nightly, _rfm = refresh_segments(as_of=TODAY)
    plan = plan_grouping(title="By buying", method=Method.KMEANS, features=BUYING, groups=2, by=mara)
    group_customers(plan_id=plan.pk, as_of=TODAY)
    assert set(SegmentSnapshot.objects.in_force(Method.KMEANS).values_list("run", flat=True)) == {nightly.pk}
    assert SegmentSnapshot.objects.in_force(Method.KMEANS, plan.topic).count() == 2
    assert FeatureSnapshot.objects.count() == 120


def test_a_customers_reasons_come_from_the_chosen_features(planted, mara):
    refresh_segments(as_of=TODAY)
    stored = FeatureSnapshot.objects.select_related("run").get(customer_id=planted["lost"][0])
    own = dict(zip(stored.run.estimator.features, stored.values, strict=True))
    for method in (Method.KMEANS, Method.MIXTURE, Method.FACTORS):
        plan = plan_grouping(
            title=f"Who {method}",
            method=method,
            features=["recency", "frequency", "monetary"],
            groups=3,
            by=mara,
        )
        run = group_customers(plan_id=plan.pk, as_of=TODAY)
        reasons = decisive_features(run, own, 0)
        assert reasons
        assert set(reasons) <= {"recency", "frequency", "monetary"}
        sure = certainty(run, own)
        assert (sure is not None and sure > 0.9) if method == Method.MIXTURE else sure is None


def test_groups_of_a_grouping_carry_its_name_and_stand_behind_the_nightly_ones(planted, mara, as_user):
    refresh_segments(as_of=TODAY)
    long = "A grouping with a name so long that it does not fit beside"
    for title in ("First", long):
        plan = plan_grouping(title=title, method=Method.KMEANS, features=BUYING, groups=2, by=mara)
        group_customers(plan_id=plan.pk, as_of=TODAY)
    Segment.objects.filter(slug__startswith="first--").update(name_key="Champions")  # as it was once called
    group_all()
    sections = as_user(mara).get(reverse("segments:gallery"), {"method": "kmeans"}).context["sections"]
    labels = [label for label, _shown in sections]
    assert labels[0] == "Behaviour groups (k-means)"
    assert sorted(labels[1:]) == sorted(f"{title} · Behaviour groups (k-means)" for title in ("First", long))
    names = {label.partition(" · ")[0]: [one.segment.name for one in shown] for label, shown in sections}
    assert all(name.startswith("First: ") for name in names["First"])
    assert all(name.startswith("A grouping with a name so long") for name in names[long])


def test_a_groups_reasons_come_from_the_features_it_was_found_by(planted, mara):
    plan = plan_grouping(
        title="How often", method=Method.KMEANS, features=["frequency", "tenure"], groups=3, by=mara
    )
    run = group_customers(plan_id=plan.pk, as_of=TODAY)
    for snapshot in run.snapshots.all():
        assert 1 <= len(snapshot.reasons) <= 2
        assert set(snapshot.reasons) <= {"frequency", "tenure"}


def test_what_a_category_takes_is_a_feature_that_groups_can_be_made_of(planted, mara):
    lamp = Product.objects.create(sku="LAMP", title="Lamp", category="Lights", price=10, currency="GBP")
    for pk in planted["new"]:
        buy(Customer.objects.get(pk=pk), lamp, TODAY - timedelta(days=2), Decimal(400))
    refresh_segments(as_of=TODAY)
    assert {"share:Drinks", "share:Lights"} < {feature.key for feature in all_features()}
    plan = plan_grouping(
        title="By taste", method=Method.KMEANS, features=["share:Lights", "frequency"], groups=3, by=mara
    )
    group_customers(plan_id=plan.pk, as_of=TODAY)
    assert set(planted["new"]) in members("by-taste").values()
    Product.objects.filter(pk=lamp.pk).update(category="")
    with pytest.raises(Refused, match="largest categories"):
        group_customers(plan_id=plan.pk, as_of=TODAY)


def test_a_withdrawn_grouping_is_out_of_force_and_not_refreshed(planted, mara):
    plan = plan_grouping(title="By buying", method=Method.KMEANS, features=BUYING, groups=2, by=mara)
    group_customers(plan_id=plan.pk, as_of=TODAY)
    withdraw_grouping(plan=plan, by=mara)
    assert not SegmentRun.objects.in_force().filter(topic=plan.topic).exists()
    assert group_all() == {}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"features": ["recency"]}, "features"),
        ({"features": ["recency", "shoe size"]}, "features"),
        ({"groups": 1}, "groups"),
        ({"groups": 11}, "groups"),
        ({"method": "rfm"}, "method"),
        ({"title": " "}, "title"),
    ],
)
def test_wrong_plans_are_refused_beside_the_field(mara, wrong, field):
    asked = {"title": "T", "method": "kmeans", "features": BUYING, "groups": 3} | wrong
    with pytest.raises(Refused) as refusal:
        plan_grouping(**asked, by=mara)
    assert refusal.value.field == field


def test_an_analyst_may_not_plan(ines):
    with pytest.raises(PermissionDenied):
        plan_grouping(title="T", method="kmeans", features=BUYING, groups=3, by=ines)


def test_too_few_and_too_alike_are_refused_in_words(tea, mara):
    with pytest.raises(Refused, match="at least 20"):  # before anybody waits for a job
        plan_grouping(title="T", method="kmeans", features=["age", "female"], groups=3, by=mara)
    plan = GroupingPlanFactory(title="T")  # of a shop that had more
    assert "at least 20 customers" in group_all()["T"]
    with pytest.raises(Refused, match="at least 20"):
        group_customers(plan_id=plan.pk, as_of=TODAY)


def test_features_that_nobody_has_are_refused(planted, mara):
    plan = plan_grouping(title="T", method="kmeans", features=["age", "female"], groups=3, by=mara)
    with pytest.raises(Refused, match="differ too little"):
        group_customers(plan_id=plan.pk, as_of=TODAY)


def test_groups_that_no_word_fits_are_called_by_what_sets_them_apart(planted, mara):
    for members in planted.values():
        for first, income in enumerate(("low", "middle", "high")):  # whoever buys how
            Customer.objects.filter(pk__in=members[first::3]).update(attributes={"income": income})
    plan = plan_grouping(title="T", method="kmeans", features=["income", "return_rate"], groups=3, by=mara)
    run = group_customers(plan_id=plan.pk, as_of=TODAY)
    names = {one.segment.short_name for one in run.snapshots.select_related("segment")}
    assert names == {"Income level low", "Steady middle", "Income level high"}


# -- the textbook case ---------------------------------------------------------------------------------------

# age, its spread, share of women, orders a year, amount of an order
TEXTBOOK = {
    "young": (24, 3, 0.97, 24, 12.0),
    "middle": (45, 3, 0.03, 8, 200.0),
    "older": (66, 3, 0.6, 2, 1400.0),
}


def files(folder: Path, *, structured: bool) -> tuple[Path, Path, dict[str, str]]:
    """A list of customers and a list of orders of 180 people; without structure everything is shuffled among
    them."""
    random = np.random.default_rng(12)
    kinds = [kind for kind in TEXTBOOK for _ in range(60)]
    people = []
    for kind in kinds:
        age, spread, women, orders, amount = TEXTBOOK[kind]
        people.append(
            [
                round(random.normal(age, spread)),
                "female" if random.random() < women else "male",
                max(1, random.poisson(orders)),
                amount * random.uniform(0.85, 1.15),
            ]
        )
    if not structured:
        shuffled = [
            random.permutation(np.array(column, dtype=object)) for column in zip(*people, strict=True)
        ]
        people = [list(row) for row in zip(*shuffled, strict=True)]
    customers, orders = folder / "people.csv", folder / "orders.csv"
    with customers.open("w", newline="") as one, orders.open("w", newline="") as other:
        register, sales = csv.writer(one), csv.writer(other)
        register.writerow(["Customer number", "Age", "Gender"])
        sales.writerow(
            ["Order number", "Order date", "Customer number", "SKU", "Quantity", "Unit price", "Currency"]
        )
        for i, (age, gender, count, amount) in enumerate(people):
            register.writerow([f"P{i:03d}", age, gender])
            for n in range(count):
                day = datetime(2025, 6, 1) + timedelta(days=int(random.integers(0, 360)))
                sales.writerow(
                    [f"O{i}-{n}", day.date().isoformat(), f"P{i:03d}", "THING", 1, f"{amount:.2f}", "GBP"]
                )
    return customers, orders, {f"P{i:03d}": kind for i, kind in enumerate(kinds)}


def bring_in(customers: Path, orders: Path, mara) -> None:
    with orders.open("rb") as file:
        one = take_file(file=file, filename="orders.csv", by=mara)
    settle_reading(file_import=one, reading=map_columns(one, {}), by=mara)
    import_file(import_id=one.pk)
    with customers.open("rb") as file:
        two = take_file(file=file, filename="people.csv", by=mara, format="customers")
    import_file(import_id=two.pk)


def textbook_groups(tmp_path, mara, settings, *, structured: bool) -> tuple[dict[str, str], dict[str, str]]:
    """(name of the group of each customer, planted kind of each)."""
    settings.MEDIA_ROOT = tmp_path
    customers, orders, kinds = files(tmp_path, structured=structured)
    bring_in(customers, orders, mara)
    plan = plan_grouping(
        title="Who buys what",
        method=Method.KMEANS,
        features=["age", "female", "frequency", "monetary"],
        groups=None,
        by=mara,
    )
    run = group_customers(plan_id=plan.pk)
    names = {segment.pk: segment.short_name for segment in Segment.objects.all()}
    rows = Membership.objects.filter(run=run).values_list("customer__external_id", "segment_id")
    return {number: names[segment] for number, segment in rows}, kinds


def test_the_textbook_case(tmp_path, mara, settings):
    found, kinds = textbook_groups(tmp_path, mara, settings, structured=True)
    young = Segment.objects.get(name_key__endswith="::young|frequent|low-value|women")
    assert young.name == "Who buys what: Young frequent low-value women"
    assert describe(young) == "Against the other groups: younger, more orders, less money, mostly women."
    assert Customer.objects.count() == 180
    assert set(found.values()) == {
        "Young frequent low-value women",
        "Mid-age mid-frequency high-value men",
        "Older rare high-value buyers",
    }
    assert adjusted_rand_score([kinds[number] for number in found], list(found.values())) > 0.9
    names = {
        kind: Counter(name for number, name in found.items() if kinds[number] == kind) for kind in TEXTBOOK
    }
    usual = {kind: counted.most_common(1)[0][0] for kind, counted in names.items()}
    assert usual == {
        "young": "Young frequent low-value women",
        "middle": "Mid-age mid-frequency high-value men",
        "older": "Older rare high-value buyers",
    }


def test_without_the_structure_the_words_do_not_appear(tmp_path, mara, settings):
    found, _kinds = textbook_groups(tmp_path, mara, settings, structured=False)
    assert not {
        "Young frequent low-value women",
        "Mid-age mid-frequency high-value men",
        "Older rare high-value buyers",
    } & set(found.values())
