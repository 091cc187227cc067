from __future__ import annotations

import numpy as np
import pytest

from profiles.algorithms.scaling import Scaler
from segments.algorithms.methods import MixtureGroups
from segments.models import BehaviourGroups, Likeness, Method, PlannedGroups, StoredEstimator
from segments.presenters.decisive_features import certainty, decisive_features, runner_up
from tests.segments.presenters.unsaved import run

KEYS = ("recency", "frequency", "monetary")
VALUES = np.random.default_rng(0).normal([60, 5, 300], [20, 2, 100], (500, 3))
SCALER = Scaler.fit(VALUES, np.zeros(3, dtype=bool)).stored()
GOOD = {"recency": 20.0, "frequency": 9.0, "monetary": 500.0}


def estimator(**contents) -> StoredEstimator:
    return StoredEstimator(features=KEYS, keys=KEYS, kept=KEYS, scaler=SCALER, **contents)


BEHAVIOUR = BehaviourGroups(
    slugs=("champions", "lost"), centres=((-1.8, 1.5, 1.0), (1.5, -1.0, -1.0)), inertia=1.0
)


def test_of_the_nightly_groups_where_customer_and_group_are_far_out_on_the_same_side():
    of_night = run(estimator=estimator(behaviour=BEHAVIOUR))
    assert decisive_features(of_night, GOOD, 0) == ["recency", "frequency", "monetary"]
    against = decisive_features(of_night, GOOD, 1)
    assert len(against) == 1, "the least that speaks against it, where nothing speaks for it"


def test_a_group_without_a_centre_is_that_of_people_without_an_order():
    assert decisive_features(run(estimator=estimator(behaviour=BEHAVIOUR)), GOOD, 2) == ["frequency"]


def test_rfm_decides_by_its_three_figures():
    assert decisive_features(run(method=Method.RFM), GOOD, 0) == ["recency", "frequency", "monetary"]


def test_the_next_best_group_and_what_decided_against_it():
    of_night = run(estimator=estimator(behaviour=BEHAVIOUR))
    own = runner_up(of_night, GOOD, 0)
    assert (own.position, own.nearer, len(own.features)) == (1, False, 2)
    assert runner_up(of_night, GOOD, 1).nearer
    assert runner_up(run(estimator=estimator()), GOOD, 0) is None


def test_a_learned_segment_goes_by_what_matters():
    learned = run(
        method=Method.LEARNED,
        estimator=estimator(likeness=Likeness(weights=(0.0, 0.0, 1.0), importance={"monetary": 0.3})),
    )
    assert decisive_features(learned, GOOD, 0) == ["monetary"]
    assert decisive_features(learned, {"frequency": 9.0}, 0) == [], "figures that are older than a feature"


@pytest.fixture
def mixture():
    points = Scaler.from_stored(SCALER).transform(VALUES)
    fitted = MixtureGroups(2).fit(points, 0).stored()
    planned = PlannedGroups(method=Method.MIXTURE, fitted=fitted, labels=())
    return run(method=Method.MIXTURE, topic="t", estimator=estimator(planned=planned))


def test_a_mixture_knows_how_sure_it_is(mixture):
    assert 0.5 <= certainty(mixture, GOOD) <= 1
    assert certainty(mixture, GOOD | {"frequency": 0.0}) is None
    assert certainty(run(estimator=estimator(behaviour=BEHAVIOUR)), GOOD) is None


def test_a_grouping_gives_the_reasons_of_its_method(mixture):
    assert set(decisive_features(mixture, GOOD, 0)) <= set(KEYS)
    assert decisive_features(mixture, GOOD | {"frequency": 0.0}, 0) == ["frequency"]
    assert decisive_features(mixture, {"frequency": 9.0}, 0) == []
