"""Steps of samtools joined by pipes."""

import concurrent.futures
import contextlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from twohit.alignment.checks import Alignment, as_one
from twohit.errors import InputError, ModelError
from twohit.machine import blame_machine

# Names of programs that clash between lanes get a random ending: of this seed, so that it is always the same.
MERGE_SEED = 1
REFERENCE_PATH = re.compile(r"\tUR:[^\t\n]*")  # of @SQ lines
LEVEL = 6  # of compression, of files that are kept


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


def together(jobs: Sequence[Callable], threads: int) -> list:
    """Results of functions that wait for other programs, at most `threads` of them at a time, in their order."""
    with concurrent.futures.ThreadPoolExecutor(max(1, threads)) as pool:
        waiting = [pool.submit(job) for job in jobs]
        return [job.result() for job in waiting]


def mark_duplicates(
    lanes: Sequence[Alignment],
    sample: str,
    reference: Path,
    out: Path,
    rename: bool,
    threads: int = 1,
    level: int = LEVEL,
) -> None:
    """Write a coordinate-sorted BAM of all lanes with duplicates marked, in one stream.

    Lanes are merged. Reads are grouped by name unless they already are, mates' scores are added (fixmate -m), reads
    sorted and duplicates marked (markdup); what a file has already is not done again. `--no-PG` keeps paths out of
    the header.

    Parameters
    ----------
    lanes : sequence of Alignment
        One file in any order, or several that `checks.as_one` takes.
    sample, reference, out, rename, threads
    level : int
        Of compression: less for a file that the next step reads and drops.
    """
    alignment, folder = as_one(lanes), out.parent
    extra = ["-@", str(max(0, threads - 1))]
    ready = alignment.marked and alignment.sorted_by == "coordinate"
    if ready and len(lanes) == 1 and not rename and alignment.path.suffix == ".bam":
        shutil.copyfile(alignment.path, out)
        return
    if len(lanes) > 1:
        paths = [str(lane.path) for lane in lanes]
        steps = [["samtools", "merge", "--no-PG", "-s", str(MERGE_SEED), "-u", *extra, "-o", "-", *paths]]
    else:
        steps = [_first_step(alignment, sample, reference, folder, rename)]
    if not ready and not (alignment.mates_scored and alignment.sorted_by == "coordinate"):
        steps += _sorting(alignment, folder, extra)
    if not alignment.marked:
        # This one leaves its @PG line, so that the next reader sees that duplicates are marked.
        steps.append(["samtools", "markdup", "-u", "-", "-"])
    steps.append(
        ["samtools", "view", "--no-PG", "-b", f"--output-fmt-option=level={level}", *extra, "-o", str(out), "-"]
    )
    pipe(steps)


def _sorting(alignment: Alignment, folder: Path, extra: list[str]) -> list[list[str]]:
    """Steps that put reads in order, with mates' scores where duplicates are still to be marked."""
    steps = []
    if not alignment.marked:
        if alignment.sorted_by != "queryname":
            steps.append(["samtools", "collate", "--no-PG", "-O", "-u", *extra, "-", str(folder / "collate")])
        steps.append(["samtools", "fixmate", "--no-PG", "-m", "-u", *extra, "-", "-"])
    return [*steps, ["samtools", "sort", "--no-PG", "-u", *extra, "-T", str(folder / "sort"), "-"]]


def compress(bam: Path, reference: Path, out: Path, threads: int = 1) -> None:
    """Write the reads of a BAM as CRAM, with out.crai; without the path of the reference, whose checksums are in it."""
    extra = ["-@", str(max(0, threads - 1))]
    pipe([["samtools", "view", "--no-PG", "-C", *extra, "-T", str(reference), "-o", str(out), str(bam)]])
    said = subprocess.run(["samtools", "view", "--no-PG", "-H", str(out)], capture_output=True, text=True, check=True)
    header = out.with_suffix(".sam")
    header.write_text(REFERENCE_PATH.sub("", said.stdout), encoding="utf-8")
    pipe([["samtools", "reheader", "--no-PG", "--in-place", str(header), str(out)]])
    index(out, threads)


def index(path: Path, threads: int = 1) -> None:
    """Write path.bai, or path.crai."""
    pipe([["samtools", "index", "-@", str(max(0, threads - 1)), str(path)]])


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
