from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from predictions.algorithms.lifetime import (
    BetaGeometricNBD,
    CredibleMean,
    GammaGamma,
    NotEnoughError,
    correlation,
    decompose,
    doubt,
)
from tests.predictions.cdnow import later_purchases, summary

Buyers = tuple[np.ndarray, np.ndarray, np.ndarray]
FEW = (np.array([0.0, 2, 5]), np.array([0.0, 20, 35]), np.array([30.0, 38, 39]))


def simulated(n: int, r: float, alpha: float, a: float, b: float) -> Buyers:
    """Purchases drawn from the assumptions themselves."""
    random = np.random.default_rng(3)
    rate, stops, age = random.gamma(r, 1 / alpha, n), random.beta(a, b, n), random.uniform(30, 80, n)
    frequency, recency, now, alive = np.zeros(n), np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    while alive.any():
        now = now + random.exponential(1 / rate)
        alive &= now <= age
        frequency[alive] += 1
        recency[alive] = now[alive]
        alive &= random.random(n) >= stops
    return frequency, recency, age


@pytest.mark.data
def test_the_published_parameters(shared_data: Path):
    known = summary(shared_data / "cdnow_sample.txt", until="1997-09-30")
    found = BetaGeometricNBD().fit(known.frequency, known.recency, known.age)
    assert [found.r_, found.alpha_, found.a_, found.b_] == pytest.approx(
        [0.243, 4.414, 0.793, 2.426], abs=5e-4
    )
    assert found.log_likelihood_ == pytest.approx(-9582.43, abs=0.01)
    money = GammaGamma().fit(known.frequency, known.value)
    assert [money.p_, money.q_, money.v_] == pytest.approx([6.250, 3.744, 15.444], abs=5e-4)
    assert not doubt(money, known.frequency, known.value)


@pytest.mark.data
def test_the_hold_out_is_foretold(shared_data: Path):
    path = shared_data / "cdnow_sample.txt"
    known = summary(path, until="1997-09-30")
    found = BetaGeometricNBD().fit(known.frequency, known.recency, known.age)
    expected = found.expected_purchases(39, known.frequency, known.recency, known.age)
    assert np.abs(expected - later_purchases(path, known, after="1997-09-30")).mean() <= 0.79


def test_parameters_come_back_from_simulated_purchases():
    found = BetaGeometricNBD().fit(*simulated(30_000, 0.6, 6.0, 0.8, 2.5))
    assert [found.r_, found.alpha_, found.a_, found.b_] == pytest.approx([0.6, 6.0, 0.8, 2.5], rel=0.12)


def test_the_unit_of_time_does_not_matter():
    frequency, recency, age = simulated(3000, 0.6, 6.0, 0.8, 2.5)
    weeks = BetaGeometricNBD().fit(frequency, recency, age)
    days = BetaGeometricNBD().fit(frequency, recency * 7, age * 7)
    assert days.alpha_ == pytest.approx(weeks.alpha_ * 7, rel=1e-3)
    assert days.expected_purchases(70, frequency, recency * 7, age * 7) == pytest.approx(
        weeks.expected_purchases(10, frequency, recency, age), rel=1e-3
    )


def test_the_order_of_customers_does_not_matter():
    frequency, recency, age = simulated(2000, 0.6, 6.0, 0.8, 2.5)
    first = BetaGeometricNBD().fit(frequency, recency, age)
    second = BetaGeometricNBD().fit(frequency[::-1], recency[::-1], age[::-1])
    assert (first.r_, first.alpha_, first.a_, first.b_) == (second.r_, second.alpha_, second.a_, second.b_)


def test_the_unit_of_money_does_not_matter():
    random = np.random.default_rng(0)
    frequency = random.integers(1, 9, 2000).astype(float)
    value = random.gamma(6 * frequency, 1 / (frequency * random.gamma(4, 1 / 15, 2000)))
    pounds, pence = GammaGamma().fit(frequency, value), GammaGamma().fit(frequency, value * 100)
    assert pence.expected_value(frequency, value * 100) == pytest.approx(
        100 * pounds.expected_value(frequency, value), rel=1e-3
    )


def _estimator(r: float, alpha: float, a: float, b: float) -> BetaGeometricNBD:
    found = BetaGeometricNBD()
    found.r_, found.alpha_, found.a_, found.b_ = r, alpha, a, b
    return found


@pytest.mark.parametrize("a", [1e-5, 0.5, 1.0, 3.0, 1e5])
@pytest.mark.parametrize("b", [1e-5, 0.5, 2.0, 1e5])
def test_expected_purchases_stay_between_nothing_and_never_stopping(a, b):
    frequency, age = np.array([0.0, 1, 50, 5000]), np.full(4, 300.0)
    found = _estimator(0.3, 5.0, a, b)
    expected = found.expected_purchases(365, frequency, age * 0.99, age)
    most = found.probability_alive(frequency, age * 0.99, age) * 365 * (0.3 + frequency) / 305
    assert (expected >= 0).all()
    assert (expected <= most * (1 + 1e-9)).all()


