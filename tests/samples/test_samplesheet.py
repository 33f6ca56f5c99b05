"""The samplesheet check: what is refused, in which words, and what is made of a good one."""

import json

import pytest

from tests.conftest import ROOT
from twohit.errors import InputError
from twohit.samples.rows import COLUMNS, read_rows
from twohit.schemas import SAMPLES
from twohit.tables import read_table

from .sheets import HEADER, NORMAL, TUMOR, checked, write_vcf


def test_a_pair_of_samples_is_understood(folder):
    patients, errors, warnings = checked(folder, NORMAL, TUMOR)
    assert errors == [] and warnings == []
    (patient,) = patients
    assert (patient["normal"], patient["tumors"], patient["sex"]) == ("N", ["T"], "female")
    lane = patient["samples"][1]["lanes"][0]
    assert lane == {"lane": "1", "fastq_1": str(folder / "t_1.fq.gz"), "fastq_2": str(folder / "t_2.fq.gz")}
    assert patient["rows"][1] == {
        "patient": "P1", "sample": "T", "kind": "tumor", "timepoint": "relapse", "day": 270, "sex": "female"
    }  # fmt: skip


BAD_ROWS = {
    "missing file": ("P1,T,tumor,,,,gone_1.fq.gz,t_2.fq.gz", "fastq_1", "gone_1.fq.gz", "no such file"),
    "no mate": ("P1,T,tumor,,,,t_1.fq.gz", "fastq_2", "", "reads come in pairs"),
    "no file": ("P1,T,tumor", "fastq_1", "", "names no file"),
    "bad kind": ("P1,T,tumour,,,,t_1.fq.gz,t_2.fq.gz", "kind", "tumour", "use one of tumor"),
    "bad sex": ("P1,T,tumor,,,w,t_1.fq.gz,t_2.fq.gz", "sex", "w", "female, male"),
    "bad day": ("P1,T,tumor,,3.5,,t_1.fq.gz,t_2.fq.gz", "day", "3.5", "whole number"),
    "unsafe name": ("P1,T 1;rm,tumor,,,,t_1.fq.gz,t_2.fq.gz", "sample", "T 1;rm", "for instance 'T_1_rm'"),
    "dash first": ("P1,-T,tumor,,,,t_1.fq.gz,t_2.fq.gz", "sample", "-T", "a letter or digit first"),
    "no sample": ("P1,,tumor,,,,t_1.fq.gz,t_2.fq.gz", "sample", "", "is empty"),
    "results folder": ("run,T,tumor,,,,t_1.fq.gz,t_2.fq.gz", "patient", "run", "results folder"),
    "not FASTQ": ("P1,T,tumor,,,,n.bam,t_2.fq.gz", "fastq_1", "n.bam", "not a FASTQ"),
    "two inputs": ("P1,T,tumor,,,,t_1.fq.gz,t_2.fq.gz,,t.bam", "bam", "t.bam", "keep one of"),
    "one mate twice": (
        "P1,T,tumor,,,,t_1.fq.gz,t_1.fq.gz",
        "fastq_2",
        "t_1.fq.gz",
        "first and second reads are the same",
    ),
    "lane of a BAM": ("P1,T,tumor,,,,,,L1,t.bam", "lane", "L1", "empty it"),
    "foreign VCF": ("P1,X,tumor,,,,,,,,raw.vcf.gz", "vcf", "raw.vcf.gz", "has no sample 'X' (it has: N, T)"),
    "a date as day": ("P1,T,tumor,,202401,,t_1.fq.gz,t_2.fq.gz", "day", "202401", "is out of range"),
    "not filtered": ("P1,T,tumor,,,,,,,,unfiltered.vcf.gz", "vcf", "unfiltered.vcf.gz", "no record has a FILTER"),
    "not a VCF": ("P1,T,tumor,,,,,,,,two.csv", "vcf", "two.csv", "not a VCF"),
    "not counts": ("P1,T,tumor,,,,,,,,,samples.csv", "snp_counts", "samples.csv", "snp-pileup's columns"),
    "counts of two": ("P1,T,tumor,,,,,,,,,three.csv", "snp_counts", "three.csv", "has 2 tumours after File1"),
    "counts by URI": ("P1,T,tumor,,,,,,,,,s3://b/c.csv", "snp_counts", "s3://b/c.csv", "copy it here"),
}


