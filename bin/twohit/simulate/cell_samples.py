"""The cells of a patient as files, rows of the samplesheet and truth."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.cli import progress
from twohit.schemas import GENES
from twohit.simulate.barcoded import Tumour, write_barcoded_bam
from twohit.simulate.cell_contig import add_to_reference, make_contig
from twohit.simulate.cell_course import BY_IMPORTANCE, CellPlan, choose_plans
from twohit.simulate.cell_genes import GenomePlaces, messenger_doses, place_genes
from twohit.simulate.cell_matrix import FORMATS, MIXED, write_cells
from twohit.simulate.cell_profiles import MYELOMA, TRANSGENE, TYPE_NAMES, load_profiles, patient_programme
from twohit.simulate.cell_reads import write_cell_reads
from twohit.simulate.cells import CellNoise, CellWorld, DrawnCells, draw_dispersion, draw_sample
from twohit.simulate.consequence import Effect
from twohit.simulate.presets import Preset
from twohit.simulate.profile import Segment
from twohit.simulate.reference import Reference
from twohit.simulate.variant import Variant
from twohit.tables import write_table, write_text

BAM_STREAM, READ_STREAM = 1, 2  # of a sample's seed
WHITELIST = "barcodes.txt"
STREAM = 8  # of the patient's seed; reads have 0 to 7
TRUTH_COLUMNS = ["sample", "barcode", "type", "population", "doublet", "car", "cycling", "quality"]
PAIR = ("16p", "17p")  # arms whose loss in one cell is the question of the study


@dataclass(frozen=True)
class CellPatient:
    """What the cells of a patient follow from.

    Attributes
    ----------
    places : GenomePlaces
    segments, variants, effects : lists
        The tumour, as in the DNA.
    ids : dict of str to str
        Gene ids that another file of the patient uses already.
    stream : tuple of int
        Seed of the cells; samples count on from it.
    prefix : str
        Put before the names of samples.
    reference : Reference, optional
        The genome; without it no barcoded reads can be written.
    """

    places: GenomePlaces
    segments: list[Segment]
    variants: list[Variant]
    effects: list[Effect]
    ids: dict[str, str]
    stream: tuple[int, ...]
    prefix: str = ""
    reference: Reference | None = None


def make_world(patient: CellPatient, noise: CellNoise) -> tuple[CellWorld, pd.DataFrame]:
    """Make what all samples share, and the genes (gene, chrom, start, end, id) in the order of the matrix."""
    profiles = load_profiles()
    genes = place_genes(profiles, patient.places)
    genes["id"] = [patient.ids.get(name, f"SIMG9{k:010d}") for k, name in enumerate(genes["gene"])]
    genes.loc[genes["gene"] == TRANSGENE, "id"] = TRANSGENE
    rng = np.random.default_rng(patient.stream)
    doses = messenger_doses(genes, patient.segments, patient.variants, patient.effects, noise.dosage_exponent)
    programme = patient_programme(profiles, noise.programme_sd, rng)
    return CellWorld(profiles, doses, programme, draw_dispersion(len(genes), noise, rng), noise), genes


def write_cell_samples(
    patient: CellPatient, preset: Preset, folder: Path, genome: str, plans: list[CellPlan] | None = None
) -> tuple[list[dict], dict]:
    """Draw and write the samples of cells.

    Parameters
    ----------
    patient : CellPatient
    preset : Preset
        How many samples and cells, how deep, in which format.
    folder : Path
        The patient's; gets cells/ with a truth.tsv (prefix before its name).
    genome : str
        Name of the genome.
    plans : list of CellPlan, optional
        The samples; those of the study's course when left out.

    Returns
    -------
    rows : list of dict
        Rows of the samplesheet without patient and sex.
    truth : dict
        `cells` of truth.json.
    """
    world, genes = make_world(patient, CellNoise(umis=float(preset.cell_umis)))
    rows, told, tables = [], [], []
    contig = None
    if preset.cell_reads and patient.reference is not None:
        contig = make_contig(genes, {gene.name for gene in patient.reference.genes}, patient.stream[0])
        add_to_reference(contig, folder / "reference")
        (folder / "reference" / WHITELIST).unlink(missing_ok=True)
    for number, plan in enumerate(choose_plans(preset.cell_samples) if plans is None else plans):
        rng = np.random.default_rng((*patient.stream, plan.day + 1_000))
        drawn = draw_sample(plan, preset.cells_per_sample, world, rng)
        name = f"{patient.prefix}{plan.name}"
        kind = FORMATS[(number + 1) % len(FORMATS)] if preset.cell_format == MIXED else preset.cell_format
        barcodes = drawn.cells["barcode"].to_numpy()
        path = write_cells(folder / "cells" / name, kind, drawn.counts, barcodes, genes, genome)
        progress(f"{name}: {drawn.counts.shape[0]:,} barcodes, {drawn.counts.sum():,} counts")
        rows.append({
            "sample": name, "kind": "cells", "timepoint": plan.timepoint, "day": plan.day,
            "matrix": str(path.relative_to(folder)), "fraction": plan.fraction,
        })  # fmt: skip
        if contig is not None and plan.name in BY_IMPORTANCE[: preset.cell_reads]:
            row = rows.pop()
            del row["matrix"]
            rows += [row | lane for lane in _write_reads(patient, plan, drawn, genes, contig, folder, name)]
        elif patient.reference is not None and plan.name in BY_IMPORTANCE[: preset.cell_bams]:
            rows[-1]["bam"] = str(_write_bam(patient, plan, drawn, genes, folder, name).relative_to(folder))
        told.append({"sample": name, **sample_truth(drawn, patient.segments)})
        tables.append(drawn.cells.assign(sample=name))
    write_text(folder / "cells" / f"{patient.prefix}truth.tsv", _truth_text(tables))
    return rows, {"transgene_feature": TRANSGENE, "median_umis": preset.cell_umis, "samples": told}


def _write_reads(patient: CellPatient, plan: CellPlan, drawn: DrawnCells, genes, contig, folder, name) -> list[dict]:
    """Write the sample's FASTQ; rows of its lanes. The whitelist is of all samples with reads."""
    tumour = Tumour(patient.reference, patient.segments, patient.variants, patient.effects)
    rng = np.random.default_rng((*patient.stream, plan.day + 1_000, READ_STREAM))
    files, codes = write_cell_reads(folder / "fastq" / name, tumour, drawn, genes, contig, rng)
    listed = folder / "reference" / WHITELIST
    earlier = listed.read_text(encoding="utf-8").split() if listed.is_file() else []
    write_text(listed, "".join(f"{code}\n" for code in sorted({*earlier, *codes})))
    return [
        {"fastq_1": f"fastq/{first.name}", "fastq_2": f"fastq/{second.name}", "lane": f"L{lane}"}
        for lane, (first, second) in enumerate(files, 1)
    ]


