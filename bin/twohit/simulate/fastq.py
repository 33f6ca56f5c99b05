"""Write paired FASTQ from chunks that any number of processes make: the bytes depend on the seed alone."""

import multiprocessing
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twohit.cli import progress
from twohit.simulate.reads import READ_LENGTH, sequence_chunk
from twohit.simulate.templates import Library

GZIP_LEVEL = 1
GZIP_WINDOW = 31  # zlib's number for a gzip header; its time field is 0
PROGRESS_STEPS = 4


@dataclass(frozen=True)
class LaneJob:
    """One lane of one sample: where it is written, how much of it, and its place in the seed's tree."""

    sample: str
    lane: int
    n_pairs: int
    prefix: Path
    seed: tuple[int, ...]
    chunk: int
    duplicate_rate: float
    artefact_factor: float

    @property
    def chunk_sizes(self) -> list[int]:
        """Pairs in each chunk."""
        full, rest = divmod(self.n_pairs, self.chunk)
        return [self.chunk] * full + ([rest] if rest else [])


_current: dict = {}  # what a worker inherits when it is forked


def write_lane(library: Library, job: LaneJob, threads: int) -> tuple[Path, Path]:
    """Write PREFIX_R1.fastq.gz and PREFIX_R2.fastq.gz; returns their paths."""
    paths = tuple(job.prefix.with_name(f"{job.prefix.name}_R{mate}.fastq.gz") for mate in (1, 2))
    job.prefix.parent.mkdir(parents=True, exist_ok=True)
    _current.update(library=library, job=job)
    numbers = range(len(job.chunk_sizes))
    temporary = [path.with_name(path.name + ".part") for path in paths]
    with open(temporary[0], "wb") as first, open(temporary[1], "wb") as second:
        if threads > 1 and len(numbers) > 1:
            with multiprocessing.get_context("fork").Pool(min(threads, len(numbers))) as pool:
                _collect(pool.imap(_make_chunk, numbers), first, second, job)
        else:
            _collect(map(_make_chunk, numbers), first, second, job)
    for made, path in zip(temporary, paths, strict=True):
        made.replace(path)
    return paths


def _collect(chunks, first, second, job: LaneJob) -> None:
    done, told, wanted = 0, 0, len(job.chunk_sizes)
    for size, (one, two) in zip(job.chunk_sizes, chunks, strict=True):
        first.write(one)
        second.write(two)
        done += size
        step = PROGRESS_STEPS * done // max(job.n_pairs, 1)
        if step > told and wanted > PROGRESS_STEPS:
            told = step
            progress(f"  {job.sample} lane {job.lane}: {done:,} of {job.n_pairs:,} read pairs")


def _make_chunk(number: int) -> tuple[bytes, bytes]:
    job: LaneJob = _current["job"]
    size = job.chunk_sizes[number]
    rng = np.random.default_rng(np.random.SeedSequence([*job.seed, number]))
    pairs = sequence_chunk(_current["library"], size, job.duplicate_rate, job.artefact_factor, rng)
    names = _names(job, number, size)
    return (
        _compress(_records(names, 1, pairs.bases_1, pairs.quality_1)),
        _compress(_records(names, 2, pairs.bases_2, pairs.quality_2)),
    )


def _names(job: LaneJob, number: int, size: int) -> np.ndarray:
    """Fixed-width read names as bytes, shape (size, width)."""
    head = f"@{job.sample}:{job.lane}:{number:04d}:".encode("ascii")
    digits = np.char.zfill(np.arange(size).astype("S7"), 7).view(np.uint8).reshape(size, 7)
    return np.concatenate([np.broadcast_to(np.frombuffer(head, dtype=np.uint8), (size, len(head))), digits], axis=1)


def _records(names: np.ndarray, mate: int, bases: np.ndarray, quality: np.ndarray) -> bytes:
    size = len(names)

    def constant(text: str) -> np.ndarray:
        letters = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
        return np.broadcast_to(letters, (size, len(letters)))

    table = [names, constant(f" {mate}:N:0:1\n"), bases, constant("\n+\n"), quality + 33, constant("\n")]
    assert bases.shape == (size, READ_LENGTH)  # nosec B101  # of our own making, no input
    return np.concatenate(table, axis=1).astype(np.uint8).tobytes()


def _compress(data: bytes) -> bytes:
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    return packer.compress(data) + packer.flush()