HAND_NORMAL = "P1,N,normal,n_1.fq.gz,n_2.fq.gz,,,,"
COUNTED = {"fasta", "gff", "common_snps"}
BY_HAND = "patient,sample,kind,fastq_1,fastq_2,lane,vcf,purity,ploidy"


def test_what_is_fixed_by_hand_is_that_of_its_tumour(folder):
    rows = ("P1,T,tumor,t_1.fq.gz,t_2.fq.gz,1,,0.6,", "P1,T,tumor,t2_1.fq.gz,t2_2.fq.gz,2,,,3.1")
    patients, errors, warnings = checked(folder, *rows, HAND_NORMAL, header=BY_HAND, references=COUNTED)
    assert errors == [] and not [line for line in warnings if "purity" in line]
    assert patients[0]["samples"][0]["by_hand"] == {"purity": 0.6, "ploidy": 3.1}


@pytest.mark.parametrize("value", ["1.2", "0", "60%", "1e-1", "-0.5", "nan", "0x1", "\u0660.6"])
def test_a_purity_that_is_no_share_is_refused(folder, value):
    row = f"P1,T,tumor,t_1.fq.gz,t_2.fq.gz,,,{value},"
    (error,) = checked(folder, row, header=BY_HAND)[1]
    assert "column 'purity'" in error and "within 0.03 and 1" in error


def test_purity_belongs_to_tumours_and_to_copy_number(folder):
    rows = ("P1,N,normal,n_1.fq.gz,n_2.fq.gz,,,0.6,", "P1,T,tumor,,,,filtered.vcf.gz,0.6,2")
    _, (error,), warnings = checked(folder, *rows, header=BY_HAND)
    assert "row 2, column 'purity'" in error and "of kind 'tumor' only" in error
    assert any("sample T: purity and ploidy not used" in line for line in warnings)


@pytest.mark.parametrize(("normal", "references"), [((), COUNTED), ((HAND_NORMAL,), COUNTED - {"common_snps"})])
def test_a_purity_without_copy_number_is_said_not_to_be_used(folder, normal, references):
    row = "P1,T,tumor,t_1.fq.gz,t_2.fq.gz,,,0.6,2"
    _, errors, warnings = checked(folder, row, *normal, header=BY_HAND, references=references)
    assert errors == [] and any("sample T: purity and ploidy not used" in line for line in warnings)


def test_rows_of_one_tumour_agree_on_its_purity(folder):
    rows = ("P1,T,tumor,t_1.fq.gz,t_2.fq.gz,1,,0.6,", "P1,T,tumor,t2_1.fq.gz,t2_2.fq.gz,2,,0.5,")
    assert ["make them agree" in line for line in checked(folder, *rows, header=BY_HAND)[1]] == [True]


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_named_with_column_value_and_fix(folder, case):
    row, column, value, why = BAD_ROWS[case]
    _, errors, _ = checked(folder, row)
    assert len(errors) == 1
    assert errors[0].startswith(f"samples.csv: row 2, column {column!r}, value {value!r}: ")
    assert why in errors[0]


BAD_PAIRS = {
    "same file": (TUMOR, "P1,N,normal,,,,t_1.fq.gz,n_2.fq.gz", "fastq_1", "tumor and normal are the same file"),
    "copied file": (TUMOR, "P1,N,normal,,,,copy_1.fq.gz,n_2.fq.gz", "fastq_1", "'t_1.fq.gz' holds the same"),
    "case": (TUMOR, "P1,t,tumor,early,,,t2_1.fq.gz,t2_2.fq.gz", "sample", "differs from 'T' in row 2 by case only"),
    "case of patients": (TUMOR, "p1,N,normal,,,,n_1.fq.gz,n_2.fq.gz", "patient", "differs from 'P1' in row 2"),
    "repeated": (TUMOR, TUMOR, "fastq_1", "the row repeats row 2"),
    "shared reads": (TUMOR, "P1,T2,tumor,,,,t_1.fq.gz,t2_2.fq.gz", "fastq_1", "used in row 2"),
    "same lane": (TUMOR, "P1,T,tumor,,,,t2_1.fq.gz,t2_2.fq.gz", "lane", "number the lanes"),
    "two normals": (NORMAL, "P1,N2,normal,,,,t_1.fq.gz,t_2.fq.gz", "sample", "another normal 'N' in row 2"),
    "two patients": (TUMOR, "P2,T,tumor,,,,t2_1.fq.gz,t2_2.fq.gz", "sample", "belongs to 'P1' in row 2"),
    "two kinds": (TUMOR, "P1,T,normal,,,,n_1.fq.gz,n_2.fq.gz,L2", "kind", "use one kind"),
    "two sexes": (TUMOR, "P1,N,normal,,,male,n_1.fq.gz,n_2.fq.gz", "sex", "row 2 says 'female'"),
    "two days": (TUMOR, "P1,T,tumor,relapse,271,,t2_1.fq.gz,t2_2.fq.gz,2", "day", "row 2 says '270'"),
}


