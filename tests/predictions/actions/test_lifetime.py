from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db.models import F, Sum

from backoffice.errors import Refused
from predictions.actions.lifetime import MOST_OFF, SIMPLE
from predictions.actions.refresh import refresh_predictions
from predictions.algorithms.reasons import decode
from predictions.cards import Refusal
from predictions.models import Prediction
from predictions.presenters.reasons import reasons
from shop.models import Customer, Order, OrderLine
from tests.planted import TODAY, buy
from tests.shops import seasoned_shop


def values_of(kind: str) -> dict[int, float]:
    return dict(Prediction.objects.in_force(kind).values_list("customer", "value"))


def test_what_customers_are_worth(seasoned):
    (run,) = refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    assert (run.refused, run.currency, run.horizon_days) == (False, "GBP", 90)
    test = run.card.lifetime.test
    assert test.days == run.horizon_days, "promised is what was tested"
    women, men = (group for group in run.card.fairness if group.trait == "gender")
    observed = women.customers * women.observed + men.customers * men.observed
    assert observed == pytest.approx(test.money_observed)
    best = Prediction.objects.in_force("lifetime").order_by("-value").first()
    least = Prediction.objects.in_force("lifetime").order_by("value").first()
    why = decode(best.reasons)
    assert best.value == pytest.approx(why.typical + sum(part.amount for part in why.contributions))
    assert decode(least.reasons).typical == pytest.approx(why.typical), "all are measured from one customer"
    assert reasons(best)[-1].startswith("The typical customer has £")


def test_the_predicted_money_is_tested_and_the_method_in_force_is_the_tested_one(seasoned):
    (run,) = refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    test = run.card.lifetime.test
    assert run.champion == run.card.tested
    assert 1 / MOST_OFF < test.money_predicted / test.money_observed < MOST_OFF
    methods = {row.name: row for row in run.card.lifetime.methods}
    simple = max(methods[name].correlation or 0 for name in SIMPLE)
    assert methods[run.champion].correlation >= simple
    assert run.card.total == pytest.approx(sum(values_of("lifetime").values()))


def textbook(tea, amounts: tuple[tuple[int, int, float], ...]) -> None:
    """A hundred customers of each kind: from, to orders, and what each costs, within 360 days."""
    random = np.random.default_rng(5)
    people = Customer.objects.bulk_create(
        [
            Customer(external_id=f"T{i}", created_at=TODAY - timedelta(days=400))
            for i in range(100 * len(amounts))
        ]
    )
    orders, prices = [], []
    for i, person in enumerate(people):
        low, high, price = amounts[i % len(amounts)]
        price = round(price * random.normal(1, 0.12), 2)
        for _ in range(random.integers(low, high + 1)):
            at = TODAY - timedelta(days=float(random.uniform(1, 360)))
            orders.append(Order(number=f"T{len(orders)}", customer=person, placed_at=at, currency="GBP"))
            prices.append(Decimal(str(price)))
    OrderLine.objects.bulk_create(
        [
            OrderLine(order=order, product=tea, key="1", quantity=1, unit_price=price)
            for order, price in zip(Order.objects.bulk_create(orders), prices, strict=True)
        ]
    )


def test_three_kinds_of_spending_do_not_make_trillions(db, tea):
    textbook(tea, ((18, 26, 12), (8, 12, 150), (1, 3, 700)))
    (run,) = refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    gamma = next(row for row in run.card.lifetime.methods if row.name == "bgnbd_gamma")
    assert gamma.doubt.reason == "tail"
    assert run.champion != "bgnbd_gamma"
    total = float(OrderLine.objects.aggregate(all=Sum("amount"))["all"])
    part = run.horizon_days / 360
    assert 0.5 * total * part < run.card.total < 2 * total * part
    assert max(values_of("lifetime").values()) < 10_000


def test_money_that_was_not_spent_is_refused_with_both_sums(db, tea):
    """What was bought in the latest third costs a twentieth: nothing learned before could know."""
    seasoned_shop(customers=500, days=360, until=TODAY)
    late = OrderLine.objects.filter(order__placed_at__gte=TODAY - timedelta(days=90))
    late.update(unit_price=F("unit_price") / 20)
    (run,) = refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    test = run.card.lifetime.test
    assert test.money_predicted > MOST_OFF * test.money_observed
    assert run.card.refused == Refusal("money", test.money_observed, test.money_predicted)
    assert run.champion == "repeat_rate"


def one_order_each(tea, people: int, days: int) -> None:
    """`people` who bought once, one after the other, in the last so many `days`."""
    customers = Customer.objects.bulk_create(
        [Customer(external_id=f"O{i}", created_at=TODAY - timedelta(days=900)) for i in range(people)]
    )
    orders = Order.objects.bulk_create(
        [
            Order(
                number=f"O{i}",
                customer=person,
                placed_at=TODAY - timedelta(days=1 + days * i / people),
                currency="GBP",
            )
            for i, person in enumerate(customers)
        ]
    )
    OrderLine.objects.bulk_create(
        [OrderLine(order=order, product=tea, key="1", quantity=1, unit_price=Decimal(43)) for order in orders]
    )


def test_where_nobody_came_back_the_fallback_says_what_the_other_cards_say(tea):
    one_order_each(tea, 600, 700)
    lifetime, buys = refresh_predictions(as_of=TODAY, kinds=["lifetime", "buys_90"])
    assert lifetime.card.refused.reason == "repeaters"
    assert lifetime.card.total < 43 * 3, "less than three orders of all, not 600"
    assert buys.card.total < 3
    by_age = [value for _pk, value in sorted(values_of("lifetime").items())]
    assert by_age == sorted(by_age, reverse=True), "the longer silent, the less"
    assert min(by_age) > 0
    best = Prediction.objects.in_force("lifetime").order_by("-value").first()
    assert "as others came back" in reasons(best)[0]


def test_customers_who_all_came_today_are_refused_in_words(tea):
    one_order_each(tea, 250, 0)
    Order.objects.update(placed_at=TODAY + timedelta(hours=1))
    with pytest.raises(Refused, match="nothing to learn from"):
        refresh_predictions(as_of=TODAY + timedelta(hours=9), kinds=["lifetime"])


def test_one_giant_order_moves_nobody_elses_value(seasoned, tea):
    refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    before = values_of("lifetime")
    buy(seasoned[0], tea, TODAY - timedelta(days=150), Decimal(500_000))
    refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    after = values_of("lifetime")
    others = [pk for pk in before if pk != seasoned[0].pk]
    assert np.sum([after[pk] for pk in others]) == pytest.approx(
        np.sum([before[pk] for pk in others]), rel=0.1
    )
