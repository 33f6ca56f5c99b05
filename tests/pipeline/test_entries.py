"""Entry at alignments, calls or SNP counts; patients that fail leave the others whole."""

import csv
import gzip
import json
import subprocess

import pytest

from .conftest import nextflow

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("tiny")]
HEADER = "patient,sample,kind,timepoint,day,sex,bam,vcf,snp_counts,purity"


def params(patient):
    given = json.loads((patient / "params.json").read_text())
    return [
        word
        for name, path in given.items()
        if name not in ("input", "transgene_feature")
        for word in (f"--{name}", patient / path)
    ]


def verdicts(run, patient):
    return table(run.results / patient / "report" / f"{patient}.biallelic.tsv")


def table(path):
    with open(path, newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def passed(folder):
    calls = table(folder / "P1_T.variants.tsv")
    return {(row["chrom"], row["pos"], row["ref"], row["alt"]) for row in calls if row["filter"] == "PASS"}


def copies(folder):
    return {row["gene"]: (row["total_cn"], row["minor_cn"]) for row in table(folder / "P1_T.genes.tsv")}


def lost_in(patient):
    truth = json.loads((patient / "truth.json").read_text())
    return {gene["gene"] for gene in truth["genes"] if gene["verdict"] == "biallelic"}


def two_tumours(source, target):
    """Write a counts file whose second tumour has the reads of the first."""
    with gzip.open(source, "rt") as lines, gzip.open(target, "wt") as out:
        header = next(lines).rstrip("\n").split(",")
        out.write(",".join(header + [name.replace("File2", "File3") for name in header[8:12]]) + "\n")
        for line in lines:
            cells = line.rstrip("\n").split(",")
            out.write(",".join(cells + cells[8:12]) + "\n")


def rename(source, target, *expressions):
    """Copy a BAM with its header edited, and index it."""
    header = subprocess.run(["samtools", "view", "-H", source], capture_output=True, text=True, check=True).stdout
    for old, new in expressions:
        header = header.replace(old, new)
    edited = target.with_suffix(".sam")
    edited.write_text(header)
    with open(target, "wb") as out:
        subprocess.run(["samtools", "reheader", edited, source], stdout=out, check=True)
    subprocess.run(["samtools", "index", target], check=True)


def test_counts_of_several_tumours_and_calls_alone(tiny, patient, project, tmp_path):
    dna = tiny.results / "P1" / "dna"
    two_tumours(dna / "P1.snp_counts.csv.gz", tmp_path / "two.csv.gz")
    rows = [
        "A,A_early,tumor,early,10,female,,,two.csv.gz,",
        "A,A_late,tumor,late,270,female,,,two.csv.gz,",
        f"B,P1_T,tumor,,,,,{dna / 'P1_T.somatic.vcf.gz'},,",
        f"C,C_T,tumor,,,,,,{dna / 'P1.snp_counts.csv.gz'},0.5",
    ]
    (tmp_path / "samples.csv").write_text("\n".join([HEADER, *rows]))
    run = nextflow(project, tmp_path, "-profile", "test,native", "--input", "samples.csv", *params(patient))
    assert run.code == 0, run.errors[-2000:]
    manifest = json.loads((run.results / "manifest.json").read_text())
    states = {row["patient"]: row["status"] for row in manifest["patients"]}
    assert states == {"A": "complete", "B": "complete", "C": "complete"}
    for sample in ("A_early", "A_late"):
        assert (run.results / "A" / "dna" / f"{sample}.segments.tsv").is_file()
    first = (run.results / "A" / "dna" / "A_early.segments.tsv").read_text()
    assert first == (run.results / "A" / "dna" / "A_late.segments.tsv").read_text()
    assert {row["sample"] for row in verdicts(run, "A")} == {"A_early", "A_late"}
    # what the samplesheet fixes holds for its tumour, and the page says so
    fitted = {
        name: json.loads((run.results / name[0] / "dna" / f"{name}.purity_ploidy.json").read_text())
        for name in ("A_early", "C_T")
    }
    assert {name: fit["fixed_by_hand"] for name, fit in fitted.items()} == {"A_early": False, "C_T": True}
    assert fitted["C_T"]["purity"] == pytest.approx(0.5)
    assert "purity was fixed by hand at 0.5" in (run.results / "C" / "report" / "C.report.html").read_text()
    # without copy number only allele fractions can tell: little is called, and nothing that is not so
    assert {row["gene"] for row in verdicts(run, "B") if row["verdict"] == "biallelic"} <= lost_in(patient)
    assert "intact" not in {row["verdict"] for row in verdicts(run, "B")}
    assert not any(task.startswith(("ALIGN_LANE", "MUTECT2")) for task in run.tasks())
    # several patients make a cohort
    events = table(run.results / "cohort" / "frequencies.tsv")
    assert {int(row["n_assessable"]) + int(row["n_not_assessable"]) for row in events} == {3}


def test_cells_alone(patient, project, tmp_path):
    with open(patient / "samplesheet.csv", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["kind"] == "cells"]
    lines = ["patient,sample,kind,timepoint,day,matrix,fraction"]
    lines += [
        f"P1,{r['sample']},cells,{r['timepoint']},{r['day']},{patient / r['matrix']},{r['fraction']}" for r in rows
    ]
    (tmp_path / "samples.csv").write_text("\n".join(lines))
    run = nextflow(project, tmp_path, "-profile", "test,native", "--input", "samples.csv", *params(patient))
    assert run.code == 0, run.errors[-2000:]
    assert {row["verdict"] for row in verdicts(run, "P1")} == {"not_assessable"}
    page = (run.results / "P1" / "report" / "P1.report.html").read_text()
    assert "Without DNA no mutation can be seen" in page and "1p loss" in page
    assert not (run.results / "P1" / "dna").exists()


def test_a_matrix_that_cannot_be_read_leaves_the_others(patient, project, tmp_path):
    good = patient / "cells" / "S7"
    (tmp_path / "bad").mkdir()
    for name in ("barcodes.tsv.gz", "features.tsv.gz"):
        (tmp_path / "bad" / name).write_bytes((good / name).read_bytes())
    (tmp_path / "bad" / "matrix.mtx.gz").write_bytes((good / "matrix.mtx.gz").read_bytes()[:5000])
    (tmp_path / "samples.csv").write_text(
        f"patient,sample,kind,matrix\ngood,S7,cells,{good}\nbad,S8,cells,{tmp_path / 'bad'}\n"
    )
    run = nextflow(project, tmp_path, "-profile", "test,native", "--input", "samples.csv", *params(patient))
    assert run.code == 2
    (line,) = run.said()
    assert line.startswith("analyse_cells.py: error: ") and "matrix.mtx.gz" in line
    manifest = json.loads((run.results / "manifest.json").read_text())
    assert {row["patient"]: row["status"] for row in manifest["patients"]} == {"good": "complete", "bad": "failed"}
    # too few cells of reference to tell arms: every gene is there all the same
    assert {row["verdict"] for row in verdicts(run, "good")} == {"not_assessable"}
    assert (run.results / "multiqc" / "multiqc_report.html").is_file()


def test_alignments_a_lone_tumour_and_a_patient_of_another_build(tiny, patient, project, tmp_path):
    dna = tiny.results / "P1" / "dna"
    rename(dna / "P1_T.bam", tmp_path / "lone.bam", ("SM:P1_T", "SM:lone"))
    rename(
        dna / "P1_T.bam",
        tmp_path / "other.bam",
        ("SM:P1_T", "SM:other"),
        ("SN:1\t", "SN:first\t"),
        ("SN:chr1\t", "SN:first\t"),
    )
    rows = [
        f"pair,P1_N,normal,,,female,{dna / 'P1_N.bam'},,,",
        f"pair,P1_T,tumor,relapse,280,female,{dna / 'P1_T.bam'},,,",
        "alone,lone,tumor,,,,lone.bam,,,",
        "wrong,other,tumor,,,,other.bam,,,",
    ]
    (tmp_path / "samples.csv").write_text("\n".join([HEADER, *rows]))
    run = nextflow(project, tmp_path, "-profile", "test,native", "--input", "samples.csv", *params(patient))
    assert run.code == 2
    (line,) = run.said()
    assert line.startswith("postprocess_alignment.py: error: ") and "other.bam" in line
    manifest = json.loads((run.results / "manifest.json").read_text())
    states = {row["patient"]: row["status"] for row in manifest["patients"]}
    assert manifest["status"] == "partial"
    assert states == {"pair": "complete", "alone": "complete", "wrong": "failed"}
    assert not (run.results / "wrong").exists()

    # the same alignments give the same calls and copies as the reads did (but are recalibrated twice)
    again = run.results / "pair" / "dna"
    assert passed(again) == passed(dna) and len(passed(dna)) > 5
    assert copies(again) == copies(dna)
    assert not (run.results / "alone" / "dna" / "lone.segments.tsv").exists()
    # two mutations on different copies need neither a normal nor copy number; nothing is called that is not so
    assert {row["gene"] for row in verdicts(run, "alone") if row["verdict"] == "biallelic"} <= lost_in(patient)
    assert "intact" not in {row["verdict"] for row in verdicts(run, "alone")}
    assert "normal" in (run.results / "alone" / "report" / "alone.report.html").read_text()
