"""Consensus reads of molecules are aligned again with what names their molecule, and the step before it is wired."""

import random
import subprocess

import pysam
import pytest

from .conftest import ROOT, nextflow

GENOME = "".join(random.Random(6).choices("ACGT", k=6_000))
SWAP = {"A": "T", "C": "G", "G": "C", "T": "A"}
FLOW = """
include {{ CALL_CONSENSUS }} from '{root}/modules/bulk/call_consensus'
include {{ ALIGN_CONSENSUS }} from '{root}/modules/bulk/align_consensus'

workflow {{
    if( params.whole ) {{
        CALL_CONSENSUS(channel.of(['S', file('{folder}/S.bam'), file('{folder}/S.bam.bai')]), 2)
        made = CALL_CONSENSUS.out
    }} else {{
        made = channel.of(['S', file('{folder}/S.consensus.bam')])
    }}
    ALIGN_CONSENSUS(made, channel.value(files('{folder}/genome.fa*')))
    ALIGN_CONSENSUS.out.subscribe {{ _sample, bam, bai -> [bam, bai].each {{ path -> path.copyTo(file('{folder}')) }} }}
}}
"""


@pytest.fixture
def folder(tmp_path):
    """A genome with its index, and consensus pairs of known places, not aligned."""
    (tmp_path / "genome.fa").write_text(f">1\n{GENOME}\n")
    subprocess.run(["bwa", "index", str(tmp_path / "genome.fa")], check=True, capture_output=True)
    header = {"HD": {"VN": "1.6", "SO": "unsorted", "GO": "query"}, "RG": [{"ID": "S", "SM": "S"}]}
    with pysam.AlignmentFile(str(tmp_path / "S.consensus.bam"), "wb", header=header) as out:
        for molecule in range(40):
            left = 100 + 140 * molecule
            ends = GENOME[left : left + 80], "".join(SWAP[base] for base in reversed(GENOME[left + 100 : left + 180]))
            for bases, flag in zip(ends, (77, 141), strict=True):
                read = pysam.AlignedSegment(out.header)
                read.query_name, read.flag, read.query_sequence = f"S:{molecule}", flag, bases
                read.query_qualities = pysam.qualitystring_to_array("F" * 80)
                read.set_tag("MI", str(molecule))
                read.set_tag("RX", "ACGTACGT")
                out.write(read)
    (tmp_path / "main.nf").write_text(FLOW.format(root=ROOT, folder=tmp_path))
    (tmp_path / "nextflow.config").write_text("params.whole = false\nmanifest.version = '0'\nprocess.memory = '1 GB'\n")
    return tmp_path


def test_consensus_reads_keep_their_molecule(folder):
    run = nextflow(folder / "main.nf", folder / "run")
    assert run.code == 0, run.text + run.errors
    with pysam.AlignmentFile(str(folder / "S.umi.bam")) as bam:
        assert bam.header["HD"]["SO"] == "coordinate" and bam.header["RG"][0]["SM"] == "S"
        assert any(program["ID"] == "fgbio" for program in bam.header["PG"]), "duplicates count as dealt with"
        reads = list(bam.fetch("1"))
        assert len(reads) == 80 and all(read.get_tag("RX") == "ACGTACGT" for read in reads)
        places = {(int(read.get_tag("MI")), read.reference_start) for read in reads}
    assert places == {(n, 100 + 140 * n + more) for n in range(40) for more in (0, 100)}


def test_the_step_that_makes_them_is_wired(folder):
    for name in ("S.bam", "S.bam.bai"):
        (folder / name).touch()
    run = nextflow(folder / "main.nf", folder / "run", "-stub", "--whole", "true")
    assert run.code == 0, run.text + run.errors
    assert "CALL_CONSENSUS (S)" in run.text and "ALIGN_CONSENSUS (S)" in run.text
