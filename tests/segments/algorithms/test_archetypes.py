"""Names of groups: different, fitting, and true."""

from __future__ import annotations

import numpy as np
import pytest

from segments.algorithms import archetypes


def test_names_are_different_and_fit():
    keys = ["recency", "frequency", "monetary", "tenure"]
    differences = np.array([[-1.0, 1.5, 1.5, 0.4], [1.2, -0.8, -0.8, 0.2], [-0.9, -0.8, -0.6, -1.4]])
    assert archetypes.match_archetypes(differences, differences, keys) == ["champions", "lost", "new"]
    many = archetypes.match_archetypes(np.tile(differences, (33, 1)), np.tile(differences, (33, 1)), keys)
    assert len(set(many) - {""}) == len(many) - many.count("")


def test_a_word_that_says_what_is_not_true_is_not_given():
    keys = ["recency", "frequency", "monetary", "average_order_value", "tenure"]
    average = np.array([[-0.2, 0.1, 0.1, 0.0, 0.1]])
    assert archetypes.match_archetypes(average, average, keys) == ["steady"]
    one_strong_trait = np.array([[-0.2, 0.9, 0.1, 0.0, 0.1]])
    assert archetypes.match_archetypes(one_strong_trait, one_strong_trait, keys) != ["steady"]
    silent, plain = np.array([[1.2, 0.6, 0.9, 0.9, 0.6]]), np.array([[20.0, 2.0, 50.0, 9.0, 30.0]])
    assert archetypes.match_archetypes(silent, plain, keys) == ["lost-high-value"]
    assert archetypes.match_archetypes(silent, plain, keys, ["new"]) == [""]
    fewer_days_than_the_mean = plain * [-1, 1, 1, 1, 1]
    assert archetypes.match_archetypes(silent, fewer_days_than_the_mean, keys) != ["lost-high-value"]
    assert archetypes.match_archetypes(np.array([[2.0]]), np.array([[9.0]]), ["return_rate"]) == [""]


def test_profiles_are_means_against_everybody():
    values = np.array([[1.0], [3.0], [10.0]])
    small, big = archetypes.profiles(values, values, np.array([0, 0, 1]), 2)
    assert (small.size, small.mean[0], big.mean[0]) == (2, 2.0, 10.0)
    assert small.overall[0] == pytest.approx(14 / 3)
    assert big.difference[0] == pytest.approx(10 - 14 / 3)
    without_categories = np.zeros((3, 0))
    assert [
        taste.mean.size
        for taste in archetypes.profiles(without_categories, without_categories, np.array([0, 0, 1]), 2)
    ] == [0, 0]


def test_groups_are_matched_by_overlap():
    old = np.array([0] * 50 + [1] * 50)
    new = np.array([1] * 48 + [0] * 52)
    assert archetypes.match_groups(old, new) == {1: 0, 0: 1}
    assert archetypes.match_groups(old, np.tile([0, 1, 2, 3], 25)) == {}


def test_reasons_name_each_family_once():
    difference = np.array([2.0, -1.9, 1.8, 0.9, 0.1])
    assert archetypes.strongest(difference, ["browsing", "browsing", "browsing", "money", "orders"]) == [0, 3]
