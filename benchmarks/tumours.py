"""Random tumours for the copy-number benchmark, with their truth, and a second, plainer simulator of their counts.

The second source shares neither code nor noise model with `twohit.simulate`: GC waves of another shape in each library,
site noise with heavy tails, allele bias that belongs to the site, paralogues, few heterozygous sites. The fit gets the
GC, as it does in the pipeline, with an error. The third is the second with noise that all sites of an exon share.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from twohit.copynumber.counts import SnpCounts
from twohit.genome.contigs import Genome, plain
from twohit.simulate.snp_counts import ACROCENTRIC, CountNoise, simulate_snp_counts

COLUMNS = ["chrom", "start", "end", "total_cn", "minor_cn", "ccf"]
GENE = ("16", 11_965_210, 11_968_068)  # TNFRSF17, GRCh38
LEAST_EVENT = 3_000_000  # bases
PLAIN_STATES = {(1, 0): 0.34, (3, 1): 0.24, (2, 0): 0.16, (4, 2): 0.06, (4, 1): 0.08, (3, 0): 0.04, (5, 2): 0.04,
                (0, 0): 0.04}  # fmt: skip
HYPERDIPLOID_STATES = {(3, 1): 0.70, (4, 2): 0.10, (1, 0): 0.10, (2, 0): 0.10}
DOUBLED_STATES = {(2, 0): 0.16, (3, 1): 0.22, (2, 1): 0.14, (5, 2): 0.12, (6, 2): 0.10, (4, 1): 0.08, (3, 0): 0.06,
                  (4, 0): 0.05, (1, 0): 0.04, (6, 3): 0.03}  # fmt: skip
LATE_STEPS = (0.5, 0.35, 0.15)  # shares of the changes that only a part of the cells has, see `late_states`
HETS_OF_EXOME = 0.06  # share of sites that are heterozygous in the second source (the first has a third)
EXON_SD = (0.02, 0.14)  # of the log depth of an exon in each library of the third source
SOURCES = ("first", "second", "third")


@dataclass(frozen=True)
class Tumour:
    """What is known of a simulated tumour; `events` has COLUMNS, chrom is the plain name."""

    kind: str
    source: str
    purity: float
    base: tuple[int, int]
    events: pd.DataFrame
    depth: float
    n_sites: int

    @property
    def subclonal(self) -> pd.DataFrame:
        """Events in part of the tumour cells."""
        return self.events[self.events["ccf"] < 1]

    def state_at(self, chrom: str, pos: int) -> tuple[int, int, float]:
        """True (total, minor, ccf) at a position."""
        table = self.events
        mine = table[(table["chrom"] == chrom) & (table["start"] <= pos) & (table["end"] >= pos)]
        return tuple(mine.iloc[0][["total_cn", "minor_cn", "ccf"]]) if len(mine) else (*self.base, 1.0)


def draw_tumour(seed: int, source: str, genome: Genome) -> Tumour:
    """Draw kind, purity, depth, sites and events over the grid."""
    rng = np.random.default_rng([seed, 11])
    kind = str(rng.choice(["diploid", "hyperdiploid", "doubled"], p=[0.5, 0.2, 0.3]))
    purity = float(np.round(rng.uniform(0.15, 1.0), 3))
    depth = float(np.exp(rng.uniform(np.log(50), np.log(600))))
    n_sites = int(np.exp(rng.uniform(np.log(20_000), np.log(300_000))))
    n_events = int(rng.integers(0, 61)) if rng.random() < 0.4 else int(rng.integers(3, 16))
    if kind == "hyperdiploid":
        n_events = max(n_events, 6)
    base = (4, 2) if kind == "doubled" else (2, 1)
    events = draw_events(rng, genome, kind, base, n_events, int(rng.integers(0, 6)))
    return Tumour(kind, source, purity, base, events, depth, n_sites)


def draw_events(rng, genome: Genome, kind: str, base, n_events: int, n_sub: int) -> pd.DataFrame:
    """Events that do not overlap: chromosomes, arms and shorter ones; one near 16p13 in half of the tumours."""
    states = {"diploid": PLAIN_STATES, "hyperdiploid": HYPERDIPLOID_STATES, "doubled": DOUBLED_STATES}[kind]
    clones = np.sort(rng.uniform(0.2, 0.85, 2))
    taken, rows = [], []
    for number in range(n_events):
        chrom, start, end = ("16", 1, 30_000_000) if number == 0 and rng.random() < 0.5 else _place(rng, genome)
        if any(c == chrom and s <= end + LEAST_EVENT and start <= e + LEAST_EVENT for c, s, e in taken):
            continue
        taken.append((chrom, start, end))
        sub = 0 < number <= n_sub
        state = _step(rng, base) if sub else list(states)[int(rng.choice(len(states), p=list(states.values())))]
        if state == (0, 0) and end - start > 5_000_000:
            state = (base[0] - 1, base[1] - 1)
        rows.append((chrom, start, end, *state, float(rng.choice(clones)) if sub else 1.0))
    return pd.DataFrame(rows, columns=COLUMNS)


def _step(rng, base: tuple[int, int]) -> tuple[int, int]:
    """One change away from the tumour's own normal state."""
    return late_states(base)[int(rng.choice(len(LATE_STEPS), p=LATE_STEPS))]


