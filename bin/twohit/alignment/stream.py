"""Steps of samtools joined by pipes, and GATK's base recalibration."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from twohit.alignment.checks import Alignment
from twohit.errors import InputError, ModelError
from twohit.machine import blame_machine

# Recalibration looks at the targets and this many bases around them.
TARGET_PADDING = 100


def pipe(steps: Sequence[Sequence[str]], blame: Callable[[str], str | None] = lambda text: None) -> None:
    """Run commands joined by pipes; the last one writes its own file.

    Parameters
    ----------
    steps : sequence of sequence of str
    blame : callable
        Reads what a step said on stderr and tells what is wrong with the user's files, or None.

    Raises
    ------
    InputError
        If `blame` finds something, even where the step itself ends well.
    ModelError
        If a step fails: the message has its name and what it said.
    TwohitError
        If the machine is to blame: no memory, no space.
    """
    running, source = [], None
    # What is said goes to files: a pipe that nobody empties while another one is read would stop the stream.
    with contextlib.ExitStack() as stack:
        said = [stack.enter_context(tempfile.TemporaryFile()) for _ in steps]
        for step, words in zip(steps, said, strict=True):
            out = subprocess.PIPE if step is not steps[-1] else subprocess.DEVNULL
            process = subprocess.Popen(step, stdin=source, stdout=out, stderr=words)
            if source is not None:
                source.close()
            source = process.stdout
            running.append(process)
        codes = [process.wait() for process in running]
        texts = [_told(words) for words in said]
    for step, code, text in zip(steps, codes, texts, strict=True):
        blame_machine(" ".join(map(str, step[:2])), code, text)
    if why := next((why for text in texts if (why := blame(text))), None):
        raise InputError(why)
    # A step whose reader died ends by SIGPIPE (-13): the reader is the one to blame.
    for step, code, text in zip(steps, codes, texts, strict=True):
        if code not in (0, -13):
            raise ModelError(f"{' '.join(map(str, step[:2]))} failed (exit {code}): {' '.join(text.split())[-500:]}")
    if any(codes):
        raise ModelError(f"{steps[0][0]}: a step of the stream ended early; the disk may be full")


def _told(words) -> str:
    words.seek(0)
    return words.read().decode(errors="replace")


def mark_duplicates(
    alignment: Alignment, sample: str, reference: Path, out: Path, rename: bool, threads: int = 1
) -> None:
    """Write a coordinate-sorted BAM with duplicates marked, in one stream.

    Reads are grouped by name unless they already are, mates' scores are added (fixmate -m), reads sorted and
    duplicates marked (markdup). A file that has that already is only copied. `--no-PG` keeps paths out of the header.
    """
    folder = out.parent
    extra = ["-@", str(max(0, threads - 1))]
    steps = [_first_step(alignment, sample, reference, folder, rename)]
    ready = alignment.marked and alignment.sorted_by == "coordinate"
    if not ready and not alignment.marked:
        if alignment.sorted_by != "queryname":
            steps.append(["samtools", "collate", "--no-PG", "-O", "-u", *extra, "-", str(folder / "collate")])
        steps.append(["samtools", "fixmate", "--no-PG", "-m", "-u", *extra, "-", "-"])
    if not ready:
        steps.append(["samtools", "sort", "--no-PG", "-u", *extra, "-T", str(folder / "sort"), "-"])
    if not alignment.marked:
        # This one leaves its @PG line, so that the next reader sees that duplicates are marked.
        steps.append(["samtools", "markdup", "-u", "-", "-"])
    steps.append(["samtools", "view", "--no-PG", "-b", *extra, "-o", str(out), "-"])
    pipe(steps)


def index(path: Path, threads: int = 1) -> None:
    """Write path.bai."""
    pipe([["samtools", "index", "-@", str(max(0, threads - 1)), str(path)]])


def recalibrate(bam: Path, reference: Path, known_sites: Path, out: Path, targets: Path | None = None) -> None:
    """Recalibrate base qualities with GATK (BaseRecalibrator, ApplyBQSR) and write `out` without an index."""
    if shutil.which("gatk") is None:
        raise ModelError("gatk is not on PATH; --known-sites needs it (make env installs it in .env/bin)")
    table = out.with_suffix(".recalibration.table")
    where = ["-L", str(targets), "--interval-padding", str(TARGET_PADDING)] if targets else []
    quiet = ["--verbosity", "WARNING", "--QUIET"]
    common = ["-I", str(bam), "-R", str(reference), *quiet]
    known = ["--known-sites", str(known_sites)]
    pipe([["gatk", "BaseRecalibrator", *common, *known, *where, "-O", str(table)]])
    apply = ["--bqsr-recal-file", str(table), "--add-output-sam-program-record", "false"]
    pipe([["gatk", "ApplyBQSR", *common, *apply, "--create-output-bam-index", "false", "-O", str(out)]])
    table.unlink()


def _first_step(alignment: Alignment, sample: str, reference: Path, folder: Path, rename: bool) -> list[str]:
    path = str(alignment.path)
    if not rename:
        return ["samtools", "view", "--no-PG", "-u", "-T", str(reference), path]
    if not alignment.read_groups:
        group = ["-r", f"ID:{sample}", "-r", f"SM:{sample}", "-r", f"LB:{sample}", "-r", "PL:ILLUMINA"]
        return ["samtools", "addreplacerg", "--no-PG", "-u", "--reference", str(reference), *group, path]
    return ["samtools", "reheader", "--no-PG", str(renamed_header(alignment, sample, folder)), path]


def renamed_header(alignment: Alignment, sample: str, folder: Path) -> Path:
    """Write the header with the sample's name (and a platform) in every read group; give its path."""
    import pysam

    header = dict(alignment.header)
    header["RG"] = [{"PL": "ILLUMINA", **group, "SM": sample} for group in alignment.read_groups]
    path = folder / "header.sam"
    path.write_text(str(pysam.AlignmentHeader.from_dict(header)), encoding="utf-8")
    return path
