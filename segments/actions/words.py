"""What groups are called: a marketer's word where one is true, else how its people buy, else what sets them
apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.text import slugify
from django.utils.translation import override
from numpy.typing import NDArray

from profiles.datasets.features import BY_KEY, CustomerFeatures
from segments.actions.publishing import comparable, plain_values
from segments.algorithms import naming
from segments.algorithms.describing import describe_behaviour
from segments.presenters.wording import GROUP_TRAITS, WORDS

MOST_TRAITS = 3
LONGEST = 60  # of a name: the title of a grouping stands before it
ADJECTIVES = 2  # fewer say little of how people buy


@dataclass(frozen=True)
class Called:
    """`word`: what a slug ends with; `name`: an untranslated name (see `models.groups.spoken`)."""

    word: str
    name: str


def call_groups(
    buyers: CustomerFeatures,
    labels: NDArray[np.int64],
    groups: Sequence[int],
    *,
    used: Sequence[str],
    taken: set[str],
) -> list[Called]:
    """What to call each of `groups` (`labels` are the groups of all `buyers`), all different. `used`: what
    the grouping went by, and what names speak of; all that a marketer's word says must be true, used or not.
    None of `taken` is given again."""
    keys = [key for key in buyers.keys if key in naming.MENTIONED or key in used]
    profiles = _profiles(buyers, labels, keys)
    away = np.array([profiles[group].difference for group in groups])
    apart = np.array([naming.apart(profiles[group].mean, profiles[group].overall) for group in groups])
    words = naming.name_groups(
        away, apart, keys, [word for word in naming.ARCHETYPES if word not in taken and _about(word, used)]
    )
    found: list[Called] = []
    for word, row, plain in zip(words, away, apart, strict=True):
        if word:
            found.append(Called(word, WORDS[word][0]))
            continue
        names = {WORDS[one][0] for one in words if one} | {one.name for one in found}
        offered = [_by_behaviour(row, plain, keys, used), *_by_traits(row, plain, keys, used)]
        found.append(
            next(
                (one for one in offered if one and one.name not in names and one.word not in taken),
                Called(f"group-{len(found) + 1}", f"=Group {len(found) + 1}"),
            )
        )
    return found


def _profiles(buyers: CustomerFeatures, labels: NDArray[np.int64], keys: list[str]) -> list[naming.Profile]:
    values = plain_values(buyers, keys)
    return naming.profiles(
        values, comparable(values, [BY_KEY[key] for key in keys]), labels, int(labels.max()) + 1
    )


def _about(word: str, used: Sequence[str]) -> bool:
    """Whether a word speaks of what the grouping went by: of the very feature, of one of its family, or of a
    part of it."""
    key = naming.essential(word)
    if naming.says_nothing_aloud(word) or key in used:
        return True
    if key == "average_order_value":
        return {"monetary", "frequency"} <= set(used)
    return BY_KEY[key].family in {BY_KEY[one].family for one in used} - {""}


def _by_behaviour(
    away: NDArray[np.float64], apart: NDArray[np.float64], keys: list[str], used: Sequence[str]
) -> Called | None:
    columns = [i for i, key in enumerate(keys) if key in used]
    words = describe_behaviour(away[columns], apart[columns], [keys[i] for i in columns])
    return Called("-".join(words), "|".join(words)) if len(words) > ADJECTIVES else None


def _by_traits(
    away: NDArray[np.float64], apart: NDArray[np.float64], keys: list[str], used: Sequence[str]
) -> Iterator[Called]:
    """By the features in which the group is farthest out: two of them, then three, or the one there is."""
    columns = [i for i, key in enumerate(keys) if key in used and away[i] * apart[i] > 0]
    families = [BY_KEY[keys[i]].family or keys[i] for i in columns]
    strongest = naming.strongest(away[columns], families, most=MOST_TRAITS)
    traits = [_trait(keys[columns[i]], bool(away[columns[i]] > 0)) for i in strongest]
    for n in (2, 3, 1):
        name = "|".join(traits[:n])
        if n <= len(traits) and len(name) <= LONGEST:
            yield Called(_slug(name), name)


def _slug(name: str) -> str:
    said = name.replace("|", " ").replace("+", "high ").replace("-", "low ")
    return slugify(said)[:40].strip("-") or "group"


def _trait(key: str, high: bool) -> str:
    if key in GROUP_TRAITS:
        return "=" + GROUP_TRAITS[key][high]
    with override("en"):  # the untranslated title
        title = str(BY_KEY[key].title).replace("|", "/")[: LONGEST - 1]
    return ("+" if high else "-") + title
