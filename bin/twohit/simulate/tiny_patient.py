"""A random patient at the level of counts: what copy number, clonality and verdict read, with the truth beside it."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.genome.contigs import Genome, load_genome
from twohit.simulate.blueprint import NODES, PANEL_GENES, POPULATIONS
from twohit.simulate.consequence import Effect
from twohit.simulate.evidence import Evidence, evidence_tables
from twohit.simulate.genes import FACTS
from twohit.simulate.profile import Segment
from twohit.simulate.snp_counts import ACROCENTRIC, CountNoise, simulate_snp_counts, write_snp_counts
from twohit.simulate.templates import Composition
from twohit.simulate.truth import TruthMaker
from twohit.simulate.variant import Variant, allowed_copies
from twohit.tables import Table, write_json, write_table

EVENT_STATES = {(1, 0): 0.50, (2, 1): 0.22, (2, 0): 0.15, (2, 2): 0.06, (3, 1): 0.07}
DOUBLED_STATES = {(2, 0): 0.35, (3, 1): 0.20, (2, 1): 0.25, (1, 1): 0.10, (4, 1): 0.10}
NODE_SHARES = {"trunk": 0.75, "A": 0.10, "A1": 0.10, "B": 0.05}
FOCAL_SPAN = 4_000_000  # bases of a focal homozygous deletion
HIT_KINDS = {"stop_gained": 0.6, "frameshift_variant": 0.2, "synonymous_variant": 0.2}
NEAR = (20, 120)  # bases between two hits that one fragment can span
SITES_PER_GENE = 6
GENE_REACH = 3_000


@dataclass(frozen=True)
class TinySettings:
    """How a random patient is drawn; rates are per arm or per gene."""

    purity: float | None = None
    purity_range: tuple[float, float] = (0.30, 0.95)
    event_rate: float = 0.35
    focal_rate: float = 0.25
    somatic_rate: float = 0.25
    second_hit_rate: float = 0.35
    germline_rate: float = 0.06
    doubled_rate: float = 0.0
    male_rate: float = 0.0
    passengers: int = 40
    n_sites: int = 7_000
    tumor_depth: float = 110.0
    normal_depth: float = 200.0
    noise: CountNoise = field(default_factory=CountNoise)


@dataclass(frozen=True)
class TinyPatient:
    """A random patient in memory: SNP counts, what its tables are drawn from, the truth."""

    counts: pd.DataFrame
    evidence: Evidence
    truth: dict
    rng: np.random.Generator

    @cached_property
    def tables(self) -> dict[str, tuple[Table, pd.DataFrame]]:
        """Tables of the patient by file name: schema and content; drawn when first asked for."""
        return evidence_tables(self.evidence, self.rng)


def draw_tiny_patient(
    seed: int, genome: str = "GRCh38", settings: TinySettings | None = None, **overrides
) -> TinyPatient:
    """Draw a random patient without writing anything; parameters as in `simulate_tiny_patient`."""
    settings = settings or TinySettings(**overrides)
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(4)]
    loaded = load_genome(genome)
    genes = pd.read_csv(FACTS / "panel_genes_GRCh38.tsv", sep="\t")
    sex = "male" if streams[0].random() < settings.male_rate else "female"
    doubled = bool(streams[0].random() < settings.doubled_rate)
    purity = settings.purity or round(float(streams[0].uniform(*settings.purity_range)), 3)
    shares = _shares(streams[0])
    segments = _segments(loaded, genes, sex, doubled, settings, streams[1])
    variants, effects = _variants(genes, segments, settings, streams[2])
    counts = simulate_snp_counts(
        segment_table(segments, shares), purity, rng=streams[3], genome=loaded, n_sites=settings.n_sites,
        normal_depth=settings.normal_depth, tumor_depth=settings.tumor_depth, sex=sex,
        base=(4, 2) if doubled else (2, 1), noise=settings.noise, extra_sites=gene_sites(genes, streams[3]),
    )  # fmt: skip
    places = {row.gene: (row.chrom, row.start) for row in genes.itertuples()}
    maker = TruthMaker(places, segments, variants, effects, [])
    truth = {
        "patient": "P1", "seed": seed, "sex": sex, "purity": purity, "wgd": doubled, "populations": shares,
        **maker.copy_number(shares), "genes": maker.gene_rows(shares),
        "variants": maker.variant_rows(shares, purity), "artefacts": [],
    }  # fmt: skip
    evidence = Evidence(
        genes, segments, variants, effects, Composition(purity, shares), sex, settings.tumor_depth,
        settings.normal_depth,
    )  # fmt: skip
    return TinyPatient(counts, evidence, truth, streams[3])


def simulate_tiny_patient(
    seed: int, outdir: str | Path, genome: str = "GRCh38", settings: TinySettings | None = None, **overrides
) -> dict:
    """Draw a patient and write the inputs of copy number, clonality and verdict into a folder.

    Parameters
    ----------
    seed : int
        The same seed gives the same files.
    outdir : str or Path
        Gets samples.tsv, panel.tsv, genes.tsv, P1.snp_counts.csv.gz, P1_T.variants.tsv,
        P1_N.germline.variants.tsv, P1_T.genotypes.tsv, P1_T.phase.tsv, P1_T/P1_N.gene_coverage.tsv, truth.json.
    genome : str
        GRCh38 (positions of the panel genes are those of GRCh38).
    settings, **overrides
        A TinySettings, or single fields of it.

    Returns
    -------
    dict
        The content of truth.json.
    """
    patient = draw_tiny_patient(seed, genome, settings, **overrides)
    folder = Path(outdir)
    folder.mkdir(parents=True, exist_ok=True)
    write_snp_counts(patient.counts, folder / "P1.snp_counts.csv.gz")
    for name, (schema, table) in patient.tables.items():
        write_table(table, schema, folder / name)
    write_json(patient.truth, folder / "truth.json")
    return patient.truth


def _shares(rng: np.random.Generator) -> dict[str, float]:
    """Random shares of the four populations; A is 0.3 to 0.9 of the tumour cells."""
    a_all = rng.uniform(0.3, 0.9)
    inner = a_all * rng.uniform(0.3, 0.8)
    b = (1 - a_all) * rng.uniform(0.2, 0.8)
    values = np.round([1 - a_all - b, b, a_all - inner, inner], 3)
    values[0] = round(1 - values[1:].sum(), 3)
    return dict(zip(POPULATIONS, values.tolist(), strict=True))


def _segments(genome: Genome, genes, sex, doubled, settings: TinySettings, rng) -> list[Segment]:
    """Draw an event for some arms and perhaps one focal homozygous deletion around a panel gene."""
    states = DOUBLED_STATES if doubled else EVENT_STATES
    focal = genes.iloc[int(rng.integers(len(genes)))] if rng.random() < settings.focal_rate else None
    copies = 2 if doubled else 1
    segments = []
    for row in genome.arms.itertuples():
        chrom = f"chr{row.chrom}"
        male_x = row.chrom == "X" and sex == "male"
        if row.chrom == "Y" or (row.chrom in ACROCENTRIC and row.arm.endswith("p")):
            continue
        normal = (1, 0) if male_x else (1, 1)
        base = (copies * normal[0], copies * normal[1])
        event = rng.random() < settings.event_rate and not male_x
        node = str(rng.choice(list(NODE_SHARES), p=list(NODE_SHARES.values()))) if event else ""
        state = list(states)[int(rng.choice(len(states), p=list(states.values())))] if event else base
        major = 0 if male_x else int(rng.integers(2))
        state = state if major == 0 else state[::-1]
        pieces = [(row.start, row.end, state, node)]
        if focal is not None and focal.chrom == chrom and row.start <= focal.start < row.end:
            low = max(row.start + 1, int(focal.start) - FOCAL_SPAN // 2)
            high = min(row.end - 1, int(focal.end) + FOCAL_SPAN // 2)
            pieces = [(row.start, low, state, node), (low, high, (0, 0), "trunk"), (high, row.end, state, node)]
        for start, end, copy, where in pieces:
            by_population = dict.fromkeys(POPULATIONS, base)
            by_population.update(dict.fromkeys(NODES[where] if where else (), copy))
            segments.append(Segment(row.arm, chrom, start, end, normal, base, by_population, major, where))
    return segments


def segment_table(segments: list[Segment], shares: dict[str, float]) -> pd.DataFrame:
    """Changed segments as `simulate_snp_counts` takes them."""
    rows = []
    for item in segments:
        if item.node:
            total, minor, ccf = item.state(shares)
            rows.append((item.chrom, item.start + 1, item.end, total, minor, ccf, 1 - item.major))
    return pd.DataFrame(rows, columns=["chrom", "start", "end", "total_cn", "minor_cn", "ccf", "minor_is"])


def _variants(genes, segments: list[Segment], settings: TinySettings, rng) -> tuple[list[Variant], list[Effect]]:
    """Draw hits in panel genes and passengers elsewhere."""
    made: list[tuple[Variant, Effect]] = []
    known = {item.gene for item in PANEL_GENES}
    for row in genes.itertuples():
        assert row.gene in known  # nosec B101  # of our own making, no input
        segment = next(item for item in segments if item.covers(row.chrom, row.start))
        pos = int(rng.integers(row.start, row.end - NEAR[1]))
        if rng.random() < settings.germline_rate:
            side = 0 if segment.normal[1] == 0 else int(rng.integers(2))
            variant = Variant(
                row.chrom, pos, "C", "T", "germline", carried=(side == 0, side == 1), label="germline_stop"
            )
            made.append((variant, Effect(row.gene, "stop_gained", "p.Gln50Ter", True)))
            pos += int(rng.integers(*NEAR))
        if rng.random() < settings.somatic_rate:
            hits = 1 + (rng.random() < settings.second_hit_rate)
            for number in range(hits):
                variant = _somatic(row.chrom, pos, segment, rng)
                if variant is not None:
                    made.append((variant, _effect(row.gene, number, rng)))
                pos += int(rng.integers(*NEAR))
    for _ in range(settings.passengers):
        segment = segments[int(rng.integers(len(segments)))]
        pos = int(rng.integers(segment.start, segment.end))
        variant = _somatic(segment.chrom, pos, segment, rng)
        if variant is not None:
            made.append((variant, Effect()))
    order = {item.chrom: number for number, item in enumerate(segments)}
    made.sort(key=lambda pair: (order[pair[0].chrom], pair[0].pos))
    return [pair[0] for pair in made], [pair[1] for pair in made]


def _somatic(chrom: str, pos: int, segment: Segment, rng: np.random.Generator) -> Variant | None:
    """Draw a somatic substitution on a haplotype that its clone still has; None where no copy is left."""
    node = str(rng.choice(list(NODE_SHARES), p=list(NODE_SHARES.values())))
    sides = [side for side in (0, 1) if allowed_copies(segment, node, side)]
    if not sides:
        return None
    side = int(rng.choice(sides))
    copies = int(rng.choice(allowed_copies(segment, node, side)))
    ref, alt = rng.choice(list("ACGT"), size=2, replace=False)
    return Variant(chrom, pos, str(ref), str(alt), "somatic", node=node, haplotype=side, copies=copies)


def _effect(gene: str, number: int, rng: np.random.Generator) -> Effect:
    kind = str(rng.choice(list(HIT_KINDS), p=list(HIT_KINDS.values())))
    name = {
        "stop_gained": f"p.Gln{60 + number}Ter", "frameshift_variant": f"p.Ala{60 + number}GlyfsTer9",
        "synonymous_variant": f"p.Leu{60 + number}=",
    }[kind]  # fmt: skip
    return Effect(gene, kind, name, kind != "synonymous_variant")


def gene_sites(genes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Make a few SNP sites in and around each panel gene."""
    rows = [
        (row.chrom, int(pos))
        for row in genes.itertuples()
        for pos in rng.integers(row.start - GENE_REACH, row.end + GENE_REACH, size=SITES_PER_GENE)
    ]
    return pd.DataFrame(rows, columns=["chrom", "pos"])