def _write_bam(patient: CellPatient, plan: CellPlan, drawn: DrawnCells, genes, folder: Path, name: str) -> Path:
    """Write the sample's barcoded reads; they have a stream of the seed of their own."""
    path = folder / "cells" / f"{name}.bam"
    tumour = Tumour(patient.reference, patient.segments, patient.variants, patient.effects)
    rng = np.random.default_rng((*patient.stream, plan.day + 1_000, BAM_STREAM))
    write_barcoded_bam(path, tumour, drawn, genes, rng)
    return path


def write_gene_places(places: GenomePlaces, path: Path) -> None:
    """Write gene positions: every gene with an exact place and every gene of the profiles that the genome has."""
    placed = place_genes(load_profiles(), places).dropna(subset=["chrom"])
    known = set(placed["gene"])
    others = [(g, c, start + 1, end) for g, (c, start, end) in places.exact.items() if g not in known]
    frame = pd.DataFrame([*placed.itertuples(index=False, name=None), *others], columns=placed.columns)
    order = {chrom: number for number, (chrom, _, _) in enumerate(places.arms.values())}
    frame["order"] = frame["chrom"].map(order)
    frame = frame.sort_values(["order", "start", "gene"], kind="stable").drop(columns="order")
    write_table(frame, GENES, path)


def sample_truth(drawn: DrawnCells, segments: list[Segment]) -> dict:
    """What a perfect analysis of one sample would find; whole cells only, a doublet counts as its first cell."""
    plan, cells = drawn.plan, drawn.cells
    good = cells[cells["quality"] == "good"]
    tumour = good[good["type"] == MYELOMA]
    n = good["type"].value_counts()
    counts = {name: int(n.get(name, 0)) for name in TYPE_NAMES}
    return {
        "timepoint": plan.timepoint, "day": plan.day, "fraction": plan.fraction, "why": plan.why,
        "n_barcodes": len(cells), "n_cells": len(good), "n_empty": int((cells["quality"] == "empty").sum()),
        "n_damaged": int((cells["quality"] == "damaged").sum()), "n_doublets": int((good["doublet"] != "").sum()),
        "ambient": drawn.ambient, "types": counts, "shares": {k: v / len(good) for k, v in counts.items()},
        "car_cells": int(good["car"].sum()), "dividing_cells": int(good["cycling"].sum()),
        "populations": {name: int((tumour["population"] == name).sum()) for name in plan.populations or {}},
        **_carriers(tumour["population"].to_numpy(), segments),
    }  # fmt: skip


def altered_populations(segments: list[Segment]) -> dict[str, dict[str, str]]:
    """Populations in which most of an arm has more or fewer copies than the tumour's base, by arm: gain or loss."""
    longest: dict[str, Segment] = {}
    for item in segments:
        kept = longest.setdefault(item.arm, item)
        if item.end - item.start > kept.end - kept.start:
            longest[item.arm] = item
    altered = {}
    for arm, item in longest.items():
        change = {name: sum(copies) - sum(item.base) for name, copies in item.copies.items()}
        found = {name: "gain" if value > 0 else "loss" for name, value in change.items() if value}
        if found:
            altered[arm] = found
    return altered


def _carriers(population: np.ndarray, segments: list[Segment]) -> dict:
    """Myeloma cells that carry each arm's change, and both of the pair; shares of all myeloma cells."""
    altered, total = altered_populations(segments), max(len(population), 1)
    arms = []
    for arm, found in altered.items():
        n = int(np.isin(population, list(found)).sum())
        arms.append({"arm": arm, "direction": next(iter(found.values())), "n": n, "share": n / total})
    both = np.ones(len(population), dtype=bool)
    for arm in PAIR:
        both &= np.isin(population, list(altered.get(arm, {})))
    return {"arms": arms, "both_16p_17p": {"n": int(both.sum()), "share": float(both.sum() / total)}}


def _truth_text(tables: list[pd.DataFrame]) -> str:
    """One row a barcode; yes or no for what is true or not, empty for what does not apply."""
    frame = pd.concat(tables, ignore_index=True)[TRUTH_COLUMNS]
    for name in ("car", "cycling"):
        frame[name] = np.where(frame[name].astype(bool), "yes", "no")
    return frame.to_csv(sep="\t", index=False, lineterminator="\n")
