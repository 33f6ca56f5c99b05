"""What a `matrix` of the samplesheet means: one matrix, or a counter's whole output folder. Standard library only."""

import os
from dataclasses import dataclass

from twohit.samples.files import HDF5_MAGIC, alignment_index

MATRIX_FILES = (("matrix.mtx",), ("features.tsv", "genes.tsv"), ("barcodes.tsv",))
INSIDE = ("", "outs", "count", os.path.join("outs", "count"))  # where in the folder given the results lie
# Names of Cell Ranger (count 3 and later, count 2, multi) and of STARsolo (Solo.out/GeneFull), .h5 before folder.
FILTERED = (
    "filtered_feature_bc_matrix.h5", "filtered_feature_bc_matrix", "sample_filtered_feature_bc_matrix.h5",
    "sample_filtered_feature_bc_matrix", "filtered_gene_bc_matrices_h5.h5", "filtered_gene_bc_matrices", "filtered",
)  # fmt: skip
RAW = (
    "raw_feature_bc_matrix.h5", "raw_feature_bc_matrix", "sample_raw_feature_bc_matrix.h5",
    "sample_raw_feature_bc_matrix", "raw_gene_bc_matrices_h5.h5", "raw_gene_bc_matrices", "raw",
)  # fmt: skip
BAMS = ("possorted_genome_bam.bam", "sample_alignments.bam")


@dataclass(frozen=True)
class CellFiles:
    """Counts of the cells, counts of all droplets (or None), barcoded BAM (or None)."""

    matrix: str
    raw_matrix: str | None = None
    bam: str | None = None


def cell_files(path: str) -> CellFiles:
    """Find what a matrix path stands for: of an output folder its parts, else the path itself."""
    if not os.path.isdir(path) or is_matrix_folder(path):
        return CellFiles(path)
    for part in INSIDE:
        folder = os.path.join(path, part) if part else path
        matrix = _first(folder, FILTERED)
        if matrix is not None:
            bam = next((found for name in BAMS if os.path.isfile(found := os.path.join(folder, name))), None)
            return CellFiles(matrix, _first(folder, RAW), bam)
    return CellFiles(path)


def is_matrix_folder(path: str) -> bool:
    """Whether a folder is itself a 10x matrix."""
    return any(os.path.isfile(os.path.join(path, f"matrix.mtx{end}")) for end in (".gz", ""))


def _first(folder: str, names: tuple[str, ...]) -> str | None:
    """First of these that is there; of version 2's folder with a folder a genome, that of its genome."""
    for name in names:
        path = os.path.join(folder, name)
        if os.path.isfile(path) or (os.path.isdir(path) and is_matrix_folder(path)):
            return path
        if os.path.isdir(path):
            genomes = [os.path.join(path, one) for one in sorted(os.listdir(path))]
            genomes = [one for one in genomes if os.path.isdir(one) and is_matrix_folder(one)]
            if len(genomes) == 1:
                return genomes[0]
    return None


def check_matrix(path: str) -> str | None:
    """Check that a cell matrix is a 10x folder with its three files, a counter's output folder, or an HDF5 file."""
    found = cell_files(path).matrix
    inside = "" if found == path else f"{os.path.relpath(found, path)}: "
    if os.path.isdir(found):
        there = set(os.listdir(found))
        for names in MATRIX_FILES:
            if not any(f"{name}{end}" in there for name in names for end in (".gz", "")):
                why = f"the folder has no {' or '.join(names)} (.gz or not)"
                return f"{inside}{why}; give Cell Ranger's or STARsolo's folder"
        return None
    if not found.endswith((".h5", ".h5ad")):
        return "is neither a folder nor .h5 nor .h5ad; give a 10x folder, a 10x .h5 or an .h5ad"
    with open(found, "rb") as handle:
        start = handle.read(len(HDF5_MAGIC))
    good = start == HDF5_MAGIC
    return None if good else f"{inside}is not an HDF5 file (its first bytes differ); copy or make it again"


def check_cell_bam(path: str) -> str | None:
    """Check that a barcoded BAM is named as one and has its index."""
    if not path.endswith(".bam"):
        return "is not a barcoded alignment of cells; its name ends in .bam"
    if alignment_index(path) is None:
        return f"has no index beside it; run: samtools index {os.path.basename(path)}"
    return None
