"""Names of groups: a marketer's word where one is true, else how its people buy, else what sets them
apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import override
from numpy.typing import NDArray

from profiles.datasets.features import BY_KEY, CustomerFeatures
from segments.algorithms import archetypes
from segments.algorithms.descriptions import describe_behaviour
from segments.datasets.scaled_features import plain_values, standardised
from segments.models import SegmentName, Trait
from segments.presenters.wording import GROUP_TRAITS, WORDS

MOST_TRAITS = 3
LONGEST = 60  # of a name: the title of a grouping precedes it
ADJECTIVES = 2  # fewer say little of how people buy


@dataclass(frozen=True)
class GroupName:
    """`kind`: what its slug ends with (see `SegmentSlug`)."""

    kind: str
    name: SegmentName


def kind_name(kind: str) -> SegmentName:
    """The name of a kind of group that has a marketer's word."""
    return SegmentName((WORDS[kind][0],))


def name_groups(
    buyers: CustomerFeatures,
    labels: NDArray[np.int64],
    groups: Sequence[int],
    *,
    used: Sequence[str],
    taken: set[str],
) -> list[GroupName]:
    """Names for each of `groups` (`labels` are the groups of all `buyers`), all different. `used`: the
    features of the grouping, which names speak of; all that a marketer's word states must be true, used or
    not. No kind in `taken` is given again."""
    keys = [key for key in buyers.keys if key in archetypes.MENTIONED or key in used]
    profiles = _profiles(buyers, labels, keys)
    away = np.array([profiles[group].difference for group in groups])
    apart = np.array([archetypes.apart(profiles[group].mean, profiles[group].overall) for group in groups])
    free = [kind for kind in archetypes.ARCHETYPES if kind not in taken and _is_about(kind, used)]
    kinds = archetypes.match_archetypes(away, apart, keys, free)
    by_kind = {kind: kind_name(kind) for kind in kinds if kind}
    found: list[GroupName] = []
    for kind, row, plain in zip(kinds, away, apart, strict=True):
        if kind:
            found.append(GroupName(kind, by_kind[kind]))
            continue
        unusable = {*by_kind.values(), *(other.name for other in found)}
        offered = [_by_behaviour(row, plain, keys, used), *_by_traits(row, plain, keys, used)]
        free_offers = (
            offer for offer in offered if offer and offer.name not in unusable and offer.kind not in taken
        )
        found.append(next(free_offers, _numbered(len(found) + 1)))
    return found


def _numbered(number: int) -> GroupName:
    name = SegmentName(traits=(Trait(f"Group {number}", "has"),))
    return GroupName(name.kind, name)


def _profiles(
    buyers: CustomerFeatures, labels: NDArray[np.int64], keys: list[str]
) -> list[archetypes.GroupProfile]:
    values = plain_values(buyers, keys)
    return archetypes.profiles(
        values, standardised(values, [BY_KEY[key] for key in keys]), labels, int(labels.max()) + 1
    )


def _is_about(kind: str, used: Sequence[str]) -> bool:
    """Whether a word is about the features of the grouping: about one of them, one of its family, or a part
    of it."""
    key = archetypes.essential(kind)
    if archetypes.means_average(kind) or key in used:
        return True
    if key == "average_order_value":
        return {"monetary", "frequency"} <= set(used)
    return BY_KEY[key].family in {BY_KEY[used_key].family for used_key in used} - {""}


def _by_behaviour(
    away: NDArray[np.float64], apart: NDArray[np.float64], keys: list[str], used: Sequence[str]
) -> GroupName | None:
    columns = [i for i, key in enumerate(keys) if key in used]
    words = describe_behaviour(away[columns], apart[columns], [keys[i] for i in columns])
    name = SegmentName(words)
    return GroupName(name.kind, name) if len(words) > ADJECTIVES else None


def _by_traits(
    away: NDArray[np.float64], apart: NDArray[np.float64], keys: list[str], used: Sequence[str]
) -> Iterator[GroupName]:
    """By the features in which the group is farthest out: two of them, then three, or the one there is."""
    columns = [i for i, key in enumerate(keys) if key in used and away[i] * apart[i] > 0]
    families = [BY_KEY[keys[i]].family or keys[i] for i in columns]
    strongest = archetypes.strongest(away[columns], families, most=MOST_TRAITS)
    traits = [_trait(keys[columns[i]], bool(away[columns[i]] > 0)) for i in strongest]
    for n in (2, 3, 1):
        name = SegmentName(traits=tuple(traits[:n]))
        if n <= len(traits) and len(name.key) <= LONGEST:
            yield GroupName(name.kind, name)


def _trait(key: str, high: bool) -> Trait:
    if key in GROUP_TRAITS:
        return Trait(GROUP_TRAITS[key][high], "has")
    with override("en"):  # the untranslated title
        return Trait(str(BY_KEY[key].title)[: LONGEST - 1], "high" if high else "low")
