"""The samplesheet check of cells and the clinical course: their rows, their reads, output folders of counters."""

import time
from pathlib import Path

import pytest

from .sheets import checked

SECONDS = 10  # of CPU, far more than the check takes on a slow machine
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
        "barcoded": False, "genotyped": False,
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
    assert errors == [] and patients[0]["cells"][0]["barcoded"] and patients[0]["cells"][0]["genotyped"]


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


def test_a_barcoded_bam_beside_snp_counts_serves_copy_number_only(halves):
    header = CELLS.replace("bam", "bam,snp_counts", 1)
    (halves / "counts.csv.gz").write_text("x\n")
    rows = ("P1,S1,cells,,,cells.h5,,,cells.bam", "P1,T,tumor,,,,,,,counts.csv.gz")
    patients, _, warnings = checked(halves, *rows, header=header, references=("contigs",))
    (cell,) = patients[0]["cells"]
    assert cell["barcoded"] and not cell["genotyped"] and cell["bam"] == str(halves / "cells.bam")
    assert any("bam of kind cells serves their copy number only" in text for text in warnings)


def test_a_sheet_of_a_large_cohort_is_checked_in_seconds(halves):
    """4,000 patients of two samples of cells: time grows with the rows, not with their square."""
    rows = [f"P{n},P{n}_{part},cells,t{part},{part},folder" for n in range(4_000) for part in (1, 2)]
    started = time.process_time()
    patients, errors, _ = checked(halves, *rows, header=CELLS)
    assert errors == [] and len(patients) == 4_000
    assert time.process_time() - started < SECONDS
