"""Reads of one lane to a sorted alignment in one stream; files of reads that are cut off or no pair are refused."""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from twohit.alignment.stream import pipe
from twohit.errors import InputError

BWA_ENDS = ("amb", "ann", "bwt", "pac", "sa")
BATCH = 10_000_000  # bases bwa takes at once: fixed, so that the result does not depend on the number of threads
LEVEL = 1  # of compression: lanes are read once, to be merged
SORT_SHARE = 3  # sorting takes this part of the memory, as bwa holds the index beside it
# bwa aligns what it has and ends well, or ends with a word on zlib: what it says on the way, and what that means.
COMPLAINTS = (
    (r"the (1st|2nd) file has fewer sequences", "has fewer reads than its mates"),
    (r"paired reads have different names: (.*)", "is not of the same reads as its mates ({})"),
    (r"\[gz\w+\]", "is cut off or damaged"),
)
FIX = "the reads of both files must be whole and in one order; copy or make them again"


@dataclass(frozen=True)
class Lane:
    """One lane of a sample: first and second reads, ids of the read group."""

    fastq_1: Path
    fastq_2: Path
    sample: str
    lane: str

    @property
    def read_group(self) -> str:
        """The @RG line as bwa takes it."""
        tags = (f"ID:{self.sample}.{self.lane}", f"SM:{self.sample}", f"LB:{self.sample}", "PL:ILLUMINA")
        return "\\t".join(("@RG", *tags))


def align(lane: Lane, reference: Path, out: Path, threads: int = 1, memory: int = 1000) -> None:
    """Align a lane with bwa mem, add mates' scores, sort; `out` is there when all of it is.

    Parameters
    ----------
    lane : Lane
    reference : Path
        FASTA with bwa's index beside it.
    out : Path
        BAM to write.
    threads : int
    memory : int
        Megabytes that may be used in all.

    Raises
    ------
    InputError
        If the index is missing, or the two files do not hold whole pairs of reads.
    """
    for end in BWA_ENDS:
        if not Path(f"{reference}.{end}").is_file():
            raise InputError(f"{reference}: bwa's index {reference.name}.{end} is missing; run bwa index {reference}")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        made = Path(folder) / "sorted.bam"
        each = max(memory // (SORT_SHARE * threads), 50)
        steps = [
            ["bwa", "mem", "-t", threads, "-K", BATCH, "-Y", "-R", lane.read_group, reference, lane.fastq_1,
             lane.fastq_2],
            ["samtools", "fixmate", "-u", "-m", "-", "-"],
            ["samtools", "sort", "-@", threads, "-m", f"{each}M", "-l", LEVEL, "-T", f"{folder}/part", "-o", made, "-"],
        ]  # fmt: skip
        pipe([list(map(str, step)) for step in steps], lambda text: _blame(lane, text))
        os.replace(made, out)


def _blame(lane: Lane, text: str) -> str | None:
    """What bwa's words say about the reads: the worst first (a file that is cut off has fewer reads too)."""
    for pattern, meaning in reversed(COMPLAINTS):
        if found := re.search(pattern, text):
            return f"{_files(lane, found[0])} {meaning.format(found[found.lastindex or 0])}: {FIX}"
    return None


def _files(lane: Lane, words: str) -> str:
    first, second = str(lane.fastq_1), str(lane.fastq_2)
    if "1st" in words:
        return f"{first}:"
    return f"{second}:" if "2nd" in words or "names" in words else f"{first} or {second}:"
