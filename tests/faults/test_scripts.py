"""Faults of single scripts: no space, no memory, no program, damaged files. One line, no half table."""

import os
import resource
import shutil
import subprocess
import sys

import pytest

from tests.bad_inputs.cases import COMMANDS
from tests.bad_inputs.test_bad_inputs import call, copy, written
from tests.conftest import ROOT

pytestmark = pytest.mark.xdist_group("bad_inputs")
SMALL = 2_000  # bytes that a file may have
# scripts whose results are larger than that, and quick
WRITERS = ("segment_copy_number.py", "report_biallelic_loss.py", "read_clinical.py", "align_lane.py",
           "prepare_reference.py", "analyse_cells.py")  # fmt: skip
PROGRAMS = (
    ("align_lane.py", "bwa"),
    ("postprocess_alignment.py", "samtools"),
    ("import_calls.py", "bcftools"),
    ("annotate_variants.py", "bcftools"),
    ("count_snps.py", "samtools"),
)
TABLES = (".tsv", ".json", ".html", ".gz", ".bam")  # pictures are written in place


def limited(name, folder, limits, path=None, options=""):
    """Run a script with limits of the machine, {resource.RLIMIT_AS: 10_000} and the like."""

    def set_limits():
        for kind, value in limits.items():
            resource.setrlimit(kind, (value, value))

    # numba and matplotlib keep caches: they are no results, and a small file limit must not meet them first
    environment = dict(os.environ, PATH=path or os.environ["PATH"], OPENBLAS_NUM_THREADS="1", TWOHIT_QUIET="1")
    command = [sys.executable, str(ROOT / "bin" / name), *COMMANDS[name].split(), *options.split()]
    how = {"cwd": folder, "env": environment, "preexec_fn": set_limits}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, **how)


def said(done, name):
    return [line for line in done.stderr.splitlines() if line.startswith(f"{name}: error: ")]


@pytest.mark.parametrize("name", WRITERS)
def test_no_space_is_one_line_and_no_half_file(good, tmp_path, name):
    folder = copy(good, tmp_path / "w")
    done = limited(name, folder, {resource.RLIMIT_FSIZE: SMALL})
    assert done.returncode == 1, done.stderr[-2000:]
    (line,) = said(done, name)
    assert "Traceback" not in done.stderr and "may not grow any more" in line, line
    # what is there is whole: the limit cuts a file at just that size
    found = [path for path in (folder / "out").rglob("*") if path.suffix in TABLES]
    assert all(path.stat().st_size < SMALL for path in found)


def test_no_memory_asks_to_be_tried_again():
    """Exit code 137 is the one of a killed task: the pipeline tries again with more."""
    text = "from twohit.cli import run; import numpy; run(lambda _: numpy.ones(1 << 50))"
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "bin"))
    done = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 137 and "Traceback" not in done.stderr
    assert ": error: not enough memory (Unable to allocate" in done.stderr


@pytest.mark.parametrize("megabytes", [100, 150, 200, 250, 300])
def test_little_memory_is_enough_or_asks_to_be_tried_again(good, tmp_path, megabytes):
    """Wherever it runs out, in an import too: one line, the code of a killed task, and no half table."""
    folder = copy(good, tmp_path / "w")
    done = limited("segment_copy_number.py", folder, {resource.RLIMIT_AS: megabytes << 20})
    if done.returncode == 0:
        assert megabytes > 150 and "T.segments.tsv" in written(folder)
        return
    (line,) = said(done, "segment_copy_number.py")
    assert done.returncode == 137 and "not enough memory" in line and "Traceback" not in done.stderr
    assert written(folder) == []


def with_program(tmp_path, name, text):
    """PATH on which a program is another one."""
    (tmp_path / "other").mkdir()
    program = tmp_path / "other" / name
    program.write_text(f"#!/bin/bash\n{text}\n")
    program.chmod(0o755)
    return f"{tmp_path / 'other'}:{os.environ['PATH']}"


@pytest.mark.parametrize(("name", "program"), PROGRAMS)
def test_a_program_that_is_killed(good, tmp_path, name, program):
    """The kernel kills what takes the memory: the task is tried again, the user's files are not blamed."""
    folder = copy(good, tmp_path / "w")
    path = with_program(tmp_path, program, "kill -9 $$")
    done = limited(name, folder, {}, path)
    (line,) = said(done, name)
    assert done.returncode == 137 and "was killed" in line and program in line
    assert written(folder) == []


@pytest.mark.parametrize(("name", "program"), [("import_calls.py", "bcftools")])
def test_a_program_that_finds_the_disk_full(good, tmp_path, name, program):
    folder = copy(good, tmp_path / "w")
    path = with_program(tmp_path, program, "echo '[E::bgzf_flush] failed: No space left on device' >&2; exit 1")
    done = limited(name, folder, {}, path)
    (line,) = said(done, name)
    assert done.returncode == 1 and "the disk is full" in line


@pytest.mark.parametrize(("name", "program"), [*PROGRAMS, ("prepare_reference.py", "samtools")])
def test_a_program_that_is_missing(good, tmp_path, name, program):
    folder = copy(good, tmp_path / "w")
    done = limited(name, folder, {}, path=str(tmp_path))
    (line,) = said(done, name)
    assert done.returncode in (1, 2) and program in line and "not on PATH" in line
    assert "Traceback" not in done.stderr and written(folder) == []


