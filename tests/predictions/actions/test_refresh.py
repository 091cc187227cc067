from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db.models import F, Sum

from backoffice.errors import Refused
from predictions.actions.lifetime import MOST_OFF
from predictions.actions.refresh import Sooner, refresh_predictions
from predictions.actions.training_windows import Foreseen
from predictions.algorithms.purchase import TABLE_ROWS
from predictions.models import Prediction, PredictionKind, PredictionRun, PublishedPrediction
from predictions.presenters import wording as foretelling
from predictions.tasks import refresh as predict
from shop.models import Customer, Event, Order, OrderLine
from tests.planted import TODAY, buy
from tests.shops import seasoned_shop

QUICK = [PredictionKind.LIFETIME, PredictionKind.CATEGORY]


@pytest.fixture
def seasoned(db) -> list[Customer]:
    return seasoned_shop(customers=500, days=360, until=TODAY)


def values_of(kind: str) -> dict[int, float]:
    return dict(Prediction.objects.in_force(kind).values_list("customer", "value"))


def everything() -> bytes:
    rows = (
        Prediction.objects.in_force()
        .order_by("run__kind", "customer")
        .values_list("run__kind", "customer", "value", "choice", "reasons")
    )
    cards = list(PredictionRun.objects.in_force().order_by("kind").values_list("kind", "champion", "card"))
    return repr([list(rows), cards]).encode()


def test_everybody_gets_a_probability_with_reasons(seasoned):
    (run,) = refresh_predictions(as_of=TODAY, kinds=["buys_30"])
    assert not run.refused
    said = Prediction.objects.in_force("buys_30")
    assert said.count() == run.customers == len(seasoned)
    assert run.card["total"] == pytest.approx(sum(one.value for one in said))
    assert all(0 < one.value < 1 and len(one.reasons) % 3 == 0 and one.reasons for one in said)
    row = next(row for row in run.card["candidates"] if row["name"] == run.champion)
    assert row["interval"][0] > 0.6
    assert {(group["trait"], group["name"]) for group in run.card["fairness"]} >= {
        ("gender", "women"),
        ("country", "GB"),
    }
    assert (
        sum(group["customers"] for group in run.card["fairness"] if group["trait"] == "gender")
        == run.card["rows"]["test"]
    )
    assert not {"age", "female", "income"} & set(run.card["features"])


def test_stopping_is_asked_of_those_who_bought_lately(seasoned):
    (run,) = refresh_predictions(as_of=TODAY, kinds=["churn"])
    said, latest = values_of("churn"), {}
    for customer, placed in Customer.objects.filter(orders__isnull=False).values_list(
        "pk", "orders__placed_at"
    ):
        latest[customer] = max(placed, latest.get(customer, placed))
    assert set(said) == {
        pk for pk, placed in latest.items() if TODAY - placed < timedelta(days=run.horizon_days)
    }
    silent = {pk: (TODAY - latest[pk]).days for pk in said}
    middle = np.median(list(silent.values()))
    long_silent = [said[pk] for pk in said if silent[pk] > middle]
    assert np.mean(long_silent) > np.mean([said[pk] for pk in said if silent[pk] <= middle])


def test_a_longer_time_is_never_less_likely(seasoned):
    refresh_predictions(as_of=TODAY, kinds=["buys_7", "buys_30", "buys_90"])
    week, month, quarter = (values_of(kind) for kind in ("buys_7", "buys_30", "buys_90"))
    assert set(week) == set(month) == set(quarter)
    assert all(week[pk] < month[pk] < quarter[pk] for pk in week)


def test_a_longer_time_leaves_at_least_a_tenth_of_the_pace():
    def foreseen(kind, days, values):
        return Foreseen(
            kind,
            days,
            "rfm",
            {},
            np.arange(4),
            lambda part: (values[part], np.zeros(4, np.int64), np.zeros((4, 0))),
        )

    sooner, said = Sooner(), []
    for kind, days, values in (
        ("buys_7", 7, [0.63, 0.5, 0.0, 0.01]),
        ("buys_30", 30, [0.63, 0.9, 0.0, 0.009]),
        ("buys_90", 90, [0.2, 0.9, 0.0, 0.3]),
    ):
        found = foreseen(kind, days, np.array(values))
        sooner.begin(found)
        said.append(sooner.agreed(found, slice(None), np.array(values)))
    week, month, quarter = said
    assert month[0] == pytest.approx(1 - 0.37 ** (1 + 0.1 * 23 / 7))
    assert week[0] < month[0] < quarter[0] < 1
    assert (month[1], quarter[3]) == (0.9, 0.3)  # what is well above stays as it is
    assert quarter[1] > month[1]
    assert (week[2], month[2], quarter[2]) == (0, 0, 0)
    stops = Foreseen(
        "churn",
        120,
        "boosting",
        {},
        np.array([2, 3, 9]),
        lambda part: (np.zeros(0), np.zeros(0), np.zeros(0)),
    )
    sooner.begin(stops)
    assert sooner.agreed(stops, slice(None), np.array([0.4, 0.9, 0.9])) == pytest.approx(
        [0.4, 0.7 ** (1 + 0.1 * 30 / 90), 0.9]
    )