def test_expected_purchases_are_the_mean_of_simulated_futures():
    r, alpha, a, b = 2.0, 10.0, 0.9, 3.0
    random = np.random.default_rng(1)
    rate, stops = random.gamma(r, 1 / alpha, 200_000), random.beta(a, b, 200_000)
    bought, now, alive = np.zeros(200_000), np.zeros(200_000), np.ones(200_000, dtype=bool)
    while alive.any():
        now = now + random.exponential(1 / rate)
        alive &= now <= 52
        bought[alive] += 1
        alive &= random.random(200_000) >= stops
    expected = _estimator(r, alpha, a, b).expected_purchases(52, [0.0], [0.0], [0.0])
    assert expected == pytest.approx([bought.mean()], rel=0.01)


def test_silence_lowers_the_probability_of_being_a_customer():
    found = _estimator(0.24, 4.4, 0.8, 2.4)
    alive = found.probability_alive([5, 5, 5, 0], [30, 30, 30, 0], [31, 40, 60, 60])
    assert alive[0] > alive[1] > alive[2]
    assert alive[3] == 1


@pytest.mark.parametrize(
    ("frequency", "recency", "age"),
    [
        ([0.0, 0], [0.0, 0], [10.0, 20]),
        ([1, np.nan], [1.0, 1], [10.0, 20]),
        ([1, 2], [1.0, 30], [10.0, 20]),
        ([-1, 2], [1.0, 3], [10.0, 20]),
        ([1, 2], [1.0, 3], [np.inf, 20]),
    ],
)
def test_histories_that_teach_nothing_are_refused(frequency, recency, age):
    with pytest.raises(NotEnoughError):
        BetaGeometricNBD().fit(frequency, recency, age)


def test_money_needs_two_who_came_back():
    with pytest.raises(NotEnoughError):
        GammaGamma().fit([0, 0, 3], [0.0, 0.0, 12.0])


def three_kinds() -> tuple[np.ndarray, np.ndarray]:
    """Always the same amount: many small orders, some middling, one or two large."""
    random = np.random.default_rng(5)
    frequency = np.concatenate(
        [random.integers(low, high, 300) for low, high in ((17, 26), (7, 12), (1, 3))]
    ).astype(float)
    value = np.concatenate([random.normal(mean, sd, 300) for mean, sd in ((12, 2), (150, 20), (700, 80))])
    return frequency, np.maximum(value, 2)


def test_gamma_gamma_without_a_mean_is_not_believed():
    frequency, value = three_kinds()
    money = GammaGamma().fit(frequency, value)
    assert doubt(money, frequency, value).reason == "tail"
    assert money.expected_value([0.0], [0.0])[0] > 1e6  # what gamma-gamma would have predicted


def test_gamma_gamma_is_not_believed_where_who_buys_often_spends_less():
    random = np.random.default_rng(0)
    frequency = random.integers(1, 20, 3000).astype(float)
    value = random.gamma(8 * frequency, 1 / (8 * frequency)) * 100 / frequency
    assert doubt(GammaGamma().fit(frequency, value), frequency, value).reason in {
        "dependent",
        "tail",
        "mean",
    }
    again = random.gamma(6 * frequency, 1 / (frequency * random.gamma(4, 1 / 15, 3000)))
    assert not doubt(GammaGamma().fit(frequency, again), frequency, again)


def test_a_credible_mean_lies_between_ones_own_and_everybodys():
    frequency, value = three_kinds()
    sure = CredibleMean().fit(frequency, value, np.zeros(900))
    expected = sure.expected_value([0, 1, 20], [0, 700, 12])
    assert expected == pytest.approx([sure.mean_, 700, 12], rel=0.05)
    assert value.min() < sure.mean_ < value.max()


def test_a_credible_mean_finds_the_variances_again():
    random = np.random.default_rng(2)
    orders = random.integers(1, 12, 5000)
    own = random.normal(100, 20, 5000)
    amounts = [random.normal(mean, 40, n) for mean, n in zip(own, orders, strict=True)]
    value, scatter = (
        np.array([figure(paid) for paid in amounts])
        for figure in (np.mean, lambda paid: paid.var() * len(paid))
    )
    money = CredibleMean().fit(orders, value, scatter)
    assert (money.mean_, money.weight_) == (pytest.approx(100, abs=2), pytest.approx(40**2 / 20**2, rel=0.1))
    error = np.abs(money.expected_value(orders, value) - own).mean()
    assert error < min(np.abs(value - own).mean(), np.abs(money.mean_ - own).mean())


def test_a_credible_mean_needs_two_with_an_amount():
    with pytest.raises(NotEnoughError):
        CredibleMean().fit([0, 3], [0.0, 12.0], [0.0, 1.0])
    same = CredibleMean().fit([2, 3], [10.0, 10.0], [8.0, 12.0])  # customers do not differ
    assert same.expected_value([50, 0], [30.0, 0.0]) == pytest.approx([10, 10], abs=0.01)


def test_correlation_of_what_does_not_vary_is_unknown():
    assert correlation([1, 1, 1], [1, 2, 3]) is None
    assert correlation([1, 2, 3], [1, 4, 9]) == pytest.approx(1)


def test_parts_of_a_product_add_up():
    factors = np.array([[0.5, 4.0, 30.0], [1.0, 2.0, 20.0], [0.9, 1e-6, 55.0]])
    usual = np.array([1.0, 2.0, 20.0])
    parts = decompose(factors, usual)
    assert parts.sum(axis=1) == pytest.approx(factors.prod(axis=1) - usual.prod())
    assert parts[1] == pytest.approx([0, 0, 0])
    assert parts[0, 0] < 0 < parts[0, 1]
