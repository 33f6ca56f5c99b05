"""The simulated patient, whose truth is worked out by other code: consequences, counts and phase."""

import json
import re
import subprocess

import numpy as np
import pandas as pd
import pytest

from twohit.schemas import GENOTYPES, PHASE, VARIANTS
from twohit.tables import read_table

NAMES = "AlaArgAsnAspCysGlnGluGlyHisIleLeuLysMetPheProSerThrTrpTyrValTer"
THREE = {NAMES[3 * i : 3 * i + 3]: letter for i, letter in enumerate("ARNDCQEGHILKMFPSTWYV*")}


@pytest.mark.slow
def test_truth_is_found(script, tmp_path):
    patient, reference = tmp_path / "patient", tmp_path / "reference"
    script("simulate_patient.py", "--preset", "tiny", "--seed", 3, "--outdir", patient)
    given = patient / "reference"
    script(
        *("prepare_reference.py", "--fasta", given / "genome.fa", "--gff", given / "genes.gff3", "--outdir", reference),
        *("--targets", given / "targets.bed", "--common-snps", given / "common_snps.vcf.gz"),
        *("--panel", patient / "panel.tsv", "--genome", given / "genome.json"),
    )
    truth = pd.DataFrame(json.loads((patient / "truth.json").read_text())["variants"])
    vcf = write_calls(truth, reference / "genome.fa.fai", tmp_path / "truth.vcf")
    out = tmp_path / "T.variants.tsv"
    script(
        *("annotate_variants.py", "--vcf", vcf, "--origin", "somatic", "--gff", reference / "genes.gff3"),
        *("--reference", reference / "genome.fa", "--tumor", "T", "--out", out),
    )
    check_names(
        read_table(out, VARIANTS).merge(truth, on=["chrom", "pos", "ref", "alt"], suffixes=("", "_true")), truth
    )

    bam = align(patient, reference / "genome.fa", tmp_path)
    script(
        *("genotype_variants.py", "--bam", bam, "--sample", "T", "--variants", out),
        *("--reference", reference / "genome.fa", "--outdir", tmp_path),
    )
    counted = read_table(tmp_path / "T.genotypes.tsv", GENOTYPES).rename(columns={"vaf": "vaf_seen"})
    check_counts(counted.merge(truth, on=["chrom", "pos", "ref", "alt"]))
    check_phase(read_table(tmp_path / "T.phase.tsv", PHASE), truth)


def write_calls(truth, index, path):
    contigs = [line.split("\t")[:2] for line in index.read_text().splitlines()]
    lines = ["##fileformat=VCFv4.2", *(f"##contig=<ID={name},length={length}>" for name, length in contigs)]
    lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    lines += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT"]
    order = {name: rank for rank, (name, _) in enumerate(contigs)}
    for row in truth.assign(rank=truth["chrom"].map(order)).sort_values(["rank", "pos"]).itertuples():
        lines.append(f"{row.chrom}\t{row.pos}\t.\t{row.ref}\t{row.alt}\t.\tPASS\t.\tGT\t0/1")
    path.write_text("\n".join(lines) + "\n")
    return path


def check_names(table, truth):
    assert len(table) == len(truth) > 400
    assert (table["gene"].fillna("") == table["gene_true"].fillna("")).all()
    said = table["hgvs_p_true"].map(lambda name: re.sub("|".join(THREE), lambda m: THREE[m[0]], name) if name else None)
    frameshift = table["consequence"] == "frameshift_variant"  # the truth reads no further than the coding sequence
    stop = said.fillna("").str.startswith("p.*")  # there a stop kept is called synonymous
    same = table["hgvs_p"].fillna("") == said.fillna("")
    assert same[~frameshift].all()
    assert (table["consequence"] == table["consequence_true"])[~stop].all()


def align(patient, fasta, folder):
    lanes = sorted((patient / "fastq").glob("P1_T_L*_R1.fastq.gz"))
    bams = []
    for lane in lanes:
        mates = [str(lane), str(lane).replace("_R1.", "_R2.")]
        bams.append(str(folder / f"{lane.name}.bam"))
        chain = f"bwa mem -v 1 {fasta} {mates[0]} {mates[1]} | samtools sort -n -o {bams[-1]} -"
        subprocess.run(chain, shell=True, check=True, capture_output=True)
    out = folder / "T.bam"
    chain = f"samtools cat {' '.join(bams)} | samtools sort -n - | samtools fixmate -m - - | samtools sort - "
    subprocess.run(f"{chain} | samtools markdup - {out}", shell=True, check=True, capture_output=True)
    subprocess.run(["samtools", "index", out], check=True, capture_output=True)
    return out


def check_counts(table):
    deep = table[table["depth"] >= 30]
    counted = deep["ref_count"] + deep["alt_count"]
    error = (deep["alt_count"] / counted - deep["vaf"]) / np.sqrt((deep["vaf"] * (1 - deep["vaf"]) + 1e-3) / counted)
    assert len(deep) > 400
    assert abs(error.mean()) < 0.2 and error.abs().max() < 5
    assert 1 - counted.sum() / deep["depth"].sum() < 0.002  # hardly any third allele


def check_phase(phase, truth):
    for label, together in (("two_stops_in_cis", True), ("two_stops_in_trans", False)):
        hits = truth[truth["label"] == label]
        names = {f"{row.chrom}:{row.pos}:{row.ref}:{row.alt}" for row in hits.itertuples()}
        row = phase[phase["variant_1"].isin(names) & phase["variant_2"].isin(names)].iloc[0]
        apart = row["n_first"] + row["n_second"]
        assert (row["n_both"] > 20 and apart <= 2) if together else (apart > 20 and row["n_both"] <= 1)
