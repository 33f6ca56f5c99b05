"""Copy number from a SEG and mutations from a MAF made elsewhere."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from twohit.cohort.events import NO, NOT_ASSESSABLE, YES, Event
from twohit.cohort.given_rows import Problems, lines_of, rows_of
from twohit.genome.contigs import load_genome, plain

# What changes the protein, as maftools' vc_nonSyn.
NOT_SILENT = (
    "Frame_Shift_Del", "Frame_Shift_Ins", "Splice_Site", "Translation_Start_Site", "Nonsense_Mutation",
    "Nonstop_Mutation", "In_Frame_Del", "In_Frame_Ins", "Missense_Mutation",
)  # fmt: skip
BUILDS = {"38": "GRCh38", "hg38": "GRCh38", "37": "hg19", "grch37": "hg19", "19": "hg19", "hg19": "hg19"}
SEG_CHANGE = 0.2  # absolute log2 ratio from which a segment is lost or gained
MOST = 0.5  # share of an arm that must be covered, and of the covered part that must be changed


@dataclass(frozen=True)
class Tables:
    """What was given: paths or None; genome for the SEG; genes of which mutations are counted."""

    samples: Path | None = None
    maf: Path | None = None
    seg: Path | None = None
    arms: Path | None = None
    genome: str = "GRCh38"
    genes: tuple[str, ...] = ()
    seg_change: float = SEG_CHANGE
    allow_mixed_builds: bool = False


@dataclass
class Sample:
    """One sample: its patient, what it was assessed for, its events."""

    patient: str
    mutations: bool
    copy_number: bool
    events: dict[str, Event] = field(default_factory=dict)


def sample_of(samples: dict[str, Sample] | None, found: dict[str, Sample], name: str) -> Sample | None:
    """Sample of a name; without a list of samples every name is a patient."""
    if samples is not None:
        return samples.get(name)
    return found.setdefault(name, Sample(name, False, True))


def add_segments(tables: Tables, samples: dict[str, Sample] | None, problems: Problems) -> dict[str, Sample]:
    """Arms of a SEG (sample, contig, start, end, markers, log2 ratio): changed where most of it is.

    Parameters
    ----------
    tables : Tables
    samples : dict of str to Sample or None
        None: every name of the SEG is a patient.
    problems : Problems

    Returns
    -------
    dict of str to Sample
    """
    genome = load_genome(tables.genome)
    arms = [arm for arm in genome.arms.itertuples() if arm.chrom.isdigit()]
    found: dict[str, Sample] = {}
    sums: dict[tuple[str, str], list[float]] = {}  # sample and arm to bases covered, lost, gained
    for number, name, contig, start, end, ratio in _segments(tables.seg, problems):
        if sample_of(samples, found, name) is None:
            problems.wrong(tables.seg, number, "ID", name, "is not in --samples; add it there")
        elif end > genome.lengths.get(contig, end):
            fix = f"is past the end of {contig} of {genome.name}: another build; give the segments' --genome"
            problems.wrong(tables.seg, number, "end", end, fix)
        for arm in arms:
            length = min(end, arm.end) - max(start - 1, arm.start) if arm.chrom == contig else 0
            if length > 0:
                parts = sums.setdefault((name, arm.arm), [0.0, 0.0, 0.0])
                parts[0] += length
                parts[1] += length * (ratio <= -tables.seg_change)
                parts[2] += length * (ratio >= tables.seg_change)
    samples = samples if samples is not None else found
    for name, sample in samples.items():
        for arm in arms:
            _add_arm(sample, arm, sums.get((name, arm.arm), [0.0, 0.0, 0.0]))
    return samples


def _add_arm(sample: Sample, arm, parts: list[float]) -> None:
    """Add the loss and gain of one arm; what a table of arms told before stays."""
    length, lost, gained = parts
    able = sample.copy_number and length >= MOST * (arm.end - arm.start)
    for kind, changed in (("del", lost), ("gain", gained)):
        here = able and changed > MOST * length
        event = Event(YES if here else NO, None, float(here)) if able else Event(NOT_ASSESSABLE)
        sample.events.setdefault(f"{kind}{arm.arm}", event)


def _segments(path: Path, problems: Problems) -> Iterator[tuple[int, str, str, int, int, float]]:
    """Yield the segments of a SEG: row, sample, plain contig, start (1-based), end, log2 ratio."""
    for number, line in lines_of(path, "a SEG (ID, chrom, start, end, markers, log2 ratio)"):
        cells = line.split("\t")
        if number == 1 and len(cells) > 2 and not cells[2].isdigit():
            continue  # header
        try:
            start, end, ratio = int(float(cells[2])), int(float(cells[3])), float(cells[5])
        except (IndexError, ValueError, OverflowError):
            problems.wrong(path, number, "ID", cells[0], "is no segment: ID, chrom, start, end, markers, log2 ratio")
            continue
        if math.isnan(ratio) or start > end:
            problems.wrong(path, number, "start", start, "start is past end, or no log2 ratio; leave the row out")
            continue
        yield number, cells[0], plain(cells[1]), start, end, ratio


def add_mutations(tables: Tables, samples: dict[str, Sample], problems: Problems) -> None:
    """GENE:mutated of the genes wanted: a mutation of the MAF that changes the protein; no, in those sequenced."""
    builds: dict[str, int] = {}
    wanted, mutated = set(tables.genes), set()
    needed = ("Hugo_Symbol", "Variant_Classification", "Tumor_Sample_Barcode", "NCBI_Build")
    for number, row in rows_of(tables.maf, needed):
        name, build = row["Tumor_Sample_Barcode"], row["NCBI_Build"]
        builds.setdefault(BUILDS.get(build.lower(), build), number)
        if name not in samples:
            problems.wrong(tables.maf, number, "Tumor_Sample_Barcode", name, "is not in --samples; add it there")
        elif not samples[name].mutations:
            fix = "has mutations = no in --samples; mend one of them"
            problems.wrong(tables.maf, number, "Tumor_Sample_Barcode", name, fix)
        elif row["Hugo_Symbol"] in wanted and row["Variant_Classification"] in NOT_SILENT:
            mutated.add((name, row["Hugo_Symbol"]))
    if tables.seg:
        builds.setdefault(load_genome(tables.genome).name, 0)
    if len(builds) > 1 and not tables.allow_mixed_builds:
        told = ", ".join(f"{build} (row {row})" if row else f"{build} (--genome)" for build, row in builds.items())
        problems.lines.append(f"{tables.maf}: mixed builds ({told}); give one build, or use --allow-mixed-builds")
    for name, sample in samples.items():
        for gene in tables.genes:
            here = (name, gene) in mutated
            event = Event(YES if here else NO, None, float(here)) if sample.mutations else Event(NOT_ASSESSABLE)
            sample.events[f"{gene}:mutated"] = event