def test_nobody_is_said_to_stop_and_to_buy(seasoned):
    refresh_predictions(as_of=TODAY, kinds=["buys_7", "buys_30", "buys_90", "churn"])
    days = PredictionRun.objects.published("churn").horizon_days
    shorter = values_of("buys_90" if days >= 90 else "buys_30")
    stops = values_of("churn")
    assert stops
    assert all(value + shorter[pk] <= 1 + 1e-9 for pk, value in stops.items())
    lowered = [one for one in Prediction.objects.in_force("churn") if -2 in one.reasons[::3]]
    for one in lowered:
        learned = one.value - one.reasons[1::3][one.reasons[::3].index(-2)]
        assert learned >= one.value


def test_what_customers_are_worth(seasoned):
    (run,) = refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    assert (run.refused, run.currency, run.horizon_days) == (False, "GBP", 365)
    assert run.card["test"]["mae"] < run.card["test"]["mae_none"]
    women, men = (row for row in run.card["fairness"] if row["trait"] == "gender")
    came = women["customers"] * women["observed"] + men["customers"] * men["observed"]
    assert came == pytest.approx(run.card["test"]["money_came"])
    one = Prediction.objects.in_force("lifetime").order_by("-value").first()
    usual = one.value - sum(one.reasons[1:-3:3])
    other = Prediction.objects.in_force("lifetime").order_by("value").first()
    assert other.value - sum(other.reasons[1:-3:3]) == pytest.approx(
        usual
    )  # both are measured from the same usual customer
    assert (one.reasons[-3], one.reasons[-2]) == (-1, pytest.approx(usual))
    assert np.prod(one.reasons[2:-3:3]) == pytest.approx(one.value)
    assert foretelling.reasons(one)[-1].startswith("The usual customer has £")


def test_the_money_foretold_is_judged_and_gamma_gamma_is_in_use_where_it_holds(seasoned):
    (run,) = refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    test = run.card["test"]
    assert run.champion == run.card["tested"]
    assert 1 / MOST_OFF < test["money"] / test["money_came"] < MOST_OFF or (
        abs(np.log(test["money"] / test["money_came"]))
        < abs(np.log(test["money_again"] / test["money_came"]))
    )
    assert test["money_mae"] < test["money_mae_again"] * 1.2


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
    assert run.card["tried"][0]["doubts"]["why"] == "tail"
    assert run.card["tried"][0]["money"] > 1e9  # what was said before
    total = float(OrderLine.objects.aggregate(all=Sum("amount"))["all"])
    assert 0.3 * total < run.card["total"] < 2 * total
    assert max(values_of("lifetime").values()) < 10_000


def test_money_that_did_not_come_is_refused_with_both_sums(db, tea):
    """What was bought in the latest third costs a twentieth: nothing learned before could know."""
    seasoned_shop(customers=500, days=360, until=TODAY)
    late = OrderLine.objects.filter(order__placed_at__gte=TODAY - timedelta(days=120))
    late.update(unit_price=F("unit_price") / 20)
    (run,) = refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    test = run.card["test"]
    assert test["money"] > MOST_OFF * test["money_came"]
    if run.refused:
        assert run.card["refused"] == {"why": "money", "needed": test["money_came"], "found": test["money"]}
    assert (
        abs(test["money_again"] - test["money_came"]) < abs(test["money"] - test["money_came"])
        or not run.refused
    )


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


def test_the_next_category_is_named(seasoned):
    (run,) = refresh_predictions(as_of=TODAY, kinds=["category"])
    assert not run.refused
    best = Prediction.objects.in_force("category").order_by("-value").first()
    assert run.card["categories"][best.choice - 1] in {"Coffee", "Tea", "Cups"}
    assert best.value == pytest.approx(best.reasons[1] + best.reasons[-2])
    assert re.fullmatch(r"The usual customer has \d+%", foretelling.reasons(best)[-1])
    rows = {row["name"]: row["accuracy"] for row in run.card["candidates"]}
    assert rows["favourite"] > rows["popular"]
    champion = next(row for row in run.card["candidates"] if row["name"] == run.champion)
    countries = [row for row in run.card["fairness"] if row["trait"] == "country"]
    assert sum(row["customers"] * row["observed"] for row in countries) == pytest.approx(
        champion["accuracy"] * run.card["rows"]["test"]
    )


def test_the_same_facts_and_seed_give_the_same(seasoned):
    refresh_predictions(as_of=TODAY, kinds=QUICK)
    first = everything()
    refresh_predictions(as_of=TODAY, kinds=QUICK)
    assert everything() == first