def late_states(base: tuple[int, int]) -> list[tuple[int, int]]:
    """States that `LATE_STEPS` lead to: a copy lost, one gained, all of one allele replaced by the other."""
    total, minor = base
    return [(total - 1, minor - 1), (total + 1, minor), (total, 0)]


def _place(rng, genome: Genome) -> tuple[str, int, int]:
    names = [name for name in genome.lengths if name not in ("X", "Y")]
    lengths = np.array([genome.lengths[name] for name in names], dtype=float)
    chrom = names[int(rng.choice(len(names), p=lengths / lengths.sum()))]
    low = genome.centromeres[chrom] if chrom in ACROCENTRIC else 0
    high, middle, form = genome.lengths[chrom], genome.centromeres[chrom], rng.random()
    if form < 0.2:
        return chrom, low + 1, high
    if form < 0.55:
        return (chrom, middle + 1, high) if low or rng.random() < 0.6 else (chrom, 1, middle)
    size = int(min(np.exp(rng.uniform(np.log(LEAST_EVENT), np.log(6e7))), 0.8 * (high - low)))
    start = int(rng.integers(low + 1, high - size))
    return chrom, start, start + size


def make_counts(tumour: Tumour, seed: int, genome: Genome) -> SnpCounts:
    """Counts of a tumour and its normal from its source."""
    rng = np.random.default_rng([seed, 12])
    if tumour.source != "first":
        return second_source(tumour, rng, genome, rng.uniform(*EXON_SD) if tumour.source == "third" else 0.0)
    noise = CountNoise(wave_sd=float(rng.uniform(0.0, 0.05)), ratio_sd=float(rng.uniform(0.04, 0.2)),
                       allele_rho=float(rng.uniform(0.0005, 0.004)))  # fmt: skip
    table = simulate_snp_counts(
        tumour.events, tumour.purity, rng=rng, genome=genome, n_sites=tumour.n_sites, tumor_depth=tumour.depth,
        normal_depth=float(rng.uniform(50, 200)), base=tumour.base, noise=noise,
    )  # fmt: skip
    return as_counts(table, genome)


def as_counts(table: pd.DataFrame, genome: Genome) -> SnpCounts:
    """Counts as they are after reading, from a table of `simulate_snp_counts`."""
    codes = {f"chr{name}": code for code, name in enumerate(genome.lengths)}
    chrom = table["Chromosome"].map(codes).to_numpy()
    counts = [np.stack([table[f"File{k}{a}"].to_numpy(float) for k in (1, 2)]) for a in "RA"]
    return SnpCounts(
        list(genome.lengths), {plain(c): c for c in codes}, chrom, table["Position"].to_numpy(np.int64), *counts
    )


