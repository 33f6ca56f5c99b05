"""The samplesheet check: what is refused, in which words, and what is made of a good one."""

import gzip
import json
import struct
from pathlib import Path

import pytest

from twohit.errors import InputError
from twohit.samples.patients import check
from twohit.samples.rows import COLUMNS, read_rows
from twohit.schemas import SAMPLES
from twohit.tables import read_table

HEADER = "patient,sample,kind,timepoint,day,sex,fastq_1,fastq_2,lane,bam,vcf,snp_counts"
RAW = "##filtering_status=Warning: unfiltered Mutect 2 calls.  Please run FilterMutectCalls to remove false positives."
ROOT = Path(__file__).resolve().parents[2]


def write_bam(path: Path, sample: str) -> None:
    text = f"@HD\tVN:1.6\n@RG\tID:1\tSM:{sample}\n".encode()
    with gzip.open(path, "wb") as out:
        out.write(b"BAM\x01" + struct.pack("<i", len(text)) + text + struct.pack("<i", 0))
    path.with_suffix(".bam.bai").write_bytes(b"BAI\x01")


def write_vcf(path: Path, samples: list[str], *lines: str) -> None:
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]
    with gzip.open(path, "wt") as out:
        out.write("\n".join(["##fileformat=VCFv4.2", *lines, "\t".join(columns)]) + "\n")


def write_counts(path: Path, files: int) -> None:
    names = [f"File{number}{letter}" for number in range(1, files + 1) for letter in "RAED"]
    path.write_text(",".join(["Chromosome", "Position", "Ref", "Alt", *names]) + "\n")


@pytest.fixture
def folder(tmp_path):
    """Files of every kind that rows of the tests name."""
    for name in ("n_1", "n_2", "t_1", "t_2", "t2_1", "t2_2"):
        (tmp_path / f"{name}.fq.gz").write_bytes(gzip.compress(f"@{name}\nA\n+\nI\n".encode()))
    (tmp_path / "copy_1.fq.gz").write_bytes((tmp_path / "t_1.fq.gz").read_bytes())
    write_bam(tmp_path / "n.bam", "N")
    write_bam(tmp_path / "t.bam", "T")
    write_vcf(tmp_path / "raw.vcf.gz", ["N", "T"], RAW, "##normal_sample=N", "##tumor_sample=T")
    write_vcf(tmp_path / "filtered.vcf.gz", ["T", "N"])
    with gzip.open(tmp_path / "filtered.vcf.gz", "at") as out:
        out.write("1\t9\t.\tA\tC\t.\t.\t.\tGT\t0/1\t0/0\n1\t10\t.\tA\tC\t.\tPASS\t.\tGT\t0/1\t0/0\n")
    write_vcf(tmp_path / "unfiltered.vcf.gz", ["T", "N"])
    with gzip.open(tmp_path / "unfiltered.vcf.gz", "at") as out:
        out.write("1\t9\t.\tA\tC\t.\t.\t.\tGT\t0/1\t0/0\n")
    write_counts(tmp_path / "two.csv", 2)
    write_counts(tmp_path / "three.csv", 3)
    return tmp_path


def checked(folder, *rows, header=HEADER, references=frozenset({"fasta", "gff"})):
    """Patients, errors and warnings of a samplesheet with these rows; short rows are filled with empty cells."""
    width = header.count(",") + 1
    lines = [row + "," * (width - 1 - row.count(",")) for row in rows]
    path = folder / "samples.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    sheet = read_rows(path)
    patients = check(sheet, set(references))
    return patients, sheet.errors, sheet.warnings


