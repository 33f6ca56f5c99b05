"""Reads of a deep panel with UMIs to consensus reads, aligned again with what names their molecule."""

import random
import shutil
import subprocess

import numpy as np
import pandas as pd
import pysam
import pytest

from tests.conftest import needs
from twohit.variants.genotype_tables import genotype_sample

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
        assert any(program["ID"] == "fgumi" for program in bam.header["PG"]), "duplicates count as dealt with"
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


READ, FRAGMENT, ERROR, SHARE = 100, 150, 5e-3, 0.01
SITES = range(2_000, 2_400, 40)  # each mutated in a share of the molecules


def write_panel(folder, molecules=20_000, members=3, seed=3):
    """Pairs over 2,000-2,400, each molecule read three times with errors in bases and UMIs; gives depths, mutated."""
    rng = np.random.default_rng(seed)
    true = np.array([SWAP[GENOME[site]] for site in SITES])
    counts = np.zeros((2, len(SITES)), int)
    lines = [[], []]
    for molecule, start in enumerate(rng.integers(1_840, 2_400, molecules).tolist()):
        bases = np.array(list(GENOME[start : start + FRAGMENT]))
        inside = [k for k, site in enumerate(SITES) if start <= site < start + FRAGMENT]
        hit = [k for k in inside if rng.random() < SHARE]
        bases[[SITES[k] - start for k in hit]] = true[hit]
        counts[0, inside] += 1
        counts[1, hit] += 1
        umi = rng.choice(list("ACGT"), 10)
        for member in range(members):
            tag = umi.copy()
            if member == 2 and rng.random() < 0.1:
                tag[rng.integers(10)] = rng.choice(list("ACGT"))
            ends = [bases[:READ].copy(), np.array([SWAP[base] for base in bases[::-1][:READ]])]
            for out, read in zip(lines, ends, strict=True):
                wrong = rng.random(READ) < ERROR
                read[wrong] = rng.choice(list("ACGT"), int(wrong.sum()))
                out.append(f"@{molecule}.{member} RX:Z:{''.join(tag)}\n{''.join(read)}\n+\n{'F' * READ}\n")
    for name, rows in zip("12", lines, strict=True):
        (folder / f"{name}.fq").write_text("".join(rows))
    bwa = "bwa mem -C -R '@RG\\tID:S\\tSM:S\\tLB:S\\tPL:ILLUMINA' genome.fa 1.fq 2.fq"
    made = f"{bwa} | samtools fixmate -u -m - - | samtools sort -o S.bam - && samtools index S.bam"
    subprocess.run(["bash", "-ec", made], cwd=folder, check=True, capture_output=True)
    return counts


@pytest.mark.slow
def test_a_panel_of_5000x_gives_the_shares_of_its_molecules(folder):
    """By fgumi on PATH: `cargo install fgumi`."""
    needs(shutil.which("fgumi") is not None, "needs fgumi (cargo install fgumi --version 0.4.0)")
    depth, mutated = write_panel(folder)
    pysam.faidx(str(folder / "genome.fa"))
    run = nextflow(folder / "main.nf", folder / "run", "--whole", "true")
    assert run.code == 0, run.text + run.errors
    rows = [("1", site + 1, GENOME[site], SWAP[GENOME[site]]) for site in SITES]
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt"]).assign(gene=None, origin="somatic")
    made, _, errors = genotype_sample(folder / "S.umi.bam", "S", table, folder / "genome.fa")
    raw, _, raw_errors = genotype_sample(folder / "S.bam", "S", table, folder / "genome.fa")
    assert (made["depth"].to_numpy() > 0.95 * depth).all() and (made["depth"].to_numpy() <= depth).all()
    assert (np.abs(made["alt_count"].to_numpy() - mutated) <= 2).all()
    assert depth.min() > 4_500
    assert (made["status"] == "detected").all()
    assert errors["error_rate"].mean() < 0.2 * ERROR / 3
    # families are told from the raw reads too, where nobody made consensus reads
    assert (np.abs(raw["alt_count"].to_numpy() - mutated) <= 0.15 * mutated + 3).all()
