"""Variants and artefacts of the simulated patient, and how many copies carry a variant."""

from dataclasses import dataclass

from twohit.simulate.blueprint import NODES, POPULATIONS
from twohit.simulate.profile import Segment


@dataclass
class Variant:
    """A true variant; `pos` is 0-based, alleles as in a VCF.

    Germline: `carried` says which parental haplotype has it, `af` is its population frequency (0: private).
    Somatic: it arose in `node` of the clone tree, on `copies` copies of `haplotype`.
    """

    chrom: str
    pos: int
    ref: str
    alt: str
    origin: str
    label: str = ""
    carried: tuple[bool, bool] = (False, False)
    af: float = 0.0
    node: str = ""
    haplotype: int = 0
    copies: int = 1
    contaminant: tuple[bool, bool] = (False, False)

    def normal_copies(self, segment: Segment) -> int:
        """Copies with the variant in a normal cell."""
        return sum(segment.normal[side] for side in (0, 1) if self.carried[side])

    def on_copy(self, segment: Segment, population: str, side: int, number: int) -> bool:
        """Tell whether copy `number` (from 0) of haplotype `side` has the variant in a population."""
        if number >= segment.copies[population][side]:
            return False
        if self.origin == "germline":
            return self.carried[side]
        return population in NODES[self.node] and side == self.haplotype and number < self.copies

    def mutated_copies(self, segment: Segment, population: str) -> int:
        """Copies with the variant in a cell of a tumour population."""
        return sum(
            self.on_copy(segment, population, side, number)
            for side in (0, 1)
            for number in range(segment.copies[population][side])
        )

    def ccf(self, segment: Segment, shares: dict[str, float]) -> float:
        """Share of tumour cells that carry the variant."""
        return sum(shares[name] for name in POPULATIONS if self.mutated_copies(segment, name))

    def multiplicity(self, segment: Segment) -> int:
        """Mutated copies per mutated cell, in the population that has most."""
        return max(self.mutated_copies(segment, name) for name in POPULATIONS)

    def vaf(
        self, segment: Segment, shares: dict[str, float], purity: float, contamination: float = 0.0
    ) -> float | None:
        """Expected allele fraction in a sample; None where no copy is left.

        Contamination is a share of fragments (at equal copies) from another person.
        """
        mutated = sum(shares[name] * self.mutated_copies(segment, name) for name in POPULATIONS) * purity
        total = segment.mean_copies(shares) * purity
        mutated += (1 - purity) * self.normal_copies(segment)
        total += (1 - purity) * sum(segment.normal)
        other = 2.0 * contamination / (1 - contamination)
        mutated += other * sum(self.contaminant) / 2
        total += other
        return mutated / total if total > 0 else None


def allowed_copies(segment: Segment, node: str, side: int) -> list[int]:
    """On how many copies of haplotype `side` a mutation that arose in `node` can be; empty where none is left.

    A mutation older than the copy-number change (or the doubling) is on all copies of its haplotype, a younger one
    on one copy; in the same node either order is possible.
    """
    most = max(segment.copies[name][side] for name in NODES[node])
    if most <= 1:
        return [1] * most
    doubled = max(segment.base) > 1
    changed, carriers = set(NODES[segment.node or "trunk"]), set(NODES[node])
    if changed == carriers or (doubled and node == "trunk"):
        return [1, most]
    return [most] if changed < carriers else [1]


@dataclass(frozen=True)
class Artefact:
    """A recurrent artefact; `rate` is the share of the fragments (reads of one strand) it spoils."""

    chrom: str
    pos: int
    ref: str
    alt: str
    kind: str
    rate: float
    gene: str = ""
    label: str = ""
