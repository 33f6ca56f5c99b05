"""What the model of the verdict takes and gives: copy-number states, hits, the posterior of the share lost."""

from dataclasses import dataclass, field

import numpy as np

from twohit.biallelic.arrangements import HitKind
from twohit.biallelic.cell_samples import LOSS
from twohit.biallelic.parameters import GRID
from twohit.copynumber.clonality import LocalCopies, densest

TAIL = 0.05  # on each side of a 90 % interval
WIDE_SD = 0.1  # quadrature points wider than this are not thinned


@dataclass(frozen=True)
class CopyState:
    """One weighted state of the locus under one solution: copies, cell fraction and purity as quadrature points."""

    weight: float
    total: int
    minor: int
    normal: int
    ccfs: tuple[tuple[float, float], ...]  # (value, weight)
    purities: tuple[tuple[float, float], ...]
    solution: int = 0
    rest: tuple[int, int] | None = None  # (total, minor) of the other tumour cells where they are not normal
    own: tuple[int, int] | None = None  # the tumour's own normal state where the other cells have lost from it

    @property
    def outside(self) -> tuple[int, int]:
        """Total and minor copies of the tumour cells outside the aberrant clone."""
        return self.rest if self.rest is not None else (self.normal, self.normal // 2)

    def changed(self, direction: str | None, total: int | None = None) -> bool:
        """Whether the aberrant clone (or cells of `total` copies) has fewer (loss) or more copies than the tumour's own
        normal state.
        """
        neutral, total = (self.own or self.outside)[0], self.total if total is None else total
        return total < neutral if direction == LOSS else total > neutral

    def place(self, ccf: float) -> LocalCopies:
        """Return the copies at the locus when `ccf` of the tumour cells have the state."""
        one = np.ones(1)
        return LocalCopies(self.weight, one, one, self.total, self.minor, ccf, *self.outside, self.normal)


@dataclass(frozen=True)
class Hit:
    """A mutation as the model sees it.

    Attributes
    ----------
    name : str
        What the report calls it.
    kind : HitKind
    alt, depth : int
        Reads in this sample; depth 0 says nothing.
    real : float
        Probability that it is a true variant of the kind it claims to be.
    elsewhere : bool
        Called in another sample of the patient, not in this one: it may be absent here.
    reference_bias : float
        Log odds of its reads where half of the copies carry it.
    missed : tuple of float
        Of a hit that was not seen: chance to miss it at each allele fraction of `mutation_power.VAFS`; else empty.
    """

    name: str
    kind: HitKind
    alt: int
    depth: int
    real: float = 1.0
    elsewhere: bool = False
    reference_bias: float = 0.0
    missed: tuple[float, ...] = ()


@dataclass(frozen=True)
class CellRelation:
    """What single cells say of two events of a gene: posterior over prior of each way in which they can share cells.

    Attributes
    ----------
    identical, first_earlier, second_earlier, separate, crossing : float
        The same cells; the second only in cells of the first; the reverse; no cell has both; all combinations.
    p_separate : float
        Posterior of `separate`.
    direction : str or None
        Of the arm, where the first event is the copy-number change: states that changed otherwise are not touched.
    words : str
        For the chain of evidence.
    """

    identical: float
    first_earlier: float
    second_earlier: float
    separate: float
    crossing: float
    p_separate: float
    direction: str | None = None
    words: str = ""

    def factor(self, both, one, two, slack: float) -> np.ndarray:
        """Factor for the shares of tumour cells with both, with the first and with the second; 1 where one is 0."""
        extra_one, extra_two = one - both > slack, two - both > slack
        cases = [(one <= slack) | (two <= slack), both <= slack, extra_one & extra_two, extra_one, extra_two]
        factors = [1.0, self.separate, self.crossing, self.first_earlier, self.second_earlier]
        return np.select(np.broadcast_arrays(*cases), factors, self.identical)


@dataclass
class Posterior:
    """What the data say of one gene in one sample.

    Attributes
    ----------
    share, touched : array, shape (201,)
        Posterior mass of the share that lost both alleles; of the share with at least one copy lost or hit.
    reading : array, shape (201,)
        As `share`, with flat priors of the mutations' cell fractions: what the reads alone say, for intervals.
    ccf : array, shape (hits, 201)
        Share of tumour cells that carry each hit, given that it is real.
    mechanisms : dict of str to float
        Probability of each mechanism with a share >= s0.
    together : dict of (int, int) to float
        P(>= s0 of tumour cells carry both), given both are real; hit indices, -1 the copy-number change.
    trans : dict of (int, int) to float
        P(two hits are never on one copy), given both are real.
    fit : float
        Log likelihood of the best arrangement within the trusted copy-number weight; 0 explains the reads exactly.
    n_counts : int
        Counts that `fit` has to explain.
    evidence : float
        Likelihood of the reads, averaged over the priors, before it was normalised.
    states : array of float
        Posterior of each copy-number state, in their order; zeros where missed hits were summed over.
    """

    share: np.ndarray = field(default_factory=lambda: np.zeros(len(GRID)))
    touched: np.ndarray = field(default_factory=lambda: np.zeros(len(GRID)))
    reading: np.ndarray = field(default_factory=lambda: np.zeros(len(GRID)))
    ccf: np.ndarray = field(default_factory=lambda: np.zeros((0, len(GRID))))
    mechanisms: dict[str, float] = field(default_factory=dict)
    together: dict[tuple[int, int], float] = field(default_factory=dict)
    trans: dict[tuple[int, int], float] = field(default_factory=dict)
    fit: float = -np.inf
    n_counts: int = 0
    evidence: float = 0.0
    states: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def at_least(self, share: float) -> float:
        """P(share >= `share`)."""
        return float(self.share[share - 1e-9 <= GRID].sum())

    def touched_at_least(self, share: float) -> float:
        """P(the share with at least one copy lost or hit is >= `share`)."""
        return float(self.touched[share - 1e-9 <= GRID].sum())

    def interval(self) -> tuple[float, float]:
        """90 % interval of the share: the shares that fit the reads best, and the median.

        The prior that most mutations are in all cells is left out: with it, shares a little below 1 are missed more
        often than in one case of ten. That no cell lost both alleles, or that all did, is inside where it holds more
        than a tail: flat priors of two mutations would otherwise leave "all tumour cells" out.
        """
        middle, none = self.quantile(0.5), float(self.share[0])
        some = np.where(GRID > 0, self.reading, 0.0)
        if some.sum() <= 0 or none >= 1 - TAIL:
            return middle, max(middle, self.quantile(1 - TAIL))
        low, high = (float(GRID[k]) for k in densest(some / some.sum(), 1 - 2 * TAIL))
        high = 1.0 if self.share[-1] > TAIL else high
        return min(middle, low if none <= TAIL else 0.0), max(middle, high)

    def quantile(self, q: float) -> float:
        """Quantile of the share."""
        return quantile(self.share, q)


def quantile(mass: np.ndarray, q: float) -> float:
    """Quantile of a distribution on the grid."""
    return float(GRID[min(int(np.searchsorted(np.cumsum(mass), q - 1e-12)), len(GRID) - 1)])


def three_points(points):
    """Replace narrow quadrature points by three with the same mean and variance; wide or few ones stay."""
    if len(points) <= 3:
        return points
    mean = sum(value * weight for value, weight in points)
    sd = sum((value - mean) ** 2 * weight for value, weight in points) ** 0.5
    if sd > WIDE_SD:
        return points
    places = np.clip(mean + sd * 3**0.5 * np.array([-1.0, 0.0, 1.0]), 0.01, 1.0)
    return tuple(zip(places.tolist(), (1 / 6, 2 / 3, 1 / 6)))