NORMAL = "P1,N,normal,,,,n_1.fq.gz,n_2.fq.gz"
TUMOR = "P1,T,tumor,relapse,270,female,t_1.fq.gz,t_2.fq.gz"


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
    "not filtered": ("P1,T,tumor,,,,,,,,unfiltered.vcf.gz", "vcf", "unfiltered.vcf.gz", "no record has a FILTER"),
    "not a VCF": ("P1,T,tumor,,,,,,,,two.csv", "vcf", "two.csv", "not a VCF"),
    "not counts": ("P1,T,tumor,,,,,,,,,samples.csv", "snp_counts", "samples.csv", "snp-pileup's columns"),
    "counts of two": ("P1,T,tumor,,,,,,,,,three.csv", "snp_counts", "three.csv", "has 2 tumours after File1"),
    "counts by URI": ("P1,T,tumor,,,,,,,,,s3://b/c.csv", "snp_counts", "s3://b/c.csv", "copy it here"),
}


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


CELLS = "patient,sample,kind,timepoint,day,matrix,fraction,metadata,bam,fastq_1,fastq_2,table,qpcr,fish"


@pytest.fixture
def halves(folder):
    """Files of cells and of a clinical course."""
    (folder / "cells.h5").write_bytes(b"\x89HDF\r\n\x1a\n rest")
    (folder / "folder").mkdir()
    for name in ("matrix.mtx.gz", "features.tsv.gz", "barcodes.tsv.gz"):
        (folder / "folder" / name).write_bytes(b"x")
    for name in ("types.csv", "course.csv", "plates.csv", "fish.csv", "cells.bam", "cells.bam.bai", "bare.bam"):
        (folder / name).write_text("x\n")
    return folder


def test_cells_and_clinical_rows_are_understood(halves):
    rows = (
        "P1,S1,cells,before,-10,folder,CD138-,types.csv",
        "P1,S2,cells,relapse,280,cells.h5,BMMC",
        "P1,,clinical,,,,,,,,,course.csv,plates.csv,fish.csv",
    )
    patients, errors, warnings = checked(halves, *rows, header=CELLS)
    assert errors == [] and warnings == []
    first, second = patients[0]["cells"]
    assert first == {
        "sample": "S1", "timepoint": "before", "day": -10, "fraction": "CD138-", "matrix": str(halves / "folder"),
        "metadata": str(halves / "types.csv"), "bam": None, "bam_index": None, "raw_matrix": None, "lanes": [],
        "barcoded": False,
    }  # fmt: skip
    assert second["metadata"] is None
    assert patients[0]["clinical"] == {
        name: str(halves / file)
        for name, file in (("table", "course.csv"), ("qpcr", "plates.csv"), ("fish", "fish.csv"))
    }
    assert [row["kind"] for row in patients[0]["rows"]] == ["cells", "cells", "clinical"]


CELL_READS = ("fasta", "gff", "barcode_whitelist")  # what counting reads of cells needs

BAD_CELLS = {
    "no matrix": ("P1,S1,cells,,,,BMMC,types.csv", "matrix", "", "counts of the cells as matrix, or their reads as"),
    "one file of reads": ("P1,S1,cells,,,,,,,t_1.fq.gz", "fastq_2", "", "reads come in pairs"),
    "no FASTQ": ("P1,S1,cells,,,,,,,types.csv,t_2.fq.gz", "fastq_1", "types.csv", "is not a FASTQ file"),
    "no index": ("P1,S1,cells,,,folder,,,bare.bam", "bam", "bare.bam", "run: samtools index bare.bam"),
    "not HDF5": ("P1,S1,cells,,,types.csv", "matrix", "types.csv", "neither a folder nor .h5"),
    "empty folder": ("P1,S1,cells,,,empty", "matrix", "empty", "no matrix.mtx"),
    "cut file": ("P1,S1,cells,,,cut.h5ad", "matrix", "cut.h5ad", "not an HDF5 file"),
    "cells of a tumour": ("P1,T,tumor,,,cells.h5", "matrix", "cells.h5", "does not belong to a row of kind 'tumor'"),
    "two matrices": ("P1,S9,cells,,,folder", "matrix", "folder", "row 2 gives one already"),
    "two courses": ("P1,,clinical,,,,,,,,,fish.csv", "table", "fish.csv", "row 3 gives one already"),
}


