"""Damaged files of every kind, a patient each: each is told, none passes for done, and mended all are whole."""

import os
import shutil

import pytest

from tests.conftest import ROOT
from tests.faults.conftest import bodies, verified
from tests.pipeline.conftest import nextflow

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("bad_inputs"), pytest.mark.timeout(1800)]

SHEET = """patient,sample,kind,bam,fastq_1,fastq_2,vcf,matrix
BAM,T,tumor,T.bam,,,T.vcf,
FASTQ,P1_N,tumor,,reads_R1.fastq.gz,reads_R2.fastq.gz,P1_N.vcf,
VCF,V,tumor,,,,V.vcf,
H5,S1,cells,,,,,S1.h5
SOUND,W,tumor,,,,W.vcf,
"""


def zeros(data):
    """Nothing but zeros for 64 bytes in the middle, as after a bad copy."""
    return data[: len(data) // 2] + bytes(64) + data[len(data) // 2 + 64 :]


DAMAGES = {  # patient that the file is of, script that says so; none shows at the start of the file
    "T.bam": ("BAM", "postprocess_alignment.py", lambda data: data[: int(0.6 * len(data))]),
    "reads_R1.fastq.gz": ("FASTQ", "align_lane.py", zeros),
    "V.vcf": ("VCF", "import_calls.py", lambda data: data[: int(0.97 * len(data))]),
    "S1.h5": ("H5", "analyse_cells.py", lambda data: data[: len(data) // 2]),
}  # fmt: skip


@pytest.fixture
def inputs(good, tmp_path):
    """Folder of five patients."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    for name in ("T.bam", "T.bam.bai"):
        shutil.copy2(good / name, folder / name)
    for end in ("R1", "R2"):
        shutil.copy(good / "fastq" / f"P1_N_L1_{end}.fastq.gz", folder / f"reads_{end}.fastq.gz")
    shutil.copy(good / "cells" / "S1.h5", folder / "S1.h5")
    text = (good / "raw.vcf").read_text().replace("\t.\t.\tTLOD", "\t.\tPASS\tTLOD")
    for sample in ("T", "P1_N", "V", "W"):
        (folder / f"{sample}.vcf").write_text(text.replace("\tT\tN\n", f"\t{sample}\tN\n"))
    (folder / "samples.csv").write_text(SHEET)
    return folder


def start(good, inputs, outdir, *more):
    """Run all five patients."""
    reference = good / "reference"
    files = (
        "--fasta",
        reference / "genome.fa",
        "--gff",
        reference / "genes.gff3",
        "--genome",
        reference / "genome.json",
    )
    given = ("-profile", "test,native", "--input", inputs / "samples.csv", "--panel", good / "panel.tsv", *files)
    return nextflow(ROOT, inputs.parent, *given, *more, outdir=outdir)


def test_damaged_files_are_told_and_mended(good, inputs):
    whole = start(good, inputs, "whole")
    assert whole.code == 0, f"{whole.text[-2000:]}{whole.errors[-2000:]}"
    sound = {name: (inputs / name).read_bytes() for name in DAMAGES}
    for name, (_, _, damage) in DAMAGES.items():
        (inputs / name).write_bytes(damage(sound[name]))
    os.utime(inputs / "T.bam.bai")  # an older index would be refused before any step
    broken = start(good, inputs, "mended", "-resume")
    assert broken.code == 2, broken.errors[-3000:]
    for name, (patient, script, _) in DAMAGES.items():
        stem = name.split("_R1")[0]
        assert [line for line in broken.said() if line.startswith(f"{script}: error: ") and stem in line], broken.errors
        assert not (broken.results / patient / "manifest.json").exists()
        assert verified(broken.results / patient).returncode == 2
    done = verified(broken.results)
    assert done.returncode == 0 and "BAM: failed" in done.stdout, (
        "the run is told to be partial, its sound patient is a result"
    )
    assert verified(broken.results / "SOUND").returncode == 0
    for name, data in sound.items():
        (inputs / name).write_bytes(data)
    os.utime(inputs / "T.bam.bai")
    mended = start(good, inputs, "mended", "-resume")
    assert mended.code == 0, mended.errors[-2000:]
    assert verified(mended.results).returncode == 0 and "failed" not in verified(mended.results).stdout
    for patient in ("BAM", "FASTQ", "VCF", "H5", "SOUND"):
        assert bodies(mended.results / patient) == bodies(whole.results / patient)