@pytest.mark.parametrize("case", BAD_PAIRS)
def test_rows_that_contradict_each_other(folder, case):
    first, second, column, why = BAD_PAIRS[case]
    _, errors, _ = checked(folder, first, second)
    assert any(error.startswith(f"samples.csv: row 3, column {column!r}") and why in error for error in errors)


def test_all_errors_are_told_at_once_in_the_order_of_rows(folder):
    _, errors, _ = checked(folder, "P1,T,tumour,,,w,gone.fq.gz,t_2.fq.gz", "P 1,N,normal,,x,,n_1.fq.gz,n_2.fq.gz")
    assert [error.split(",")[0] for error in errors] == ["samples.csv: row 2"] * 2 + ["samples.csv: row 3"] * 2


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("patient,sample,kind,fastq1", "column 'fastq1' is unknown; did you mean 'fastq_1'?"),
        ("patient,sample,kind,kind", "column 'kind' occurs twice"),
        ("patient,sample", "column 'kind' is missing"),
        ("patient;sample;kind", "cells stand between ';'; save it as CSV with commas"),
    ],
)
def test_bad_headers(folder, header, why):
    with pytest.raises(InputError, match=r"row 1: .*") as error:
        checked(folder, "P1", header=header)
    assert why in str(error.value)


def test_an_empty_sheet_and_one_without_rows(folder):
    (folder / "empty.csv").write_text("\n")
    with pytest.raises(InputError, match=r"empty\.csv: the file is empty"):
        read_rows(folder / "empty.csv")
    _, errors, _ = checked(folder)
    assert errors == ["samples.csv: row 2, column 'patient', value '': there is no row under the header; add one row a file set"]  # fmt: skip # noqa: E501


def test_a_row_with_too_many_commas(folder):
    _, errors, _ = checked(folder, TUMOR + ",,,,,,")
    assert "count the commas" in errors[0]


def test_alignment_without_index_and_with_an_old_one(folder):
    (folder / "n.bam.bai").unlink()
    _, errors, _ = checked(folder, "P1,N,normal,,,,,,,n.bam", "P1,T,tumor,,,,,,,t.bam")
    assert len(errors) == 1 and "has no index beside it; run: samtools index n.bam" in errors[0]


def test_raw_and_filtered_calls_are_told_apart_by_mutect2s_header(folder):
    patients, errors, _ = checked(folder, "P1,T,tumor,,,,,,,,raw.vcf.gz")
    (sample,) = patients[0]["samples"]
    assert errors == [] and (sample["vcf_state"], sample["vcf_normal"], sample["vcf_stats"]) == ("raw", "N", None)
    (folder / "raw.vcf.gz.stats").write_text("statistic\tvalue\ncallable\t10\n")
    patients, _, _ = checked(folder, "P1,T,tumor,,,,,,,,raw.vcf.gz")
    assert patients[0]["samples"][0]["vcf_stats"] == str(folder / "raw.vcf.gz.stats")
    patients, _, _ = checked(folder, "P1,T,tumor,,,,,,,,filtered.vcf.gz")
    assert patients[0]["samples"][0]["vcf_state"] == "filtered"


def test_a_callers_general_names_of_its_columns_are_taken(folder):
    write_vcf(folder / "strelka.vcf.gz", ["NORMAL", "TUMOR"], "##source=strelka")
    write_vcf(folder / "lofreq.vcf.gz", [], '##INFO=<ID=DP4,Number=4,Type=Integer,Description="x">')
    write_vcf(folder / "normal.vcf.gz", ["NORMAL"])
    patients, errors, _ = checked(folder, "P1,T,tumor,,,,,,,,strelka.vcf.gz", "P1,N,normal,,,,,,,,normal.vcf.gz")
    samples = {sample["sample"]: sample for sample in patients[0]["samples"]}
    assert errors == [] and (samples["T"]["vcf_normal"], samples["T"]["vcf_state"]) == ("NORMAL", "filtered")
    assert checked(folder, "P1,T,tumor,,,,,,,,lofreq.vcf.gz")[1] == []
    assert "has no sample 'T'" in checked(folder, "P1,T,tumor,,,,,,,,normal.vcf.gz")[1][0]


