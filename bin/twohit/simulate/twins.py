"""Twins: two patients with the same bulk, whose two deletions sit in one clone (T1) or in two (T2)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.genome.contigs import GENOMES, Genome, load_genome
from twohit.simulate.blueprint import Event
from twohit.simulate.cell_course import choose_plans
from twohit.simulate.cell_genes import GenomePlaces
from twohit.simulate.cell_profiles import TRANSGENE
from twohit.simulate.cell_samples import STREAM, CellPatient, write_cell_samples, write_gene_places
from twohit.simulate.genes import FACTS
from twohit.simulate.patient import write_panel, write_sheet
from twohit.simulate.presets import Preset
from twohit.simulate.profile import Segment, make_segment
from twohit.simulate.snp_counts import ACROCENTRIC, simulate_snp_counts, write_snp_counts
from twohit.simulate.tiny_patient import gene_sites, segment_table
from twohit.simulate.truth import TruthMaker
from twohit.tables import read_json, write_json

GENOME = "GRCh38"
N_SITES = 12_000
TIMEPOINT, DAY = "relapse", 280
# Clonal events: without them purity and the share of a clone could be exchanged.
TRUNK = (
    *(Event(arm, "trunk", (1, 0)) for arm in ("4q", "8p", "13q", "14q", "22q")),
    Event("1q", "trunk", (2, 1)), Event("15q", "trunk", (2, 1)), Event("7p", "trunk", (2, 0)),
)  # fmt: skip
# Half of the tumour cells lost 16p, half lost 17p: the same half, or each the other.
EVENTS = {
    "T1": (Event("16p", "A", (1, 0)), Event("17p", "A", (1, 0))),
    "T2": (Event("16p", "B", (1, 0)), Event("17p", "A", (1, 0))),
}
SHARES = {
    "T1": {"founder": 0.5, "b": 0.0, "a": 0.5, "a1": 0.0},
    "T2": {"founder": 0.0, "b": 0.5, "a": 0.5, "a1": 0.0},
}


def write_twins(preset: Preset, seed: int, folder: Path) -> None:
    """Write both patients into one folder: SNP counts, cells, reference, samplesheet, parameters, truth."""
    genome, genes = load_genome(GENOME), pd.read_csv(FACTS / "panel_genes_GRCh38.tsv", sep="\t")
    sides, sites, reads = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(3))
    majors = {arm: int(sides.integers(2)) for arm in genome.arms["arm"]}
    segments = {name: twin_segments(name, genome, majors, preset.sex) for name in EVENTS}
    counts = simulate_snp_counts(
        segment_table(segments["T1"], SHARES["T1"]), preset.purity, rng=reads, genome=genome, n_sites=N_SITES,
        normal_depth=preset.normal_depth, tumor_depth=preset.tumor_depth, sex=preset.sex,
        extra_sites=gene_sites(genes, sites),
    )  # fmt: skip
    places = _places(genome, genes)
    reference = folder / "reference"
    write_json(read_json(GENOMES / f"{GENOME}.json"), reference / "genome.json")
    write_gene_places(places, reference / "genes.tsv")
    write_panel(set(genes["gene"]), folder / "panel.tsv")
    rows, told = [], []
    for number, name in enumerate(EVENTS, 1):
        path = folder / "snp_counts" / f"{name}.csv.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_snp_counts(counts, path)
        mine = [{"sample": f"{name}_T", "kind": "tumor", "timepoint": TIMEPOINT, "day": DAY,
                 "snp_counts": str(path.relative_to(folder))}]  # fmt: skip
        truth = _truth(name, segments[name], genes, preset)
        if preset.cell_samples:
            patient = CellPatient(places, segments[name], [], [], {}, (seed, STREAM, number), f"{name}_")
            plans = [_with_clones(plan, SHARES[name]) for plan in choose_plans(preset.cell_samples)]
            cells, truth["cells"] = write_cell_samples(patient, preset, folder, GENOME, plans)
            mine += cells
        rows += [{"patient": name, "sex": preset.sex, **row} for row in mine]
        told.append(truth)
    write_sheet(rows, folder)
    write_json(_parameters(folder, bool(preset.cell_samples)), folder / "params.json")
    write_json({"seed": seed, "preset": preset.name, "patients": told}, folder / "truth.json")


def twin_segments(name: str, genome: Genome, majors: dict[str, int], sex: str) -> list[Segment]:
    """Arms of the genome with the copies of each population of a twin."""
    events = {event.arm: event for event in (*TRUNK, *EVENTS[name])}
    segments = []
    for row in genome.arms.itertuples():
        if row.chrom == "Y" or (row.chrom in ACROCENTRIC and row.arm.endswith("p")):
            continue
        male_x = row.chrom == "X" and sex == "male"
        base, major = ((1, 0), 0) if male_x else ((1, 1), majors[row.arm])
        segments.append(
            make_segment(row.arm, f"chr{row.chrom}", row.start, row.end, base, base, major, events.get(row.arm))
        )
    return segments


def _places(genome: Genome, genes: pd.DataFrame) -> GenomePlaces:
    arms = {row.arm: (f"chr{row.chrom}", row.start, row.end) for row in genome.arms.itertuples()}
    exact = {row.gene: (row.chrom, int(row.start) - 1, int(row.end)) for row in genes.itertuples()}
    return GenomePlaces(arms, exact, [])


def _with_clones(plan, shares: dict[str, float]):
    """Give a sample that has myeloma cells the clones of the twin."""
    return plan if plan.populations is None else replace(plan, populations=shares)


def _truth(name: str, segments: list[Segment], genes: pd.DataFrame, preset: Preset) -> dict:
    places = {row.gene: (row.chrom, int(row.start) - 1) for row in genes.itertuples()}
    maker = TruthMaker(places, segments, [], [], [])
    shares = SHARES[name]
    return {
        "patient": name, "sex": preset.sex, "purity": preset.purity, "wgd": False, "populations": shares,
        **maker.copy_number(shares), "genes": maker.gene_rows(shares),
        "variants": [], "artefacts": [],
    }  # fmt: skip


def _parameters(folder: Path, cells: bool) -> dict:
    root = folder.resolve()
    names = {
        "input": root / "samplesheet.csv", "genes": root / "reference" / "genes.tsv", "panel": root / "panel.tsv",
        "genome": root / "reference" / "genome.json",
    }  # fmt: skip
    return {name: str(path) for name, path in names.items()} | ({"transgene_feature": TRANSGENE} if cells else {})
