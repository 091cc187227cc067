"""Methods of grouping customers behind one interface (`base.GroupingMethod`), one file a method."""

from segments.algorithms.methods.base import GroupingMethod
from segments.algorithms.methods.factors import FactorGroups
from segments.algorithms.methods.kmeans import KMeansGroups
from segments.algorithms.methods.mixture import MixtureGroups
from segments.algorithms.methods.rfm import RfmClasses

METHODS: dict[str, type[GroupingMethod]] = {
    method.name: method for method in (KMeansGroups, MixtureGroups, FactorGroups, RfmClasses)
}

__all__ = ["METHODS", "FactorGroups", "GroupingMethod", "KMeansGroups", "MixtureGroups", "RfmClasses"]
