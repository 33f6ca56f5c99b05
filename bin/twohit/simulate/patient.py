"""Put a whole patient together: genome, variants, libraries, FASTQ, truth, samplesheet, parameters."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.cli import progress
from twohit.schemas import PANEL
from twohit.simulate.blueprint import EARLY_SHARES, LATE_SHARES, PANEL_GENES, plans_of
from twohit.simulate.cell_genes import genome_places
from twohit.simulate.cell_profiles import TRANSGENE
from twohit.simulate.cell_samples import STREAM as CELL_STREAM
from twohit.simulate.cell_samples import WHITELIST, CellPatient, write_cell_samples, write_gene_places
from twohit.simulate.clinical_course import write_clinical
from twohit.simulate.consequence import GeneIndex, effect_of
from twohit.simulate.fastq import LaneJob, write_lane
from twohit.simulate.germline import Places, common_snps, private_variants
from twohit.simulate.passengers import artefact_sites, passenger_mutations
from twohit.simulate.planned import planned_artefacts, planned_variants
from twohit.simulate.presets import Preset
from twohit.simulate.profile import Segment, build_profile
from twohit.simulate.reads import target_bases_per_pair
from twohit.simulate.reference import Reference, build_reference, write_reference
from twohit.simulate.templates import Capture, Composition, build_library
from twohit.simulate.truth import TruthMaker
from twohit.simulate.variant import Artefact, Variant
from twohit.simulate.vcf import write_common_snps
from twohit.tables import write_json, write_table, write_text

PATIENT = "P1"
NORMAL_ARTEFACT_FACTOR = 0.15  # the tumour's library was damaged more than the normal's
SHEET_COLUMNS = (
    "patient", "sample", "kind", "timepoint", "day", "sex", "fastq_1", "fastq_2", "lane", "bam", "snp_counts", "matrix",
    "fraction", "table", "qpcr", "fish",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One sequenced sample of the patient."""

    name: str
    kind: str
    timepoint: str
    day: int
    depth: float
    composition: Composition
    artefact_factor: float
    lanes: int


@dataclass
class Patient:
    """The patient before sequencing."""

    preset: Preset
    seed: int
    reference: Reference
    segments: list[Segment]
    variants: list[Variant]
    artefacts: list[Artefact]
    samples: list[Sample]
    capture: Capture
    index: GeneIndex


def build_patient(preset: Preset, seed: int) -> Patient:
    """Draw genome, germline, tumour and artefacts; each part has a stream of the seed of its own."""
    genome, states, snps, private, passengers, artefacts, capture = (
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(7)
    )
    reference = build_reference(preset, genome)
    segments = build_profile(reference, preset, states)
    index = GeneIndex(reference)
    places = Places(reference, index)
    named = planned_variants(reference, segments, plans_of(preset.karyotype))
    bad = planned_artefacts(reference)
    for item in (*named, *bad):
        places.take(item.chrom, item.pos, len(item.ref))
    common = common_snps(reference, places, preset, snps)
    rare = private_variants(reference, places, preset, private)
    somatic = passenger_mutations(places, segments, preset, passengers)
    bad += artefact_sites(places, preset, artefacts)
    order = {chrom: number for number, chrom in enumerate(reference.sequence)}
    variants = sorted([*named, *common, *rare, *somatic], key=lambda item: (order[item.chrom], item.pos))
    bad.sort(key=lambda item: (order[item.chrom], item.pos))
    return Patient(
        preset, seed, reference, segments, variants, bad, _samples(preset), Capture(reference, capture), index
    )


def _samples(preset: Preset) -> list[Sample]:
    late = Composition(preset.purity, LATE_SHARES, preset.contamination)
    normal = Composition(preset.tumor_in_normal, LATE_SHARES)
    samples = []
    if preset.normal_depth > 0:
        samples.append(Sample("P1_N", "normal", "germline", 0, preset.normal_depth, normal, NORMAL_ARTEFACT_FACTOR, 1))
    if preset.timepoints == 2:
        early = Composition(preset.early_purity, EARLY_SHARES, preset.contamination)
        samples.append(Sample("P1_T0", "tumor", "baseline", 0, preset.tumor_depth, early, 1.0, 1))
    samples.append(Sample("P1_T", "tumor", "relapse", 280, preset.tumor_depth, late, 1.0, preset.lanes))
    return samples


