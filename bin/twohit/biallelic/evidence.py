"""The evidence folder of one patient, read and checked; what is missing is listed with what that costs."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from twohit import schemas
from twohit.biallelic.cell_reading import (
    PatientCells,
    PatientClinical,
    find,
    read_cells,
    read_clinical,
    read_optional,
)
from twohit.biallelic.cell_samples import CellSample
from twohit.biallelic.fit_reading import read_fit, read_vote
from twohit.biallelic.junctions import Junction, read_junctions
from twohit.biallelic.panel import ALL_GENES, all_genes, panel_positions, read_panel
from twohit.biallelic.sample_files import of_sample, read_own, read_votes
from twohit.errors import InputError
from twohit.genome.panel import has_every
from twohit.samples.rows import MAX_DAY
from twohit.tables import Table, empty, read_json, read_table

COSTS = {
    "copy_number": "losses of a copy cannot be seen; a single hit cannot be joined to a second one",
    "purity": "shares of tumour cells are integrated over every purity from 10 to 100 %; no limit of detection",
    "somatic": "somatic mutations are not known, so only losses of copies are judged",
    "coverage": "no limit of detection: nothing can be called intact or monoallelic",
    "genotypes": "hits of other samples are not looked up in this one; a germline hit's tumour reads may be unknown",
    "phase": "two hits in one gene keep their phase unknown unless allele fractions decide",
    "normal": "somatic and germline variants cannot be told apart with certainty (tumour-only)",
    "germline": "inherited hits in panel genes are not known",
    "dna": "mutations cannot be seen, so nothing can be called lost on both alleles, and nothing excluded",
    "cells": "which changes are in the same cells is inferred from DNA alone; expression of targets is not known",
    "cell_copy_number": "cells do not speak of losses",
    "clinical": "no marker, FISH or qPCR stands beside the verdicts",
    "sex": "genes on X are computed with one and with two normal copies, half each",
}


@dataclass
class SampleEvidence:
    """What there is of one tumour sample; None where a file is missing. `cells` is set for a sample without DNA."""

    sample: str
    timepoint: str | None = None
    day: int | None = None
    variants: pd.DataFrame | None = None
    genotypes: pd.DataFrame | None = None
    errors: pd.DataFrame | None = None
    phase: pd.DataFrame | None = None
    pileups: pd.DataFrame | None = None
    coverage: pd.DataFrame | None = None
    segments: pd.DataFrame | None = None
    solutions: pd.DataFrame | None = None
    gene_solutions: pd.DataFrame | None = None
    gene_states: pd.DataFrame | None = None
    focal_limits: pd.DataFrame | None = None
    exons: pd.DataFrame | None = None
    arms: pd.DataFrame | None = None
    junctions: list[Junction] | None = None  # of a structural-variant VCF
    votes: pd.DataFrame | None = None
    cells: CellSample | None = None
    purity_ploidy: dict | None = None
    mutation_purity: dict | None = None


@dataclass
class PatientEvidence:
    """One patient: tumour samples in order of day, germline variants, cells, course, panel, what is missing.

    `positions` are those of `--genes`, for genes that no table of the samples places. `sex` is what the samplesheet
    says, else what the normal's heterozygous sites on X show; `sex_seen` is what these show, or else the depth of X.
    `allow_mismatch`: the user wants verdicts on samples that do not belong together.
    """

    patient: str
    folder: Path
    panel: pd.DataFrame
    sex: str | None = None
    sex_seen: str | None = None
    allow_mismatch: bool = False
    fingerprints: pd.DataFrame | None = None
    normals: list[str] = field(default_factory=list)
    samples: list[SampleEvidence] = field(default_factory=list)
    cells: PatientCells | None = None
    clinical: PatientClinical = field(default_factory=PatientClinical)
    positions: pd.DataFrame | None = None
    germline: pd.DataFrame | None = None
    missing: list[dict] = field(default_factory=list)

    @cached_property
    def named_genes(self) -> frozenset[str]:
        """Genes that the panel, the positions, or the tables of copy number and coverage name."""
        tables = [self.panel, self.positions]
        tables += [table for sample in self.samples for table in (sample.gene_states, sample.coverage)]
        return frozenset().union(*(table["gene"].dropna() for table in tables if table is not None))


def read_evidence(patient: str, folder: Path, panel: Path | str, genes: Path | None = None) -> PatientEvidence:
    """Read the folder, flat or with dna/, cells/ and clinical/ in it; only samples.tsv and the panel must be there.

    Parameters
    ----------
    patient : str
    folder : Path
    panel : Path or str
        Table of genes; ALL_GENES for every gene that has a copy number, else every gene of `genes`; the row `*` of a
        table for these beside its own.
    genes : Path, optional
        Gene positions (GTF, GFF3, TSV).

    Raises
    ------
    InputError
        If samples.tsv lacks the patient, a panel gene is listed twice, or any present file breaks its schema.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; --evidence is the folder with samples.tsv and the result tables")
    sheet = read_table(find(folder, "samples.tsv") or folder / "samples.tsv", schemas.SAMPLES)
    mine = sheet[sheet["patient"] == patient]
    if mine.empty:
        known = ", ".join(sorted(set(sheet["patient"]))[:5])
        raise InputError(f"{folder / 'samples.tsv'}: no sample of patient {patient!r}; it has {known}")
    _check_days(sheet, find(folder, "samples.tsv"))
    given = empty(schemas.PANEL) if str(panel) == ALL_GENES else read_panel(Path(panel))
    every = str(panel) == ALL_GENES or has_every(given)
    made = PatientEvidence(patient, folder, given)
    sexes = sorted({sex for sex in mine["sex"] if isinstance(sex, str)})
    made.sex = sexes[0] if len(sexes) == 1 else None
    made.normals = list(dict.fromkeys(mine.loc[mine["kind"] == "normal", "sample"]))
    made.cells = read_cells(folder, patient, mine[mine["kind"] == "cells"])
    made.clinical = read_clinical(folder, patient)
    made.fingerprints = read_optional(folder, f"{patient}.fingerprints.tsv", schemas.FINGERPRINTS)
    rows = _tumours(mine)
    names = [row["sample"] for row in rows]
    made.samples = [_read_sample(folder, row, made.normals, names) for row in rows] or _without_dna(made.cells)
    if every:
        made.panel = all_genes([sample.gene_states for sample in made.samples], genes, given)
    by_sites = _sex_of_fits(made.samples)
    made.sex_seen = by_sites or _sex_of_normals(folder, made.normals)
    made.sex = made.sex or by_sites
    for normal in made.normals:
        table = read_optional(folder, f"{normal}.germline.variants.tsv", schemas.VARIANTS)
        if table is not None:
            made.germline = table if made.germline is None else pd.concat([made.germline, table], ignore_index=True)
    made.positions = panel_positions(genes, made.panel)
    made.missing = _missing(made)
    return made


