"""Broken inputs through `nextflow run`: one run, a patient for each; each is told, nothing of it is published."""

import csv
import gzip
import json

import pytest

from tests.conftest import ROOT
from tests.faults.conftest import FISH, MARKERS
from tests.pipeline.conftest import nextflow
from tests.pipeline.test_refusals import CONTIG, folder, reference  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1800)]
COUNTS = "Chromosome,Position,Ref,Alt,File1R,File1A,File1E,File1D,File2R,File2A,File2E,File2D\n"
QPCR = "day,infusion,plate,role,target,well,ct,standard_copies,dna_ng\n0,1,1,standard,CAR,A1,late,100,\n"
VCF = (
    "##fileformat=VCFv4.2\n##contig=<ID={contig},length=60162>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{sample}\n{record}\t.\tPASS\t.\tGT:AD\t0/1:30,30\n"
)


def matrix(path, genes: int, cells: int, entries: str) -> None:
    """A 10x folder."""
    path.mkdir()
    lines = [f"ENSG{k}\tG{k}\tGene Expression" for k in range(genes)]
    texts = {
        "features.tsv.gz": "\n".join(lines) + "\n",
        "barcodes.tsv.gz": "".join(f"{'ACGT'[k % 4] * 16}-1\n" for k in range(cells)),
        "matrix.mtx.gz": f"%%MatrixMarket matrix coordinate integer general\n{entries}",
    }
    for name, text in texts.items():
        (path / name).write_bytes(gzip.compress(text.encode(), mtime=0))


# name: column of the samplesheet, name of the file, text or maker of it, what the message says after the file's name
CASES = {
    "ref": ("vcf", "ref.vcf", "{contig}\t100\t.\t{other}\tG", "REF is {other} at {contig}:100, but"),
    "end": ("vcf", "end.vcf", "{contig}\t99999\t.\tA\tG", "{contig}:99999 is past the contig's end in genome.fa"),
    "contig": ("vcf", "contig.vcf", "chr99\t100\t.\tA\tG", "contig chr99 is not in genome.fa"),
    "word": ("vcf", "word.vcf", "{contig}\tten\t.\tA\tG", "position 'ten' is not a number"),
    "minus": ("snp_counts", "minus.csv", COUNTS + "{contig},100,A,C,-3,9,0,0,9,9,0,0\n", "'-3' is not a count"),
    "place": ("snp_counts", "place.csv", COUNTS + "{contig},x,A,C,9,9,0,0,9,9,0,0\n", "'x' is not a count"),
    "none": ("snp_counts", "none.csv", COUNTS, "holds no site; count at more SNPs"),
    "other": ("snp_counts", "other.csv", COUNTS + "chr5,100,A,C,9,9,0,0,9,9,0,0\n", "no contig of slice"),
    "measure": ("table", "measure.csv", "day,measure,value,unit\n1,weight,3,kg\n", "value 'weight': is not known"),
    "date": ("table", "date.csv", "day,measure,value,unit\n2024-01-05,m_spike,3,g/dL\n", "is not a whole number"),
    "formula": ("table", "formula.csv", "day,measure,value,unit\n1,treatment,=1+1,\n", "would run as a formula"),
    "ct": ("qpcr", "ct.csv", QPCR, "column 'ct', value 'late': is not a number"),
    "percent": ("fish", "percent.csv", FISH.replace(",80,", ",140,"), "value '140': is out of range"),
    "cell": ("matrix", "cell", (5, 1, "5 1 2\n1 1 3\n2 1 4\n"), "holds one cell"),
    "cut": ("matrix", "cut", (5, 3, "5 3 9\n1 1 3\n2 1 4\n"), "not a readable MatrixMarket file"),
    "half": ("matrix", "half", (5, 3, "5 3 2\n1 1 0.5\n2 2 4\n"), "matrix.mtx.gz"),
}  # fmt: skip
KINDS = {"vcf": "tumor", "snp_counts": "tumor", "matrix": "cells"}


def test_one_run_with_many_broken_patients(folder):  # noqa: F811
    base = (folder / "genome.fa").read_text().split("\n")[1][99]
    words = {"contig": CONTIG, "base": base, "other": "A" if base != "A" else "C"}
    (folder / "markers.csv").write_text(MARKERS)
    rows = [{"patient": "good", "kind": "clinical", "table": "markers.csv"}]
    for name, (column, file, content, _) in CASES.items():
        kind = KINDS.get(column, "clinical")
        sample = "" if kind == "clinical" else f"{name}_S"
        rows.append({"patient": name, "sample": sample, "kind": kind, column: file})
        if column == "matrix":
            matrix(folder / file, *content)
        else:
            text = content.replace("{contig}", CONTIG).replace("{other}", words["other"])
            text = VCF.format(contig=CONTIG, sample=sample, record=text) if column == "vcf" else text
            (folder / file).write_text(text)
    with open(folder / "samples.csv", "w", newline="") as out:
        columns = ["patient", "sample", "kind", "vcf", "snp_counts", "table", "qpcr", "fish", "matrix"]
        table = csv.DictWriter(out, columns, restval="", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    run = nextflow(ROOT, folder, "-profile", "native", "--input", folder / "samples.csv", *reference(folder))
    assert run.code == 2, f"{run.text[-2000:]}{run.errors[-2000:]}"
    lines = run.said()
    for name, (_, file, _, says) in CASES.items():
        told = [line for line in lines if f"{file}:" in line or f"{file}/" in line or f"/{file}" in line]
        assert any(says.format(**words) in line for line in told), (name, told or lines)
        assert not (run.results / name / "manifest.json").exists() and not (run.results / name / "report").exists()
    assert "Traceback" not in run.errors + run.text
    manifest = json.loads((run.results / "manifest.json").read_text())
    states = {row["patient"]: row["status"] for row in manifest["patients"]}
    assert states.pop("good") == "complete" and set(states.values()) == {"failed"} and states.keys() == CASES.keys()
    assert (run.results / "good" / "report" / "good.report.html").is_file()
    assert len(CASES) >= 12