@pytest.mark.parametrize("case", BAD_CELLS)
def test_bad_rows_of_cells_and_clinical(halves, case):
    (halves / "empty").mkdir()
    (halves / "cut.h5ad").write_text("no")
    row, column, value, why = BAD_CELLS[case]
    good = ("P1,S9,cells,,,cells.h5", "P1,,clinical,,,,,,,,,course.csv")
    _, errors, _ = checked(halves, *good, row, header=CELLS, references=CELL_READS)
    found = [error for error in errors if f"row 4, column {column!r}, value {value!r}" in error]
    assert len(found) == 1 and why in found[0]


def test_lanes_of_cells_are_one_sample(halves):
    header = CELLS.replace("fastq_2", "fastq_2,lane")
    rows = (
        "P1,S1,cells,relapse,280,,BMMC,types.csv,,t_1.fq.gz,t_2.fq.gz,L1",
        "P1,S1,cells,relapse,280,,BMMC,types.csv,,t2_1.fq.gz,t2_2.fq.gz,L2",
    )
    patients, errors, _ = checked(halves, *rows, header=header, references=CELL_READS)
    assert errors == []
    (cell,) = patients[0]["cells"]
    assert [lane["lane"] for lane in cell["lanes"]] == ["L1", "L2"] and cell["matrix"] is None
    assert cell["lanes"][1]["fastq_2"] == str(halves / "t2_2.fq.gz") and cell["metadata"] == str(halves / "types.csv")
    assert not cell["barcoded"], "no mutation is called"
    tumor = "P1,T,tumor,relapse,280,,,,t.bam"
    patients, errors, _ = checked(halves, *rows, tumor, header=header, references=CELL_READS)
    assert errors == [] and patients[0]["cells"][0]["barcoded"]


BAD_READS = {
    "counts of another row": (",,folder", "matrix", "the sample has reads in row 2, which are counted; keep reads"),
    "the same lane": (
        ",,,,,,t2_1.fq.gz,t2_2.fq.gz",
        "lane",
        "lane '1' of the sample is in row 2 too; number the lanes",
    ),
    "the same file": (",,,,,,t_1.fq.gz,t2_2.fq.gz,,,,L2", "fastq_1", "the file is used in row 2, column 'fastq_1' too"),
    "the same reads twice": (",,,,,,t2_1.fq.gz,t2_1.fq.gz,,,,L2", "fastq_2", "first and second reads are the same"),
    "other metadata": (",,,,course.csv,,t2_1.fq.gz,t2_2.fq.gz,,,,L2", "metadata", "row 2 gives one already"),
}


@pytest.mark.parametrize("case", BAD_READS)
def test_bad_rows_of_reads_of_cells(halves, case):
    row, column, why = BAD_READS[case]
    header, good = CELLS + ",lane", "P1,S1,cells,,,,,types.csv,,t_1.fq.gz,t_2.fq.gz"
    _, errors, _ = checked(halves, good, f"P1,S1,cells,{row}", header=header, references=CELL_READS)
    found = [error for error in errors if f"row 3, column {column!r}" in error]
    assert len(found) == 1 and why in found[0]


def test_reads_of_cells_need_a_whitelist_and_a_genome(halves):
    row = "P1,S1,cells,,,,,,,t_1.fq.gz,t_2.fq.gz"
    _, errors, _ = checked(halves, row, header=CELLS, references={"fasta"})
    assert len(errors) == 1 and "reads of cells need --gff and --barcode_whitelist; give them" in errors[0]


def test_a_transgene_without_reads_is_told(halves):
    row = "P1,S1,cells,,,folder"
    _, errors, warnings = checked(halves, row, header=CELLS, references={"gff", "transgene"})
    assert errors == [] and any("--transgene is not used" in text for text in warnings)


