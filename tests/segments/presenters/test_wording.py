from __future__ import annotations

import pytest
from django.utils.translation import override

from segments.algorithms import archetypes, rfm
from segments.presenters.wording import DESCRIBING, WORDS, describe
from tests.segments.presenters.unsaved import segment


def test_every_group_that_a_method_names_has_a_description():
    assert set(archetypes.ARCHETYPES) | set(rfm.NAMES) <= set(WORDS)


def test_names_differ_in_both_languages():
    for language in ("en", "zh-hans"):
        with override(language):
            shown = [segment(name).name for name, _description in WORDS.values()]
            assert len(set(shown)) == len(shown), language


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_known_group_is_described_in_the_readers_language(language):
    champions = segment("Champions")
    with override(language):
        assert describe(champions)
        assert ("Thank them" in describe(champions)) == (language == "en")


def test_a_group_made_of_words_says_what_they_mean():
    women = segment("young|frequent|women")
    assert describe(women) == "Against the other groups: younger, more orders, mostly women."
    assert describe(segment("buyers")) == ""
    assert describe(segment("+Orders")) == ""
    assert set(DESCRIBING) >= {"young", "women", "buyers"}