def test_what_happens_later_changes_nothing(seasoned, tea):
    refresh_predictions(as_of=TODAY, kinds=QUICK)
    before = everything()
    buy(seasoned[0], tea, TODAY + timedelta(hours=1), Decimal(900))
    Event.objects.create(
        customer=seasoned[1], kind="view", occurred_at=TODAY + timedelta(days=1), session_id="x"
    )
    refresh_predictions(as_of=TODAY, kinds=QUICK)
    assert everything() == before


def test_too_few_buyers_are_counted_not_learned_from(planted):
    runs = {run.kind: run for run in refresh_predictions(as_of=TODAY)}
    assert set(runs) == {
        "lifetime",
        "buys_7",
        "buys_30",
        "buys_90",
        "churn",
    }  # one category leaves nothing to choose
    assert all(
        run.refused and run.champion == ("last_year" if kind == "lifetime" else "table")
        for kind, run in runs.items()
    )
    assert runs["buys_30"].card["refused"] == {"why": "buyers", "needed": 200, "found": 120}
    said = values_of("buys_30")
    assert len(said) == 120
    assert np.mean([said[pk] for pk in planted["loyal"]]) > np.mean([said[pk] for pk in planted["lost"]])
    for one in Prediction.objects.in_force():
        assert foretelling.reasons(one), one.run.kind
    one = Prediction.objects.in_force("buys_30").order_by("-value").first()
    cell = runs["buys_30"].card["table"][int(one.reasons[0])]
    assert foretelling.reasons(one)[0].startswith(f"Of {cell['customers']} earlier cases with ")
    assert "ordered within 30 days" in foretelling.reasons(one)[0]


def test_a_fallback_has_the_share_of_the_latest_time(planted):
    for run in refresh_predictions(as_of=TODAY, kinds=["buys_30", "churn"]):
        latest = run.card["windows"][-1]
        counted = [sum(cell[key] for cell in run.card["table"]) for key in ("positives", "customers")]
        if latest["customers"] >= TABLE_ROWS:
            assert counted == [latest["positives"], latest["customers"]]
        assert run.card["mean"] == pytest.approx(counted[0] / counted[1], abs=0.15)


def test_probabilities_that_did_not_come_true_are_refused_with_the_points(seasoned, monkeypatch):
    monkeypatch.setattr("predictions.algorithms.metrics.most_off", lambda outcome: 0.0001)
    (run,) = refresh_predictions(as_of=TODAY, kinds=["buys_30"])
    assert (run.champion, run.card["refused"]["why"]) == ("table", "calibration")
    champion = next(row for row in run.card["candidates"] if row["name"] == run.card["champion"])
    assert run.card["refused"]["found"] == champion["ece"]
    assert "off by" in foretelling.refusal(run)
    assert run.card["mean"] == pytest.approx(run.card["rate"], abs=0.06)


def test_a_short_history_is_refused_with_the_days_it_needs(db):
    seasoned_shop(customers=400, days=100, until=TODAY)
    (run,) = refresh_predictions(as_of=TODAY, kinds=["buys_30"])
    assert run.card["refused"] == {"why": "history", "needed": 120, "found": 100}
    assert values_of("buys_30")


def test_too_few_outcomes_are_refused(db, tea):
    people = Customer.objects.bulk_create(
        [Customer(external_id=f"x{i}", created_at=TODAY - timedelta(days=300)) for i in range(210)]
    )
    for i, person in enumerate(people):
        buy(person, tea, TODAY - timedelta(days=300 - i / 10), Decimal(10))
    buy(people[0], tea, TODAY - timedelta(days=3), Decimal(10))
    (run,) = refresh_predictions(as_of=TODAY, kinds=["buys_30"])
    assert (run.card["refused"]["why"], run.card["refused"]["found"]) == ("outcomes", 0)


def test_an_empty_shop_is_told_what_to_do(db):
    with pytest.raises(Refused, match="import orders"):
        refresh_predictions(as_of=TODAY)
    assert not PredictionRun.objects.exists()


def test_a_crash_leaves_yesterdays_in_force(seasoned, monkeypatch):
    (before,) = refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    monkeypatch.setattr(PublishedPrediction, "point_to", lambda run: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    assert PredictionRun.objects.published("lifetime") == before
    assert PredictionRun.objects.count() == 1


def test_values_of_old_runs_are_forgotten_and_cards_stay(seasoned, monkeypatch):
    monkeypatch.setattr("predictions.actions.refresh.RUNS_KEPT", 1)
    for _ in range(3):
        refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    assert PredictionRun.objects.count() == 3
    assert Prediction.objects.values("run").distinct().count() == 1


def test_erasing_a_customer_erases_what_was_predicted(seasoned):
    refresh_predictions(as_of=TODAY, kinds=["lifetime"])
    seasoned[0].delete()
    assert Prediction.objects.count() == len(seasoned) - 1


def test_the_job_reports_how_many(seasoned):
    told = []
    result = predict(
        lambda done, total=None, step="": told.append((done, total)), kinds=["lifetime"], as_of=TODAY
    )
    assert result == {"Value in the next 12 months": len(seasoned)}
    assert told[-1][0] == told[-1][1]
