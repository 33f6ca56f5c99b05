"""From one sample's BAM or CRAM to an analysis-ready BAM with its quality control and callable regions."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from twohit.alignment import checks, depth, intervals, qc, recalibration, stream
from twohit.errors import InputError
from twohit.schemas import GENE_COVERAGE
from twohit.tables import write_json, write_table


@dataclass
class Request:
    """What the user asked for; see `postprocess_alignment.py --help`."""

    bam: Sequence[Path]
    sample: str
    reference: Path
    outdir: Path
    targets: Path | None = None
    known_sites: Path | None = None
    gff: Path | None = None
    panel: Path | None = None
    min_depth: int = 10
    fix_read_groups: bool = False
    threads: int = 1
    memory: int | None = None
    cram: bool = False

    @property
    def recalibrates(self) -> bool:
        """Whether base qualities are recalibrated."""
        return self.known_sites is not None


def run(request: Request) -> dict:
    """Write S.bam (S.cram) with its index, S.callable.bed, S.gene_coverage.tsv, last S.alignment_qc.json: given."""
    lengths = checks.reference_lengths(request.reference)
    lanes = [checks.inspect(path, request.reference) for path in request.bam]
    rename = [checks.check_sample(x, request.sample, request.fix_read_groups, request.recalibrates) for x in lanes]
    rename, alignment = any(rename), checks.as_one(lanes)
    if rename and len(lanes) > 1:
        raise InputError("--fix-read-groups: only with one --bam; merge the lanes by samtools merge first")
    targets = intervals.read_bed(request.targets, lengths) if request.targets else None
    if targets is not None and not targets:
        raise InputError(f"{request.targets}: no interval in it; give the BED of the captured regions")
    coding = qc.coding_bases(request.gff, request.panel) if request.gff and request.panel else {}
    bam = request.outdir / f"{request.sample}.bam"
    if same := next((path for path in request.bam if bam.exists() and bam.samefile(path)), None):
        raise InputError(f"--bam {same}: would be overwritten by the result; give another --outdir")
    request.outdir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=request.outdir, prefix=f".{request.sample}.") as folder:
        made = _make_bam(request, lanes, rename, targets, Path(folder))
        watched = qc.watched_bases(coding, targets)
        measure = partial(depth.measure, made, request.min_depth, targets, watched)
        jobs, cram = [measure, partial(qc.read_statistics, made)], made.with_suffix(".cram")
        if request.cram:
            jobs.append(partial(stream.compress, made, request.reference, cram))
        depths, reads, *_ = stream.together(jobs, request.threads)
        kept = [(made, bam, "bai")] + ([(cram, bam.with_suffix(".cram"), "crai")] if request.cram else [])
        for temporary, path, index in kept:
            os.replace(temporary, path)
            os.replace(f"{temporary}.{index}", f"{path}.{index}")
    return _write_results(request, alignment, rename, (targets, coding, watched, lengths), depths, reads)


def _make_bam(request: Request, lanes: list[checks.Alignment], rename: bool, targets, folder: Path) -> Path:
    marked = folder / "marked.bam"
    level = 1 if request.recalibrates else stream.LEVEL
    stream.mark_duplicates(lanes, request.sample, request.reference, marked, rename, request.threads, level)
    stream.index(marked, request.threads)
    if not request.recalibrates:
        return marked
    result = folder / "recalibrated.bam"
    known, threads, memory = request.known_sites, request.threads, request.memory
    recalibration.recalibrate(marked, request.reference, known, result, targets, threads, memory)
    stream.index(result, request.threads)
    return result


def _write_results(request: Request, alignment: checks.Alignment, rename: bool, places: tuple, depths, reads) -> dict:
    targets, coding, watched, lengths = places
    stem = request.outdir / request.sample
    ordered = {name: depths.callable[name] for name in lengths if name in depths.callable}
    intervals.write_bed(ordered, f"{stem}.callable.bed")
    coverage = qc.gene_coverage(coding, watched, depths)
    if request.gff and request.panel:
        write_table(coverage, GENE_COVERAGE, f"{stem}.gene_coverage.tsv")
    within = intervals.intersect(ordered, targets) if targets is not None else ordered
    sex = qc.sex_guess(depths, targets, lengths)
    sex = {key if key != "reason" else "sex_reason": value for key, value in sex.items()}
    result = {
        "schema_version": 1,
        "sample": request.sample,
        **reads,
        **qc.target_summary(depths, targets),
        "min_depth": request.min_depth,
        "callable_bases": intervals.size(ordered),
        "callable_target_bases": intervals.size(within) if targets is not None else None,
        **sex,
        "duplicates_marked_by": "input" if alignment.marked else "samtools markdup",
        "base_recalibration": request.recalibrates,
        "read_groups_renamed": rename,
        "panel_genes_below_10x": [g for g, f in zip(coverage["gene"], coverage["fraction_10x"]) if f < 1],
    }
    write_json(result, f"{stem}.alignment_qc.json")
    return result
