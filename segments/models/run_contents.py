"""What a run holds as JSON: what it fitted, pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

from profiles.algorithms.scaling import StoredScaler
from segments.fitted_methods import StoredMethod, StoredRfm
from segments.models.drift import DriftReference


@dataclass(frozen=True)
class Hysteresis:
    """How many customers near a border stayed in their group; see `algorithms.clustering.Settled`."""

    margin: float
    stayed: int
    cost: float


@dataclass(frozen=True)
class BehaviourGroups:
    """The nightly k-means groups: `centres` (k x kept features, scaled) in the order of `slugs`; `inertia`:
    the sum of squared distances to them. `reference`: what later runs are compared with, of the first run of
    a generation."""

    slugs: tuple[str, ...]
    centres: tuple[tuple[float, ...], ...]
    inertia: float
    hysteresis: Hysteresis | None = None
    reference: DriftReference | None = None


@dataclass(frozen=True)
class GroupLabel:
    """The slug and name of a group; see `models.names`."""

    slug: str
    name_key: str


@dataclass(frozen=True)
class PlannedGroups:
    """A fitted method of a grouping plan: `fitted` is what `METHODS[method].from_stored` reads; `labels` are
    in the order of its groups."""

    method: str
    fitted: StoredMethod
    labels: tuple[GroupLabel, ...]


@dataclass(frozen=True)
class Likeness:
    """What a learned segment goes by: `weights` of the kept features, signed by the side on which its members
    lie; `importance`: what the AUC loses without the feature, by its key."""

    weights: tuple[float, ...]
    importance: dict[str, float]


@dataclass(frozen=True)
class FeatureBound:
    """`column`: index in the estimator's `keys`; exclusive below, inclusive above, None: open."""

    column: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class GroupRule:
    """Where most of a group lies; see `algorithms.surrogate.LeafRule`."""

    bounds: tuple[FeatureBound, ...]
    covers: float
    precise: float


@dataclass(frozen=True)
class SurrogateRules:
    """A small tree in rules, one a group: None where no leaf is the group's. `fidelity`: see
    `algorithms.surrogate.SurrogateTree`."""

    fidelity: float
    rules: tuple[GroupRule | None, ...]


@dataclass(frozen=True)
class StoredEstimator:
    """All that is needed to assign customers again. `features`: the order of the stored figures; `keys`: the
    features it reads; `kept`: those of them that vary; `scaler`: empty where figures are read in their
    own units. Of `behaviour`, `planned`, `rfm` and `likeness` one is there, by method."""

    features: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    scaler: StoredScaler = field(default_factory=StoredScaler)
    behaviour: BehaviourGroups | None = None
    planned: PlannedGroups | None = None
    rfm: StoredRfm | None = None
    likeness: Likeness | None = None
    surrogate: SurrogateRules | None = None


@dataclass(frozen=True)
class CurvePoint:
    """In the best-ranked `share` of customers, the share that are examples."""

    share: float
    precision: float


@dataclass(frozen=True)
class LearnedMetrics:
    """How well a segment was learned, on examples that were held out. `auc`: how often an example ranks above
    another customer; `base`: the share of examples by chance; `promises`: whether `precision` is one for who
    was found; `left_out`: features that the examples are defined by; `given`: examples that were given, those
    without usable facts among them."""

    auc: float
    precision: float
    base: float
    examples: int
    given: int
    promises: bool
    curve: tuple[CurvePoint, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class CustomerMap:
    """A sample of customers on a plane, by column: coordinates, position of the group, number of orders,
    money spent. `axes`: the feature that grows most along each; `explained`: the share of all differences
    that the picture keeps."""

    axes: tuple[str, ...]
    explained: float
    x: tuple[float, ...]
    y: tuple[float, ...]
    groups: tuple[int, ...]
    orders: tuple[int, ...]
    spent: tuple[int, ...]


@dataclass(frozen=True)
class Factors:
    """`loadings`: features x factors, correlations; `names`: of each factor its strongest features."""

    features: tuple[str, ...]
    loadings: tuple[tuple[float, ...], ...]
    names: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Certainty:
    """How sure a mixture is: the share of buyers `between` groups, and a histogram of the probability of the
    likeliest group in ten bins from 0 to 1."""

    between: float
    histogram: tuple[int, ...]


@dataclass(frozen=True)
class RunPicture:
    """What the page of a run draws. `rfm_table`: customers by recency score (rows) and by orders and money
    (columns), 5 x 5."""

    map: CustomerMap | None = None
    rfm_table: tuple[tuple[int, ...], ...] = ()
    factors: Factors | None = None
    certainty: Certainty | None = None
