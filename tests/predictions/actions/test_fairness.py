from __future__ import annotations

import numpy as np
import pytest

from predictions.actions.fairness import group_metrics
from profiles.datasets.demographics import DemographicGroup


def test_each_group_by_hand():
    women = DemographicGroup("gender", "women", np.repeat([True, False], [100, 100]))
    predicted = np.concatenate([np.linspace(0, 1, 100), np.zeros(100)])
    observed = np.concatenate([np.repeat([0.0, 1.0], 50), np.ones(100)])
    (row,) = group_metrics([women], predicted, observed)
    assert (row.trait, row.name, row.customers) == ("gender", "women", 100)
    assert (row.predicted, row.observed) == (pytest.approx(0.5), 0.5)
    assert row.auc == pytest.approx(1)
    assert row.standard_error == pytest.approx(np.std(observed[:100] - predicted[:100]) / 10)
    (unranked,) = group_metrics([women], predicted, observed, ranks=False)
    assert unranked.auc is None


def test_few_of_either_outcome_have_no_auc():
    few = DemographicGroup("gender", "men", np.ones(40, dtype=bool))
    (row,) = group_metrics([few], np.full(40, 0.5), np.repeat([0.0, 1.0], [11, 29]))
    assert row.auc is None
