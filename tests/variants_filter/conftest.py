"""A call set as Mutect2 would write it, made at the level of counts with the class of every allele known."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

HEADER = """##fileformat=VCFv4.2
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">
##FORMAT=<ID=AF,Number=A,Type=Float,Description="Allele fractions">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=F1R2,Number=R,Type=Integer,Description="F1R2">
##FORMAT=<ID=F2R1,Number=R,Type=Integer,Description="F2R1">
##FORMAT=<ID=FAD,Number=R,Type=Integer,Description="Fragments">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=SB,Number=4,Type=Integer,Description="Strands">
##GATKCommandLine=<ID=Mutect2,CommandLine="Mutect2 --input {junk}",Version="4.6.2.0",Date="{junk}">
##INFO=<ID=AS_SB_TABLE,Number=1,Type=String,Description="Strands by allele">
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##INFO=<ID=ECNTH,Number=A,Type=Integer,Description="Events on the haplotype">
##INFO=<ID=MBQ,Number=R,Type=Integer,Description="Base quality">
##INFO=<ID=MMQ,Number=R,Type=Integer,Description="Mapping quality">
##INFO=<ID=MPOS,Number=A,Type=Integer,Description="Distance from end">
##INFO=<ID=PON,Number=0,Type=Flag,Description="site found in panel of normals">
##INFO=<ID=POPAF,Number=A,Type=Float,Description="Population frequency">
##INFO=<ID=RPA,Number=R,Type=Integer,Description="Repeat units">
##INFO=<ID=RU,Number=1,Type=String,Description="Unit">
##INFO=<ID=STR,Number=0,Type=Flag,Description="Repeat">
##INFO=<ID=TLOD,Number=A,Type=Float,Description="Log 10 likelihood ratio score">
##MutectVersion=2.2
##contig=<ID=chr1,length=1000000>
##filtering_status=Warning: unfiltered Mutect 2 calls.  Please run FilterMutectCalls to remove false positives.
##normal_sample=N
##source=Mutect2
##tumor_sample=T
"""
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN\tT\n"
ERROR = 2e-4  # of one base (Q37)
EMIT = 3.0  # Mutect2's --tumor-lod-to-emit


def tumor_lod(alt: int, depth: int) -> float:
    """Mutect2's TLOD for reads of one base quality: log10 of the likelihood over a flat fraction against none."""
    f = (np.arange(2000) + 0.5) / 2000
    hit, miss = np.log(f * (1 - ERROR) + (1 - f) * ERROR / 3), np.log((1 - f) * (1 - ERROR) + f * ERROR / 3)
    log = alt * hit + (depth - alt) * miss - alt * np.log(ERROR / 3) - (depth - alt) * np.log1p(-ERROR)
    top = log.max()
    return float((top + np.log(np.exp(log - top).mean())) / np.log(10))


@dataclass
class Allele:
    """One allele's data before it is text."""

    tumor: tuple[int, int]  # ref, alt
    normal: tuple[int, int]
    strands: tuple[int, int, int, int]
    f1r2: tuple[int, int]
    base_quality: int = 37
    mapping_quality: int = 60
    position: int = 18
    events: int = 1
    popaf: float = 6.0
    extra: str = ""
    ref: str = "A"
    alt: str = "T"
    label: str = "somatic"
    tlod: float | None = None

    def line(self, pos: int, filters: str = ".", more: str = "") -> str:
        """The VCF line."""
        (r, a), (nr, na) = self.tumor, self.normal
        tlod = tumor_lod(a, r + a) if self.tlod is None else self.tlod
        s = self.strands
        info = f"AS_SB_TABLE={s[0]},{s[1]}|{s[2]},{s[3]};DP={r + a + nr + na};ECNTH={self.events}"
        info += f";MBQ=37,{self.base_quality};MMQ=60,{self.mapping_quality};MPOS={self.position}"
        info += f";POPAF={self.popaf:.2f}{self.extra};TLOD={tlod:.2f}{more}"
        normal = f"0/0:{nr},{na}:0.01:{nr + na}:{nr},{na}:0,0:{nr},{na}:{nr},0,{na},0"
        f1r2 = f"{self.f1r2[0]},{self.f1r2[1]}:{r - self.f1r2[0]},{a - self.f1r2[1]}"
        tumor = f"0/1:{r},{a}:0.1:{r + a}:{f1r2}:{r},{a}:{','.join(map(str, s))}"
        keys = "GT:AD:AF:DP:F1R2:F2R1:FAD:SB"
        return f"chr1\t{pos}\t.\t{self.ref}\t{self.alt}\t.\t{filters}\t{info}\t{keys}\t{normal}\t{tumor}\n"


