"""A small finished result folder, made by hand: 40 somatic variants, four segments, three genes."""

from pathlib import Path

import pandas as pd
import pysam
import pytest

from twohit import schemas
from twohit.manifest import patient_manifest
from twohit.tables import write_json, write_table

N_SITES = 40
HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=100000>
##FILTER=<ID=slippage,Description="x">
##INFO=<ID=AS_FILTER,Number=A,Type=String,Description="x">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN\tT
"""


def write_vcf(path: Path, lines: list[str], header: str = HEADER) -> Path:
    plain = path.with_suffix("")
    plain.write_text(header + "".join(line + "\n" for line in lines))
    pysam.tabix_compress(str(plain), str(path), force=True)
    plain.unlink()
    return path


def sites() -> list[tuple[int, int]]:
    """(position, alternative reads of 100) of the variants: fractions from 0.02 to 0.8."""
    return [(1000 * (i + 1), 2 + 2 * i) for i in range(N_SITES)]


def seal(folder: Path) -> Path:
    write_json(patient_manifest(folder, "P"), folder / "manifest.json")
    return folder


@pytest.fixture
def results(tmp_path) -> Path:
    """The results of the patient P."""
    return make_results(tmp_path / "results" / "P")


def make_results(folder: Path) -> Path:
    """Write the results: variants below 0.1 are missed (filter); one false call at 50500; all of segment 3 wrong."""
    (folder / "dna").mkdir(parents=True)
    (folder / "report").mkdir()
    samples = [("P", "N", "normal"), ("P", "T", "tumor")]
    frame = pd.DataFrame(samples, columns=["patient", "sample", "kind"]).assign(timepoint=None, day=None, sex="female")
    write_table(frame, schemas.SAMPLES, folder / "samples.tsv")
    lines = []
    for pos, alt in sorted([*sites(), (50500, 20)]):
        word = "PASS" if alt >= 10 else "slippage"
        lines.append(f"chr1\t{pos}\t.\tA\tC\t.\t{word}\tAS_FILTER={word}\tAD\t100,0\t{100 - alt},{alt}")
    write_vcf(folder / "dna" / "T.somatic.vcf.gz", lines)
    for name in "NT":
        (folder / "dna" / f"{name}.callable.bed").write_text("chr1\t0\t60000\n")
    states = [(1, 1000, 2, 1), (1001, 3000, 1, 0), (3001, 4000, 2, 1), (4001, 5000, 0, 0)]
    segments = pd.DataFrame(states, columns=["start", "end", "total_cn", "minor_cn"])
    segments = segments.reindex(columns=schemas.SEGMENTS.names).assign(
        chrom="chr1", n_snps=9, n_het=5, ccf=1.0, probability=0.99
    )
    filled = [c.name for c in schemas.SEGMENTS.columns if not c.nullable and c.kind in ("float", "probability")]
    segments[filled] = segments[filled].fillna(0.5)
    write_table(segments, schemas.SEGMENTS, folder / "dna" / "T.segments.tsv")
    write_json({"purity": 0.82, "ploidy": 1.9}, folder / "dna" / "T.purity_ploidy.json")
    rows = [("G1", "biallelic"), ("G2", "monoallelic"), ("G3", "not_assessable")]
    genes = pd.DataFrame(rows, columns=["gene", "verdict"]).assign(patient="P", sample="T", reason="x", probability=0.5)
    write_table(
        genes.reindex(columns=schemas.BIALLELIC.names), schemas.BIALLELIC, folder / "report" / "P.biallelic.tsv"
    )
    return seal(folder)


TRUTH_HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=100000>
##FILTER=<ID=HighConf,Description="x">
##FILTER=<ID=LowConf,Description="x">
##INFO=<ID=TVAF,Number=1,Type=Float,Description="x">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""


@pytest.fixture
def truth(tmp_path) -> Path:
    """The truth behind `results`."""
    return make_truth(tmp_path / "truth")


def make_truth(folder: Path) -> Path:
    """Write the truth as a laboratory keeps it: a VCF in SEQC2's words, a BED, tables."""
    folder.mkdir()
    lines = [f"chr1\t{pos}\t.\tA\tC\t.\tPASS;HighConf\tTVAF={alt / 100}" for pos, alt in sites()]
    lines.append("chr1\t70000\t.\tA\tC\t.\tPASS;HighConf\tTVAF=0.4")  # outside the BED
    lines.append("chr1\t70500\t.\tA\tC\t.\tLowConf\tTVAF=0.4")
    write_vcf(folder / "snv.vcf.gz", lines, TRUTH_HEADER)
    (folder / "regions.bed").write_text("chr1\t0\t65000\n")
    (folder / "segments.tsv").write_text(
        "chrom\tstart\tend\ttotal_cn\tminor_cn\nchr1\t1\t1000\t2\t1\nchr1\t1001\t3000\t1\t0\n"
        "chr1\t3001\t4000\t3\t1\nchr1\t4001\t5000\t0\t0\nchr1\t8000\t9000\t2\t1\n"
    )
    (folder / "genes.tsv").write_text("gene\tverdict\nG1\tbiallelic\nG2\tmonoallelic\nG3\tbiallelic\nG4\tintact\n")
    (folder / "sample.json").write_text('{"purity": 0.8, "ploidy": 1.9}')
    return folder
