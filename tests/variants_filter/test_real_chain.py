"""The real chain on real reads: bwa, our alignment step, Mutect2, FilterMutectCalls, our filter."""

import json
import os
import shutil
import subprocess

import pytest

from twohit.variants import vcf_io

pytestmark = [
    pytest.mark.slow,
    pytest.mark.data,
]


def shell(command, cwd):
    """Run a line of shell; what it said is in the failure."""
    options = {"cwd": cwd, "shell": True, "executable": "/bin/bash", "capture_output": True, "text": True}
    done = subprocess.run(
        f"set -euo pipefail; {command}", env=os.environ | {"TWOHIT_GATK_C1": "1"}, check=False, **options
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_colo829_gives_braf_v600e_and_nothing_else(twohit_data, tmp_path, script):
    data = twohit_data / "colo829_braf"
    reference = tmp_path / "ref.fa"
    shutil.copy(data / "BRAF_hg19_slice.fa", reference)
    shell("bwa index ref.fa; samtools faidx ref.fa; samtools dict ref.fa > ref.dict", tmp_path)
    for sample, letter in (("T", "T"), ("N", "R")):
        reads = " ".join(str(data / f"COLO829{letter}_R{mate}.fastq.gz") for mate in (1, 2))
        group = f"@RG\\tID:{sample}\\tSM:{sample}\\tPL:ILLUMINA"
        shell(f"bwa mem -R '{group}' ref.fa {reads} | samtools view -b -o {sample}.raw.bam -", tmp_path)
        script("postprocess_alignment.py", "--bam", tmp_path / f"{sample}.raw.bam", "--sample", sample,
               "--reference", reference, "--outdir", tmp_path)  # fmt: skip
    qc = json.loads((tmp_path / "T.alignment_qc.json").read_text())
    assert qc["mapped_fraction"] == pytest.approx(0.59, abs=0.02)
    shell("gatk Mutect2 -R ref.fa -I T.bam -I N.bam -normal N -O raw.vcf.gz --f1r2-tar-gz f1r2.tar.gz", tmp_path)
    shell("gatk LearnReadOrientationModel -I f1r2.tar.gz -O o.tar.gz", tmp_path)
    shell("gatk FilterMutectCalls -R ref.fa -V raw.vcf.gz -O gatk.vcf.gz --ob-priors o.tar.gz", tmp_path)
    script("filter_somatic.py", "--vcf", tmp_path / "raw.vcf.gz", "--stats", tmp_path / "raw.vcf.gz.stats",
           "--orientation", tmp_path / "o.tar.gz", "--reference", reference, "--gatk", tmp_path / "gatk.vcf.gz",
           "--tumor", "T", "--normal", "N", "--out", tmp_path / "T.somatic.vcf.gz")  # fmt: skip
    passed = [r for r in vcf_io.records(tmp_path / "T.somatic.vcf.gz") if r.filters == ["PASS"]]
    assert [(r.pos, r.ref, r.alts) for r in passed] == [(30137, "A", ["T"])]
    ref, alt = map(int, passed[0].sample(1, "AD").split(","))
    assert abs(alt / (ref + alt) - 0.68) <= 0.03
    assert float(passed[0].info["SOMATIC_POSTERIOR"]) > 0.99