def write_patient(patient: Patient, folder: Path, threads: int = 1) -> None:
    """Write reference, panel, FASTQ, samplesheet, parameters and truth into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    reference = folder / "reference"
    progress(f"genome of {sum(patient.reference.lengths.values()):,} bases, {len(patient.reference.genes)} genes")
    write_reference(patient.reference, reference)
    write_common_snps(patient.variants, patient.reference.lengths, reference / "common_snps.vcf.gz")
    write_panel({gene.name for gene in patient.reference.genes}, folder / "panel.tsv")
    write_gene_places(genome_places(patient.reference, patient.segments), reference / "genes.tsv")
    rows, told = [], truth(patient)
    for number, sample in enumerate(patient.samples):
        rows += _sequence(patient, sample, number, folder, threads)
    if patient.preset.cell_samples:
        cells, told["cells"] = write_cell_samples(cell_patient(patient), patient.preset, folder, patient.reference.name)
        rows += cells
    if patient.preset.clinical:
        row, told["clinical"] = write_clinical(folder, patient.segments, patient.seed)
        rows.append(row)
    write_sheet([{"patient": PATIENT, "sex": patient.preset.sex, **row} for row in rows], folder)
    write_json(
        parameters(folder, bool(patient.preset.cell_samples), bool(patient.preset.cell_reads)), folder / "params.json"
    )
    write_json(told, folder / "truth.json")


def write_sheet(rows: list[dict], folder: Path) -> None:
    """Write the samplesheet; columns that no row fills stay out."""
    frame = pd.DataFrame(rows).reindex(columns=list(SHEET_COLUMNS)).dropna(axis="columns", how="all")
    frame["day"] = frame["day"].astype("Int64")
    write_text(folder / "samplesheet.csv", frame.to_csv(index=False))


def cell_patient(patient: Patient) -> CellPatient:
    """Tumour of the DNA as the cells need it."""
    effects = [effect_of(patient.index, item.chrom, item.pos, item.ref, item.alt) for item in patient.variants]
    ids = {gene.name: f"SIMG{gene.number:011d}" for gene in patient.reference.genes}
    places = genome_places(patient.reference, patient.segments)
    stream = (patient.seed, CELL_STREAM)
    return CellPatient(places, patient.segments, patient.variants, effects, ids, stream, reference=patient.reference)


def _sequence(patient: Patient, sample: Sample, number: int, folder: Path, threads: int) -> list[dict]:
    """Sequence one sample, lane by lane; returns its rows of the samplesheet."""
    preset = patient.preset
    library = build_library(
        patient.capture, patient.segments, patient.variants, patient.artefacts, sample.composition, preset
    )
    per_pair = target_bases_per_pair(library, patient.seed)
    size = sum(end - start for _, start, end in patient.reference.targets)
    total = int(sample.depth * size / per_pair / (1 - preset.duplicate_rate))
    progress(f"{sample.name}: {total:,} read pairs, {sample.depth:g}x over {size:,} target bases")
    rows = []
    for lane in range(1, sample.lanes + 1):
        pairs = total // sample.lanes + (lane <= total % sample.lanes)
        prefix = folder / "fastq" / f"{sample.name}_L{lane}"
        job = LaneJob(
            sample.name, lane, pairs, prefix, (patient.seed, 7, number, lane), preset.chunk_fragments,
            preset.duplicate_rate, sample.artefact_factor,
        )  # fmt: skip
        first, second = write_lane(library, job, threads)
        rows.append({
            "sample": sample.name, "kind": sample.kind, "timepoint": sample.timepoint,
            "day": sample.day if sample.kind == "tumor" else None,
            "fastq_1": f"fastq/{first.name}", "fastq_2": f"fastq/{second.name}", "lane": f"L{lane}",
        })  # fmt: skip
    return rows


def write_panel(known: set[str], path: Path) -> None:
    """Write the panel's genes that the genome has."""
    rows = [
        {"gene": item.gene, "role": item.role, "reason": item.reason, "citation": item.citation or None}
        for item in PANEL_GENES
        if item.gene in known
    ]
    write_table(pd.DataFrame(rows, columns=PANEL.names), PANEL, path)


def parameters(folder: Path, cells: bool = False, cell_reads: bool = False) -> dict:
    """Nextflow parameters of the patient; paths are absolute, so that they hold from any folder."""
    root = folder.resolve()
    reference = root / "reference"
    snps = str(reference / "common_snps.vcf.gz")
    given = {
        "input": str(root / "samplesheet.csv"),
        "fasta": str(reference / "genome.fa"),
        "gff": str(reference / "genes.gff3"),
        "genes": str(reference / "genes.tsv"),
        "targets": str(reference / "targets.bed"),
        "known_sites": snps,
        "germline_resource": snps,
        "common_snps": snps,
        "panel": str(root / "panel.tsv"),
        "genome": str(reference / "genome.json"),
    } | ({"transgene_feature": TRANSGENE} if cells else {})
    if cells and cell_reads:
        given |= {"transgene": str(reference / "transgene.fa"), "barcode_whitelist": str(reference / WHITELIST)}
    return given


def truth(patient: Patient) -> dict:
    """Everything that is true of the patient; the top level is the last tumour sample, `samples` holds each."""
    places = {gene.name: (gene.chrom, gene.start) for gene in patient.reference.genes if gene.panel}
    effects = [effect_of(patient.index, item.chrom, item.pos, item.ref, item.alt) for item in patient.variants]
    maker = TruthMaker(places, patient.segments, patient.variants, effects, patient.artefacts)
    samples = []
    for sample in patient.samples:
        mix = sample.composition
        entry = {
            "sample": sample.name, "kind": sample.kind, "timepoint": sample.timepoint,
            "day": sample.day if sample.kind == "tumor" else None, "depth": sample.depth,
            "purity": mix.purity, "contamination": mix.contamination,
        }  # fmt: skip
        if sample.kind == "tumor":
            entry |= {"populations": mix.shares, **maker.copy_number(mix.shares), "genes": maker.gene_rows(mix.shares)}
            entry["variants"] = [
                {"chrom": row["chrom"], "pos": row["pos"], "ref": row["ref"], "alt": row["alt"],
                 "ccf": row["ccf"], "vaf": row["vaf"]}
                for row in maker.variant_rows(mix.shares, mix.purity, mix.contamination)
            ]  # fmt: skip
        samples.append(entry)
    last = patient.samples[-1].composition
    identity = f"{patient.preset}{patient.seed}".encode()
    return {
        "patient": PATIENT, "seed": patient.seed, "preset": patient.preset.name,
        "identity": hashlib.sha256(identity).hexdigest()[:16], "sex": patient.preset.sex, "purity": last.purity,
        **maker.copy_number(last.shares), "wgd": patient.preset.karyotype == "doubled",
        "contamination": last.contamination, "duplicate_rate": patient.preset.duplicate_rate, "samples": samples,
        "variants": maker.variant_rows(
            last.shares, last.purity, last.contamination, patient.preset.tumor_in_normal
        ),
        "artefacts": maker.artefact_rows(), "genes": maker.gene_rows(last.shares),
    }  # fmt: skip
