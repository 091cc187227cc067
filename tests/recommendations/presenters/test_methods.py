from __future__ import annotations

from django.utils.translation import override

from recommendations.algorithms.methods import METHODS
from recommendations.presenters.methods import METHOD_CHOICES, method_title


def test_every_method_has_a_title_in_both_languages():
    for name, title in METHOD_CHOICES:
        assert method_title(name) == title
        with override("zh-hans"):
            assert method_title(name) != title
    assert len(METHOD_CHOICES) == len(METHODS)


def test_a_method_that_no_longer_exists_keeps_its_name():
    assert method_title("gone") == "gone"