def _check_days(sheet: pd.DataFrame, path: Path) -> None:
    """Refuse days that lie further away than a life is long."""
    far = (sheet["day"].astype("float64").abs() > MAX_DAY).to_numpy()
    if far.any():
        row = int(far.argmax())
        raise InputError(
            f"{path}: row {row + 2}, column 'day': {sheet['day'].iloc[row]} is out of range; count days from the first "
            f"infusion, {-MAX_DAY} to {MAX_DAY}"
        )


def _without_dna(cells: PatientCells | None) -> list[SampleEvidence]:
    """Make samples of cells the samples of a patient without tumour DNA; the last where none tells anything."""
    told = ([one for one in cells.samples if one.tells_arms] or cells.samples[-1:]) if cells else []
    return [SampleEvidence(one.sample, one.timepoint, one.day, cells=one) for one in told]


def variant_key(row) -> str:
    """Name of a variant in the phase table: chrom:pos:ref:alt."""
    return f"{row['chrom']}:{row['pos']}:{row['ref']}:{row['alt']}"


def _tumours(mine: pd.DataFrame) -> list[pd.Series]:
    tumours = mine[mine["kind"] == "tumor"].drop_duplicates("sample")
    return [row for _, row in tumours.sort_values("day", kind="stable", na_position="last").iterrows()]