def second_source(tumour: Tumour, rng, genome: Genome, exon_sd: float) -> SnpCounts:
    """Counts of an exome whose noise is not that of the model; `exon_sd` of it is shared by the sites of an exon."""
    names = [name for name in genome.lengths if name != "Y"]
    lengths = np.array([genome.lengths[name] for name in names], dtype=float)
    per_contig = rng.multinomial(tumour.n_sites, lengths / lengths.sum())
    chrom = np.repeat(np.arange(len(names)), per_contig)
    pos = np.concatenate([_exon_sites(rng, int(n), int(size)) for n, size in zip(per_contig, lengths, strict=True)])
    unique = np.r_[True, (np.diff(chrom) != 0) | (np.diff(pos) != 0)]
    chrom, pos = chrom[unique], pos[unique]
    n = pos.size
    large, small = np.full(n, float(tumour.base[0] - tumour.base[1])), np.full(n, float(tumour.base[1]))
    for row in tumour.events.itertuples():
        inside = (chrom == names.index(row.chrom)) & (pos >= row.start) & (pos <= row.end)
        large[inside] += row.ccf * (row.total_cn - row.minor_cn - large[inside])
        small[inside] += row.ccf * (row.minor_cn - small[inside])
    p = tumour.purity
    first, other = p * large + 1 - p, p * small + 1 - p
    flip = rng.random(n) < 0.5
    first, other = np.where(flip, other, first), np.where(flip, first, other)
    gc = _gc(rng, chrom, pos)
    capture = rng.gamma(4.0, 0.25, n)
    exon = _exons(chrom, pos)
    kind = rng.choice(4, n, p=[0.92 - HETS_OF_EXOME, HETS_OF_EXOME, 0.07, 0.01])  # 0/0, 0/1, 1/1, paralogue
    site_odds = rng.normal(0.08, 0.12, n)  # preference for the reference allele, the same in both files
    ref, alt = np.empty((2, n)), np.empty((2, n))
    copies = (first + other) / (first + other).mean()
    samples = ((1.0, 1.0, 1.0, float(rng.uniform(60, 160))), (first, other, copies, tumour.depth))
    for k, (a, b, dose, depth) in enumerate(samples):
        slope, bend = rng.normal(0, 0.35), rng.normal(0, 1.2)
        bias = slope * (gc - 0.45) + bend * (gc - 0.45) ** 2
        mean = depth * capture * dose * np.exp(bias + 0.06 * np.clip(rng.standard_t(4, n), -6, 6))
        if exon_sd > 0:
            mean = mean * np.exp(rng.normal(0, exon_sd, exon[-1] + 1))[exon]
        reads = rng.poisson(mean)
        odds = np.exp(-site_odds) * np.divide(b, a, out=np.full(n, 50.0), where=np.asarray(a) > 0)
        share = np.select([kind == 0, kind == 1, kind == 2], [0.0, odds / (1 + odds), 1.0], 0.25)
        share = share * 0.999 + (1 - share) * 0.001
        alt[k] = rng.binomial(reads, rng.beta(share * 250 + 1e-3, (1 - share) * 250 + 1e-3))
        ref[k] = reads - alt[k]
    return SnpCounts(list(genome.lengths), {}, chrom, pos, ref, alt, gc=np.clip(gc + rng.normal(0, 0.02, n), 0, 1))


def _exon_sites(rng, count: int, length: int) -> np.ndarray:
    exons = np.sort(rng.integers(10_000, length - 10_000, max(count // 2, 1)))
    return np.sort(rng.choice(exons, count) + rng.integers(0, 300, count))


def _exons(chrom: np.ndarray, pos: np.ndarray) -> np.ndarray:
    """Number of the exon of each site."""
    return np.cumsum(np.r_[False, (np.diff(pos) > 300) | (np.diff(chrom) != 0)])


def _gc(rng, chrom: np.ndarray, pos: np.ndarray) -> np.ndarray:
    """GC share along the genome: isochores of about a megabase and exons that scatter around them."""
    block = chrom.astype(np.int64) * 100_000 + pos // 700_000
    names, place = np.unique(block, return_inverse=True)
    level = np.convolve(rng.normal(0, 0.09, names.size + 4), np.ones(5) / np.sqrt(5), "valid")
    exon = _exons(chrom, pos)
    return np.clip(0.45 + level[place] + rng.normal(0, 0.06, exon[-1] + 1)[exon], 0.25, 0.75)