@dataclass
class CallSet:
    """Alleles and the text they make."""

    alleles: list[Allele] = field(default_factory=list)

    def text(self, junk: str = "x") -> str:
        """The VCF."""
        lines = [allele.line(1000 + 50 * i) for i, allele in enumerate(self.alleles)]
        return HEADER.replace("{junk}", junk) + COLUMNS + "".join(lines)

    def write(self, path: Path) -> Path:
        """Write it as plain text."""
        path.write_text(self.text(), encoding="utf-8")
        return path

    @property
    def labels(self) -> np.ndarray:
        """The true classes."""
        return np.array([allele.label for allele in self.alleles])


def draw(rng: np.random.Generator, label: str, fraction: float | None = None) -> Allele | None:
    """One allele of a class, of a given fraction or its own; None if Mutect2 would not emit it."""
    depth, normal_depth = int(rng.poisson(110)), int(rng.poisson(90))
    own = {
        "somatic": np.exp(rng.uniform(np.log(0.02), np.log(0.5))),
        "sequencing_error": 0.0,
    }.get(label, rng.uniform(0.02, 0.15))
    fraction = own if fraction is None else fraction
    alt = int(rng.binomial(depth, fraction)) + (2 if label == "sequencing_error" else 0)
    if alt < 1 or tumor_lod(alt, depth) < EMIT:
        return None
    ref = depth - alt
    side = {"strand": rng.choice([0.01, 0.99])}.get(label, 0.5)
    way = {"orientation": 0.99}.get(label, 0.5)
    forward, f1r2 = int(rng.binomial(alt, side)), int(rng.binomial(alt, way))
    ref_forward, ref_f1r2 = int(rng.binomial(ref, 0.5)), int(rng.binomial(ref, 0.5))
    shared = fraction if label == "normal_artifact" else 3e-4
    normal_alt = int(rng.binomial(normal_depth, shared))
    return Allele(
        (ref, alt),
        (normal_depth - normal_alt, normal_alt),
        (ref_forward, ref - ref_forward, forward, alt - forward),
        (ref_f1r2, f1r2),
        position=int(np.median(rng.integers(0, 37, alt))),
        ref="G" if label == "orientation" else "A",
        label=label,
    )


def simulate(seed: int, **numbers: int) -> CallSet:
    """Draw so many alleles of each class; those below Mutect2's limit are lost."""
    rng = np.random.default_rng(seed)
    made = [draw(rng, label) for label, n in numbers.items() for _ in range(n)]
    kept = [allele for allele in made if allele is not None]
    return CallSet([kept[i] for i in rng.permutation(len(kept))])


@pytest.fixture(scope="session")
def calls():
    """`calls(seed, somatic=50, strand=20)`: a simulated call set."""
    return simulate


@pytest.fixture(scope="session")
def drawn():
    """`drawn(rng, label, fraction)`: one simulated allele, None where Mutect2 would not write it."""
    return draw


@pytest.fixture(scope="session")
def allele():
    """The class Allele, to write single records."""
    return Allele


@pytest.fixture(scope="session")
def callset():
    """The class CallSet."""
    return CallSet


@pytest.fixture(scope="session")
def lod():
    """`lod(alt, depth)`: Mutect2's TLOD of so many good reads."""
    return tumor_lod