def outs(folder, *names):
    """A counter's output folder with these files and matrix folders in it."""
    for name in names:
        path = folder / name
        if path.suffix in (".h5", ".bam", ".bai"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"\x89HDF\r\n\x1a\n rest")
        else:
            path.mkdir(parents=True)
            for part in ("matrix.mtx", "genes.tsv", "barcodes.tsv"):
                (path / part).write_text("x\n")


BAM = "possorted_genome_bam.bam"
H5, RAW_H5, OLD = "filtered_feature_bc_matrix.h5", "raw_feature_bc_matrix.h5", "filtered_gene_bc_matrices/GRCh38"
MULTI = ("count/sample_filtered_feature_bc_matrix.h5", "count/sample_alignments.bam")
OUTPUT_FOLDERS = {  # files; then which of them are counts of cells, of all droplets, and the BAM
    "version 3 and later": ((H5, H5[:-3], RAW_H5, BAM, f"{BAM}.bai", "molecule_info.h5"), H5, RAW_H5, BAM),
    "the folder around": (
        (f"outs/{H5}", f"outs/{RAW_H5}", f"outs/{BAM}", f"outs/{BAM}.bai"),
        f"outs/{H5}", f"outs/{RAW_H5}", f"outs/{BAM}",
    ),
    "no .h5 and no BAM": ((H5[:-3], RAW_H5[:-3]), H5[:-3], RAW_H5[:-3], None),
    "version 2": ((OLD, OLD.replace("filt", "raw_filt"), BAM, f"{BAM}.bai"), OLD, None, BAM),
    "version 2, raw too": ((OLD, "raw_gene_bc_matrices/GRCh38"), OLD, "raw_gene_bc_matrices/GRCh38", None),
    "multi": ((*MULTI, f"{MULTI[1]}.bai"), MULTI[0], None, MULTI[1]),
    "STARsolo": (("filtered", "raw"), "filtered", "raw", None),
    "BAM without index": ((H5, BAM), H5, None, None),
}  # fmt: skip


@pytest.mark.parametrize("case", OUTPUT_FOLDERS)
def test_output_folders_of_counters_are_read_as_they_are(halves, case):
    names, matrix, raw, bam = OUTPUT_FOLDERS[case]
    outs(halves / "S7", *names)
    rows = ("P1,S7,cells,,,S7", "P1,T,tumor,,,,,,t.bam")
    patients, errors, warnings = checked(halves, *rows, header=CELLS)
    assert errors == []
    (cell,) = patients[0]["cells"]
    found = {
        name: cell[name] and str(Path(cell[name]).relative_to(halves / "S7"))
        for name in ("matrix", "raw_matrix", "bam")
    }  # noqa: E501
    assert found == {"matrix": matrix, "raw_matrix": raw, "bam": bam} and cell["barcoded"] == (bam is not None)
    assert any("no index; run samtools index" in text for text in warnings) == (case == "BAM without index")


def test_two_genomes_in_an_output_folder_are_not_guessed(halves):
    outs(halves / "S7", "filtered_gene_bc_matrices/GRCh38", "filtered_gene_bc_matrices/mm10")
    _, errors, _ = checked(halves, "P1,S7,cells,,,S7", header=CELLS)
    assert len(errors) == 1 and "the folder has no matrix.mtx" in errors[0]


def test_what_this_version_does_not_use_is_said(halves):
    _, errors, warnings = checked(halves, "P1,S1,cells,,,cells.h5,,,cells.bam", header=CELLS, references={"panel"})
    assert errors == []
    assert any("bam of kind cells is not used: no mutation" in text for text in warnings)
    assert any("copy number of single cells cannot be told" in text for text in warnings)


def test_a_barcoded_bam_is_used_where_dna_has_calls(halves):
    tumor = "P1,T,tumor,,,,,,tumor.bam"
    _, _, warnings = checked(halves, "P1,S1,cells,,,cells.h5,,,cells.bam", tumor, header=CELLS)
    assert not any("bam of kind cells is not used" in text for text in warnings)


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