@pytest.mark.parametrize("name", ["segment_copy_number.py", "read_clinical.py"])
def test_a_read_only_folder(good, tmp_path, root_user, name):
    folder = copy(good, tmp_path / "w")
    (folder / "out").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder / "out"], check=True)
    try:
        done = call(name, folder)
    finally:
        subprocess.run(["umount", folder / "out"], check=True)
    (line,) = said(done, name)
    assert done.returncode == 1 and "the disk is read-only" in line


def flip(path, where):
    """Change 64 bytes in a file that may be a link, and give it a life of its own."""
    data = bytearray(path.read_bytes())
    at = int(len(data) * where)
    for k in range(at, min(at + 64, len(data))):
        data[k] ^= 0xFF
    path.unlink()
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("postprocess_alignment.py", "T.bam"),
        ("count_snps.py", "T.bam"),
        ("genotype_variants.py", "T.bam"),
        ("align_lane.py", "fastq/P1_N_L1_R1.fastq.gz"),
        ("prepare_reference.py", "reference/common_snps.vcf.gz"),
        ("count_snps.py", "reference/common_snps.vcf.gz"),
        ("analyse_cells.py", "cells/S7/matrix.mtx.gz"),
    ],
)
def test_bytes_that_changed_in_the_middle(good, tmp_path, name, file):
    """Neither the start nor the end of the file shows it."""
    folder = copy(good, tmp_path / "w")
    flip(folder / file, 0.5)
    done = call(name, folder)
    lines = said(done, name)
    assert done.returncode in (1, 2) and lines, done.stderr[-2000:]
    assert "Traceback" not in done.stderr and any(file.split("/")[-1].split("1.f")[0] in line for line in lines)
    assert written(folder) == []


@pytest.mark.parametrize("damage", [lambda d: d[: len(d) // 2], lambda d: d[:3000] + bytes(500) + d[3500:]])
def test_packed_counts_that_are_cut_or_changed(good, tmp_path, script, damage):
    """Every script that reads them says so; none ends with a bug's traceback."""
    path = tmp_path / "P1.snp_counts.csv.gz"
    path.write_bytes(damage((good / "dna" / "P1.snp_counts.csv.gz").read_bytes()))
    for name, more in (
        ("segment_copy_number.py", ("--sample", "T", "--genome", "GRCh38", "--outdir", tmp_path / "out")),
        ("fingerprint_samples.py", ("--tumor", "T", "--out", tmp_path / "out" / "x.tsv")),
    ):
        done = script(name, "--snp-counts", path, *more, check=False)
        (line,) = said(done, name)
        assert done.returncode == 2 and path.name in line and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_index_that_is_older_than_its_file(good, tmp_path):
    """Asked of the user's files only: copies in a work folder have other times."""
    folder = copy(good, tmp_path / "w")
    for part in ("T.bam", "T.bam.bai", "samplesheet.csv"):
        data = (folder / part).read_bytes()
        (folder / part).unlink()
        (folder / part).write_bytes(data)
    os.utime(folder / "T.bam.bai", (1, 1))
    (folder / "samplesheet.csv").write_text("patient,sample,kind,bam\nP1,T,tumor,T.bam\n")
    done = call("check_samplesheet.py", folder)
    assert done.returncode == 2 and written(folder) == []
    assert any("its index T.bam.bai is older than it" in line for line in said(done, "check_samplesheet.py"))


def test_an_index_of_the_genome_that_is_older(good, tmp_path):
    """Its FASTA was changed since: the index is made anew, not believed."""
    folder = copy(good, tmp_path / "w")
    fasta = folder / "reference" / "genome.fa"
    index = folder / "reference" / "genome.fa.fai"
    for part in (fasta, index):
        data = part.read_bytes()
        part.unlink()
        part.write_bytes(data)
    right = index.read_text()
    index.write_text(right.replace("\t60\t61", "\t59\t60"))
    os.utime(index, (1, 1))
    done = call("prepare_reference.py", folder)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (folder / "out" / "genome.fa.fai").read_text() == right


def test_the_same_sample_twice(good, tmp_path):
    folder = copy(good, tmp_path / "w")
    (folder / "samplesheet.csv").unlink()
    rows = ["P1,T,tumor,T.bam", "P1,T,tumor,T.bam", "P2,T,tumor,T.bam", "P2,t,tumor,N.bam"]
    (folder / "samplesheet.csv").write_text("patient,sample,kind,bam\n" + "\n".join(rows) + "\n")
    done = call("check_samplesheet.py", folder)
    text = " ".join(said(done, "check_samplesheet.py"))
    assert done.returncode == 2 and written(folder) == []
    assert "the row repeats row 2" in text and "sample ids are unique" in text and "by case only" in text


@pytest.mark.parametrize("moment", [1, 4_000_000_000])
def test_a_wrong_clock_changes_no_byte(good, tmp_path, moment):
    """Inputs from 1970 or from 2096, another time zone: the same tables."""
    texts = []
    for name in ("now", "then"):
        folder = tmp_path / name
        shutil.copytree(good, folder)
        if name == "then":
            for path in folder.rglob("*"):
                os.utime(path, (moment, moment))
        for script in ("segment_copy_number.py", "read_clinical.py", "report_biallelic_loss.py", "count_snps.py"):
            done = call(script, folder)
            assert done.returncode == 0, done.stderr[-2000:]
        texts.append({path.relative_to(folder): path.read_bytes() for path in (folder / "out").rglob("*.*")})
    assert texts[0] == texts[1]
