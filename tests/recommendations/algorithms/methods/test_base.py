from __future__ import annotations

import inspect

import pytest

from recommendations.algorithms.methods import METHODS, Recommender
from recommendations.algorithms.methods.base import gettext_noop

MEMBERS = {name for name in vars(Recommender) if not name.startswith("_")} | set(Recommender.__annotations__)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_method_has_all_that_the_protocol_names(method):
    assert {"name", "title", "personal", "fit", "recommend", "explain", "to_arrays"} <= MEMBERS
    assert not [member for member in MEMBERS if not hasattr(method, member)]


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize("function", ["fit", "recommend", "explain"])
def test_arguments_have_the_names_of_the_protocol(method, function):
    ours, theirs = (inspect.signature(getattr(owner, function)) for owner in (method, Recommender))
    assert list(ours.parameters) == list(theirs.parameters)


def test_a_marked_text_stays_as_it_is():
    assert gettext_noop("Popular products only") == "Popular products only"