def _read_sample(folder: Path, row: pd.Series, normals: list[str], tumors: list[str]) -> SampleEvidence:
    sample = row["sample"]

    def table(suffix: str, schema: Table) -> pd.DataFrame | None:
        return read_own(folder, sample, suffix, schema)

    fit = find(folder, f"{sample}.purity_ploidy.json")
    broken = find(folder, f"{sample}.sv.vcf.gz") or find(folder, f"{sample}.sv.vcf")
    check_path = find(folder, f"{sample}.mutation_purity.json")
    check = of_sample(read_vote(check_path), check_path, sample) if check_path is not None else None
    return SampleEvidence(
        sample=sample,
        timepoint=row["timepoint"] if isinstance(row["timepoint"], str) else None,
        day=None if pd.isna(row["day"]) else int(row["day"]),
        variants=table("variants.tsv", schemas.VARIANTS),
        genotypes=table("genotypes.tsv", schemas.GENOTYPES),
        errors=table("errors.tsv", schemas.ERRORS),
        phase=table("phase.tsv", schemas.PHASE),
        pileups=table("pileups.tsv", schemas.PILEUPS),
        coverage=table("gene_coverage.tsv", schemas.GENE_COVERAGE),
        segments=table("segments.tsv", schemas.SEGMENTS),
        solutions=table("solutions.tsv", schemas.SOLUTIONS),
        gene_solutions=table("gene_solutions.tsv", schemas.GENE_SOLUTIONS),
        gene_states=after_vote(table("genes.tsv", schemas.GENE_STATES), check),
        focal_limits=table("focal_limits.tsv", schemas.FOCAL_LIMITS),
        exons=table("exons.tsv", schemas.EXONS),
        arms=after_vote(table("arms.tsv", schemas.ARMS), check),
        junctions=read_junctions(broken, sample, normals, tumors) if broken is not None else None,
        votes=read_votes(folder, sample),
        purity_ploidy=of_sample(read_fit(fit), fit, sample) if fit is not None else None,
        mutation_purity=check,
    )


def after_vote(states: pd.DataFrame | None, check: dict | None) -> pd.DataFrame | None:
    """States of the best solution of copy number alone, which are no more probable than it is once mutations prefer
    another one (`solutions` of T.mutation_purity.json): FISH and cells are not compared with what was voted down.
    """
    listed = (check or {}).get("solutions") or []
    if states is None or not listed or listed[0]["solution"] == 0:
        return states
    weight = next((float(one["weight"]) for one in listed if one["solution"] == 0), 0.0)
    return states.assign(probability=states["probability"].clip(upper=weight))


def _sex_of_fits(samples: list[SampleEvidence]) -> str | None:
    """Sex that the normal's heterozygous sites on X show, where the fits agree on it."""
    sexes = {(sample.purity_ploidy or {}).get("sex_seen") for sample in samples} & {"female", "male"}
    return sexes.pop() if len(sexes) == 1 else None


def _sex_of_normals(folder: Path, normals: list[str]) -> str | None:
    """Sex that the normal's depth on X shows."""
    paths = [find(folder, f"{normal}.alignment_qc.json") for normal in normals]
    sexes = {read_json(path).get("sex_guess") for path in paths if path is not None} & {"female", "male"}
    return sexes.pop() if len(sexes) == 1 else None


def _missing(evidence: PatientEvidence) -> list[dict]:
    """List what is not there: what, sample (None: the whole patient), what that costs."""
    found = []

    def add(what: str, sample: str | None = None, why: str | None = None) -> None:
        found.append({"what": what, "sample": sample, "cost": COSTS[what] + (f": {why}" if why else "")})

    if evidence.cells is None:
        add("cells")
    elif evidence.cells.not_assessable:
        add("cell_copy_number", why=evidence.cells.not_assessable)
    if not evidence.clinical:
        add("clinical")
    if evidence.sex is None:
        add("sex")
    if not evidence.samples or evidence.samples[0].cells is not None:
        add("dna")
        return found
    if not evidence.normals:
        add("normal")
    if evidence.germline is None:
        add("germline")
    for sample in evidence.samples:
        if sample.solutions is None and sample.gene_states is None and sample.segments is None:
            add("copy_number", sample.sample)
        if (sample.purity_ploidy or {}).get("purity") is None:
            add("purity", sample.sample)
        for what, value in (
            ("somatic", sample.variants),
            ("coverage", sample.coverage),
            ("genotypes", sample.genotypes),
            ("phase", sample.phase),
        ):
            if value is None:
                add(what, sample.sample)
    return found
