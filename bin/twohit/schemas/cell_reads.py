"""Tables of what reads of cells were counted to."""

from twohit.tables import Column, Table

CELL_READS = Table(
    "cell_reads",
    "reads of one sample of cells and what STARsolo made of them (`count_cells.py`), one row",
    (
        Column("sample", "str", "cells sample id"),
        Column("chemistry", "str", "kit: told, or as `--chemistry` says", choices=("10xv2", "10xv3")),
        Column("n_lanes", "int", "pairs of files", minimum=1),
        Column("n_reads", "int", "pairs of reads", minimum=0),
        Column("barcode_share", "probability", "reads whose barcode is one of the kit, or one base from it"),
        Column("mapped_share", "probability", "reads with one place or several on the genome", nullable=True),
        Column("counted_share", "probability", "reads of one gene alone, in its direction", nullable=True),
        Column("saturation", "probability", "share of these reads that repeat a molecule", nullable=True),
        Column("in_cells_share", "probability", "share of these reads that are of a cell", nullable=True),
        Column("n_cells", "int", "barcodes that EmptyDrops takes for cells", minimum=0),
        Column("median_umis", "int", "median counts of a cell", minimum=0),
        Column("median_features", "int", "median genes of a cell", minimum=0),
    ),
)

TRANSGENES = Table(
    "transgenes",
    "what of the `--transgene` sequence can be told from the genome's own genes (`prepare_cell_reference.py`)",
    (
        Column("transgene", "str", "record of the FASTA, and name of the feature"),
        Column("length", "int", "bases", minimum=1),
        Column("own_share", "probability", "share of pieces of a read's length that map to it alone"),
        Column("end_own_share", "probability", "the same of its last 500 bases, what a 3' kit sees"),
        Column(
            "end_seen", "str", "whether that is enough for reads of the 3' end to be counted", choices=("yes", "no")
        ),
        Column("shared_with", "str", "genes, or other records, that pieces of it map to as well", nullable=True),
    ),
    filled=True,
)
