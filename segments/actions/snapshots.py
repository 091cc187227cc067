"""Each segment as a run found it: size, worth, profile and what sets it apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from profiles.datasets.features import BY_KEY, CustomerFeatures, Feature
from segments.algorithms import archetypes
from segments.algorithms.archetypes import GroupProfile
from segments.datasets.scaled_features import plain_values, standardised
from segments.models import CategoryShare, FeatureProfile, Profile, Segment, SegmentRun, SegmentSnapshot


def snapshots(
    run: SegmentRun, segments: list[Segment], rows: CustomerFeatures, labels: NDArray[np.int64]
) -> list[SegmentSnapshot]:
    """A snapshot of each of `segments` that has customers, unsaved. `labels`: n positions in `segments`;
    those beyond the last one are other customers, who count in the average only."""
    groups = max(len(segments), int(labels.max(initial=0)) + 1)
    found = _profiles(rows, labels, groups)
    monetary = rows.column("monetary")
    total = max(float(monetary.sum()), 1e-9)
    tastes = archetypes.profiles(rows.shares, np.zeros_like(rows.shares), labels, groups)
    made = []
    for position, (segment, profile, taste) in enumerate(zip(segments, found, tastes, strict=False)):
        if not profile.size:
            continue
        revenue = float(monetary[labels == position].sum())
        made.append(
            SegmentSnapshot(
                run=run,
                segment=segment,
                position=position,
                size=profile.size,
                share=profile.size / len(labels),
                revenue=round(revenue, 4),
                revenue_share=revenue / total,
                profile=_profile(rows, profile, taste),
                reasons=_reasons(rows.keys, profile.difference, run.estimator.kept)
                if not segment.key.is_no_purchase
                else ["frequency"],
            )
        )
    return made


def _profile(rows: CustomerFeatures, group: GroupProfile, taste: GroupProfile) -> Profile:
    return Profile(
        features=tuple(
            FeatureProfile(key, float(group.mean[i]), float(group.overall[i]), float(group.difference[i]))
            for i, key in enumerate(rows.keys)
            if np.isfinite(group.mean[i])
        ),
        categories=tuple(
            CategoryShare(category, float(taste.mean[i]), float(taste.overall[i]))
            for i, category in enumerate(rows.categories)
        ),
    )


def _reasons(keys: list[str], difference: NDArray[np.float64], used: Sequence[str]) -> list[str]:
    """The features that set a group apart, strongest first, of those that the method used; at least one."""
    columns = [i for i, key in enumerate(keys) if key in used]
    families = [BY_KEY[keys[i]].family or keys[i] for i in columns]
    found = archetypes.strongest(difference[columns], families) or archetypes.strongest(
        difference[columns], families, at_least=0, most=1
    )
    return [keys[columns[i]] for i in found]


def _profiles(rows: CustomerFeatures, labels: NDArray[np.int64], groups: int) -> list[GroupProfile]:
    """Days since an order are compared among those who ordered: of a group of others their mean is NaN."""
    features = [BY_KEY[key] for key in rows.keys]
    found = archetypes.profiles(rows.values, standardised(rows.values, features), labels, groups)
    _cap_means_of_money(found, rows, features, labels)
    if rows.buyers.all() or not rows.buyers.any():
        return found
    columns = [i for i, feature in enumerate(features) if feature.needs_order]
    values, theirs = rows.values[rows.buyers][:, columns], labels[rows.buyers]
    among = archetypes.profiles(values, standardised(values, [features[i] for i in columns]), theirs, groups)
    for whole, part in zip(found, among, strict=True):
        whole.mean[columns], whole.difference[columns] = (
            (part.mean, part.difference) if part.size else (np.nan, 0.0)
        )
        whole.overall[columns] = part.overall
    return found


def _cap_means_of_money(
    found: list[GroupProfile],
    rows: CustomerFeatures,
    features: list[Feature],
    labels: NDArray[np.int64],
) -> None:
    """Replace the means of money by means without giants (see `datasets.scaled_features.plain_values`)."""
    columns = [i for i, feature in enumerate(features) if feature.unit == "money"]
    capped = plain_values(rows, [features[i].key for i in columns])
    for whole, part in zip(
        found, archetypes.profiles(capped, np.zeros_like(capped), labels, len(found)), strict=True
    ):
        whole.mean[columns], whole.overall[columns] = part.mean, part.overall
