"""Tables of plasma cells: antigens, light chains, classes of myeloma."""

from twohit.schemas.cells import SAMPLE_COLUMNS
from twohit.tables import Column, Table, interval

PLASMA_GENES = Table(
    "plasma_genes",
    "genes asked of plasma cells (`assets/cells/plasma_genes.tsv`)",
    (
        Column("gene", "str", "gene symbol"),
        Column("rate", "float", "typical counts per 10,000 of a plasma cell that expresses it, order of magnitude"),
        Column(
            "use",
            "str",
            "antigen, other marker, or mark of an event that drives it",
            choices=("antigen", "marker", "event"),
        ),
        Column("event", "str", "translocation that switches the gene on", nullable=True),
        Column("citation", "str", "where it is known from"),
    ),
)

ANTIGENS = Table(
    "cell_antigens",
    "does the tumour still show its antigens (`P.antigens.tsv`): plasma cells of each sample, and of each clone",
    (
        *SAMPLE_COLUMNS,
        Column("clone", "str", "all plasma cells, or a clone of clones.tsv"),
        Column("gene", "str", "antigen"),
        Column("n_cells", "int", "plasma cells"),
        Column("n_with_count", "int", "of them with a count; empty where it cannot be told", True),
        *interval("with_count", "probability", "n_with_count / n_cells", nullable=True),
        *interval("mean_per_10k", "float", "mean counts per 10,000 of the cell", nullable=True),
        *interval("expected_with_count", "probability", "share that would show a count if all cells expressed it, at "
                  "their depth", nullable=True),
        *interval("expressing", "probability", "share that expresses it, dropout and ambient counts taken out", True),
        Column("background_per_10k", "float", "ambient counts per 10,000", True),
        Column("reference", "str", "sample that tells how strongly it is expressed; empty: cells of others", True),
        *interval("fold", "float", "mean over that of the reference sample", nullable=True),
        Column("status", "str", "expressed: by half of the cells or more; lost: by less than a tenth; partly: between",
               choices=("expressed", "partly", "lost", "cannot_tell")),
        Column("probability", "probability", "of the status; of cannot_tell, of the likeliest of the others", True),
        Column("reason", "str", "why it cannot be told, or what the status does not say", True),
    ),
)  # fmt: skip

LIGHT_CHAINS = Table(
    "light_chains",
    "light chains of the plasma cells of each sample (`P.light_chains.tsv`)",
    (
        *SAMPLE_COLUMNS,
        Column("n_cells", "int", "plasma cells"),
        Column("n_kappa", "int", "of them making kappa"),
        Column("n_lambda", "int", "of them making lambda"),
        *interval("kappa_share", "probability", "n_kappa / (n_kappa + n_lambda)", nullable=True),
        Column("status", "str", "restricted to one chain (kappa over lambda above 4 or below 1/2), or of many clones",
               choices=("kappa", "lambda", "polyclonal", "cannot_tell")),
        Column("probability", "probability", "of the status; of cannot_tell, of the likeliest of the others", True),
        *interval("malignant_share", "probability", "share of plasma cells of the tumour, by their chains", True),
    ),
)  # fmt: skip

PLASMA_CELLS = Table(
    "plasma_cells",
    "each plasma cell (`P.plasma_cells.tsv`)",
    (
        Column("cell", "str", "SAMPLE:BARCODE"),
        Column("sample", "str", "cells sample id"),
        Column("light_chain", "str", "chain it makes", True, ("kappa", "lambda")),
        Column("clone", "str", "clone by copy number", True),
        Column(
            "malignant_probability", "probability", "by copy number and light chain; empty where both are silent", True
        ),
    ),
)

PLASMA_CLASSES = Table(
    "plasma_classes",
    "genes that translocations of myeloma switch on, in the plasma cells of each sample (`P.plasma_classes.tsv`)",
    (
        *SAMPLE_COLUMNS,
        Column("gene", "str", "gene"),
        Column("event", "str", "translocation it stands for; FISH or DNA must confirm it"),
        Column("n_cells", "int", "plasma cells"),
        *interval("expressing", "probability", "share that expresses it, dropout and ambient counts taken out", True),
        *interval("mean_per_10k", "float", "mean counts per 10,000 of the cell", nullable=True),
        *interval("fold", "float", "mean over that of the other cells of the sample", nullable=True),
        Column("status", "str", "whether the gene is on in most plasma cells", choices=("on", "off", "cannot_tell")),
        Column("probability", "probability", "of the status; of cannot_tell, of the likelier of the others", True),
    ),
)
