"""align_lane.py: whole pairs are aligned; files that are cut off, of other lengths or of other reads are refused."""

import gzip
import random
import subprocess

import pysam
import pytest

PAIRS = 400
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def write_reads(path, records):
    """Write FASTQ records (name, bases), gzipped by path."""
    text = "".join(f"@{name}\n{bases}\n+\n{'I' * len(bases)}\n" for name, bases in records)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.fixture
def reads(sample):
    """Index the reference and draw pairs of reads of it: first and second records."""
    subprocess.run(["bwa", "index", sample.reference], check=True, capture_output=True)
    bases = pysam.FastaFile(str(sample.reference)).fetch("chr1")
    rng, first, second = random.Random(3), [], []
    for number in range(PAIRS):
        start = rng.randrange(len(bases) - 200)
        first.append((f"r{number}", bases[start : start + 75]))
        second.append((f"r{number}", bases[start + 100 : start + 175].translate(COMPLEMENT)[::-1]))
    return first, second


def run(script, sample, first, second, check=True):
    out = sample.folder / "out" / "S.bam"
    done = script("align_lane.py", "--fastq-1", first, "--fastq-2", second, "--sample", "S", "--lane", "L1",
                  "--reference", sample.reference, "--out", out, check=check)  # fmt: skip
    return out, done


def test_pairs_are_aligned_and_sorted(script, sample, reads):
    files = [write_reads(sample.folder / f"{k}.fastq.gz", records) for k, records in enumerate(reads)]
    out, _ = run(script, sample, *files)
    with pysam.AlignmentFile(str(out)) as found:
        header, records = found.header.to_dict(), list(found)
    assert header["RG"] == [{"ID": "S.L1", "SM": "S", "LB": "S", "PL": "ILLUMINA"}]
    assert header["HD"]["SO"] == "coordinate"
    assert len(records) == 2 * PAIRS and all(read.is_proper_pair and read.has_tag("MC") for read in records)
    assert [path.name for path in out.parent.iterdir()] == ["S.bam"]


def cut_second(folder, first, second):
    return first, second[: PAIRS // 2], "2.fastq.gz: has fewer reads than its mates"


def cut_first(folder, first, second):
    return first[: PAIRS // 2], second, "1.fastq.gz: has fewer reads than its mates"


def other_reads(folder, first, second):
    return first, [(f"x{name}", bases) for name, bases in second], "2.fastq.gz: is not of the same reads as its mates"


@pytest.mark.parametrize("spoil", [cut_second, cut_first, other_reads])
def test_reads_that_are_no_pairs_are_refused(script, sample, reads, spoil):
    first, second, why = spoil(sample.folder, *reads)
    files = write_reads(sample.folder / "1.fastq.gz", first), write_reads(sample.folder / "2.fastq.gz", second)
    out, done = run(script, sample, *files, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert why in done.stderr
    assert not list(out.parent.iterdir())


def test_a_gzip_file_that_is_cut_off_is_refused(script, sample, reads):
    files = write_reads(sample.folder / "1.fastq.gz", reads[0]), write_reads(sample.folder / "2.fastq.gz", reads[1])
    for path in files:  # both at the same place, as a full disk would leave them
        path.write_bytes(path.read_bytes()[:-400])
    out, done = run(script, sample, *files, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1  # in the words for what it shows first
    assert "must be whole" in done.stderr
    assert not list(out.parent.iterdir())


def test_a_missing_index_is_named(script, sample, tmp_path):
    read = write_reads(sample.folder / "1.fastq.gz", [("r", "ACGT")])
    _, done = run(script, sample, read, read, check=False)
    assert done.returncode == 2 and "ref.fa.amb is missing; run bwa index" in done.stderr
