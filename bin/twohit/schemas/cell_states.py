"""Tables of the single cells that compare: changes over time, CAR+ cells and what they are."""

from twohit.schemas.cells import SAMPLE_COLUMNS
from twohit.tables import Column, Table, interval

COMPARED = ("cell_type", "t_state", "t_trait", "checkpoint", "score")

CELL_CHANGES = Table(
    "cell_changes",
    "each sample against the first that holds such cells (`P.cell_changes.tsv`): types among the cells that are not "
    "plasma cells, states, traits, checkpoints and scores among T cells",
    (
        *SAMPLE_COLUMNS,
        Column("baseline", "str", "sample that it is compared with"),
        Column("kind", "str", "what is compared", choices=COMPARED),
        Column("name", "str", "cell type, state, trait, gene or score"),
        Column("n_cells", "int", "cells looked at"),
        Column("n_baseline", "int", "cells of the baseline"),
        Column("value", "float", "share of the cells (of a checkpoint: with a count), or mean score"),
        Column("baseline_value", "float", "the same of the baseline"),
        *interval("difference", "float", "value - baseline_value", nullable=True),
        Column("p_cells", "probability", "chance of it if both samples' cells were of one pool; says nothing of "
               "time, since two samples differ by more than their cells", True),
        Column("q_cells", "probability", "Benjamini-Hochberg over the rows of the kind", True),
        Column("n_replicates", "int", "samples of each of the two days, the smaller number"),
        Column("p_time", "probability", "Welch's test over samples; empty below two samples a day", True),
    ),
)  # fmt: skip

GENE_SET_CHANGES = Table(
    "gene_set_changes",
    "sets of genes within one cell type, each later sample against the first (`P.gene_set_changes.tsv`)",
    (
        Column("sample", "str", "later sample; several with commas where replicates are summed"),
        Column("baseline", "str", "sample(s) that it is compared with"),
        Column("cell_type", "str", "cell type that is looked at"),
        Column("gene_set", "str", "name of the set"),
        Column("method", "str", "how genes were ranked", choices=("pseudo_bulk", "wilcoxon")),
        Column("n_samples", "int", "samples of a side, the smaller number"),
        Column("n_cells", "int", "cells of the later side"),
        Column("n_baseline", "int", "cells of the baseline"),
        Column("n_ranked", "int", "genes ranked"),
        Column("n_genes", "int", "of them in the set; below 5 or above 500 the set is not tested"),
        Column("nes", "float", "normalised enrichment score; positive: higher in the later sample", True),
        Column("p_genes", "probability", "chance of the score if the genes of the set were any genes", True),
        Column("fdr", "probability", "false discovery rate over the sets of the contrast (GSEA)", True),
        Column("leading_genes", "str", "genes that make the score, with commas", True),
        Column("limit", "str", "what the p-value does not say"),
    ),
)  # fmt: skip

CAR_CELLS = Table(
    "car_cells",
    "CAR+ T cells of each sample (`P.car_cells.tsv`)",
    (
        *SAMPLE_COLUMNS,
        Column("n_t_cells", "int", "T cells"),
        Column("n_with_count", "int", "of them with a count of the transgene, ambient or not"),
        Column("background_from", "str", "droplets that the ambient counts are told from",
               choices=("other_cells", "empty_droplets")),
        Column("p_ambient", "probability", "chance of the counts of the T cells if all were ambient", True),
        Column("q_ambient", "probability", "Benjamini-Hochberg over the samples", True),
        *interval("car_share", "probability", "share of the T cells that are CAR+", nullable=True),
        Column("background_per_10k", "float", "ambient counts per 10,000 of a cell", True),
        Column("smallest_share", "probability", "smallest share that would have been seen with chance 0.95", True),
        Column("status", "str", "what the sample shows", choices=("CAR+", "CAR-", "not_assessable")),
        Column("reason", "str", "why it is not assessable", True),
        Column("n_car", "int", "T cells called CAR+", True),
    ),
)  # fmt: skip

CAR_PHENOTYPE = Table(
    "car_phenotype",
    "what CAR+ T cells are, beside the CAR- ones of the same sample (`P.car_phenotype.tsv`)",
    (
        *SAMPLE_COLUMNS,
        Column("kind", "str", "what is compared", choices=COMPARED[1:]),
        Column("name", "str", "state, trait, gene or score"),
        Column("n_car", "int", "CAR+ cells"),
        Column("n_other", "int", "CAR- T cells"),
        *interval("car", "float", "share of the CAR+ cells, or their mean score", nullable=True),
        *interval("other", "float", "the same of the CAR- T cells", nullable=True),
        *interval("difference", "float", "car - other", nullable=True),
        Column("p_value", "probability", "Fisher's test of a share, Mann and Whitney's of a score; over cells of one "
               "sample", True),
    ),
)  # fmt: skip