def test_tumours_of_a_counts_file_stand_in_the_order_of_their_rows(folder):
    patients, errors, _ = checked(folder, "P1,B,tumor,,,,,,,,,three.csv", "P1,A,tumor,,,,,,,,,./three.csv")
    assert errors == []
    assert patients[0]["snp_counts"] == [{"file": str(folder / "three.csv"), "tumors": ["B", "A"]}]


def test_lanes_of_one_sample_are_kept_apart(folder):
    patients, errors, _ = checked(folder, TUMOR + ",L1", "P1,T,tumor,,,,t2_1.fq.gz,t2_2.fq.gz,L2")
    assert errors == []
    assert [lane["lane"] for lane in patients[0]["samples"][0]["lanes"]] == ["L1", "L2"]


def test_uris_and_absolute_paths_stay_as_they_are(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "x_1.fq.gz").write_bytes((folder / "t_1.fq.gz").read_bytes())
    row = f"P1,T,tumor,,,,{other}/x_1.fq.gz,s3://bucket/x_2.fq.gz"
    patients, errors, _ = checked(folder, row)
    assert errors == []
    assert patients[0]["samples"][0]["lanes"][0]["fastq_1"] == str(other / "x_1.fq.gz")
    assert patients[0]["samples"][0]["lanes"][0]["fastq_2"] == "s3://bucket/x_2.fq.gz"


def test_references_that_the_rows_need(folder):
    _, errors, _ = checked(folder, TUMOR, references={"panel"})
    assert len(errors) == 1 and "needs --fasta and --gff" in errors[0]
    _, errors, warnings = checked(folder, "P1,T,tumor,,,,,,,,,two.csv", references={"panel"})
    assert errors == [] and "neither --gff nor --genes" in warnings[0]


def test_the_script_writes_what_later_steps_read(folder, script):
    checked(folder, NORMAL, TUMOR)
    script("check_samplesheet.py", "--input", folder / "samples.csv", "--out", folder / "s.json", "--outdir", folder)
    data = json.loads((folder / "s.json").read_text())
    assert [patient["patient"] for patient in data["patients"]] == ["P1"]
    table = read_table(folder / "P1" / "samples.tsv", SAMPLES)
    assert table["sample"].tolist() == ["N", "T"] and table["sex"].tolist() == ["female", "female"]


def test_the_script_says_all_and_writes_nothing(folder, script):
    checked(folder, "P1,T,tumour,,,w,t_1.fq.gz,t_2.fq.gz")
    done = script("check_samplesheet.py", "--input", folder / "samples.csv", "--out", folder / "s.json", check=False)
    assert done.returncode == 2 and not (folder / "s.json").exists()
    assert [line.split(":")[1] for line in done.stderr.splitlines()] == [" error", " error"]


def test_the_schema_names_every_column(folder):
    schema = json.loads((ROOT / "assets" / "schemas" / "samplesheet.schema.json").read_text())
    assert tuple(schema["items"]["properties"]) == COLUMNS


@pytest.mark.parametrize(
    ("column", "name", "why"),
    [
        ("fastq_1", "broken.fq.gz", "cannot be read"),
        ("bam", "broken.bam", "is not a readable BAM"),
        ("vcf", "broken.vcf.gz", "is not a readable VCF"),
        ("snp_counts", "broken.csv.gz", "lacks snp-pileup's columns"),
    ],
)
def test_a_damaged_gzip_file_is_one_line(folder, column, name, why):
    (folder / name).write_bytes(b"\x1f\x8b\x08\x00" + b"rubbish " * 20)
    (folder / f"{name}.bai").write_bytes(b"BAI\x01")
    cells = {"fastq_2": "t_2.fq.gz"} if column == "fastq_1" else {}
    row = ",".join((cells | {"patient": "P1", "sample": "T", "kind": "tumor", column: name}).get(c, "") for c in HEADER.split(","))  # fmt: skip # noqa: E501
    _, errors, _ = checked(folder, row)
    assert len(errors) == 1 and why in errors[0]
