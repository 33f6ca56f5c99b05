"""Tables of the copy number of single cells: arms, parts of arms, clones."""

from twohit.tables import Column, Table, interval

CELL_GROUPS = Table(
    "cell_groups",
    "the group of each cell (input)",
    (Column("cell", "str", "barcode as in the matrix"), Column("group", "str", "group of the cell", nullable=True)),
)

CELL_ARMS = Table(
    "cell_arms",
    "chromosome arms judged from single cells (`arms.tsv`)",
    (
        Column("arm", "str", "chromosome arm, as 16p"),
        Column("bic_difference", "float", "BIC of one component minus BIC of two", nullable=True),
        Column(
            "p_adjusted",
            "probability",
            "larger of p_mixture and p_dose, Benjamini-Hochberg over the arms tested",
            nullable=True,
        ),
        Column("significant", "str", "both thresholds passed", choices=("yes", "no")),
        Column("direction", "str", "loss or gain, of significant arms", nullable=True, choices=("loss", "gain")),
        Column("dose_ratio", "float", "fitted dose of changed cells over the others", nullable=True),
        Column("share", "probability", "share of tested cells that carry the change", nullable=True),
        Column("log2_shift", "float", "log2 of tested over reference dose, robust over genes", nullable=True),
        Column("log2_shift_error", "float", "its standard error where no dose changed", nullable=True),
        Column("p_mixture", "probability", "likelihood-ratio test of two components against one", nullable=True),
        Column("p_dose", "probability", "test that the arm's genes shift together", nullable=True),
        Column("n_genes", "int", "genes of the arm that were used"),
        Column("mean_count", "float", "expected weighted counts of the arm in an average tested cell"),
        Column("reason", "str", "why the arm was not testable", nullable=True),
    ),
)


def cell_copy_number(arms: list[str]) -> Table:
    """Schema of `cells.tsv`: cell, clone, a column an arm, clone_probability."""
    return Table(
        "cell_copy_number",
        "probability of each arm's change in each cell (`cells.tsv`)",
        (
            Column("cell", "str", "barcode as in the matrix"),
            Column("clone", "str", "most probable clone", nullable=True),
            *(Column(arm, "probability", "that the cell carries the arm's change", nullable=True) for arm in arms),
            Column("clone_probability", "probability", "probability of that clone", nullable=True),
        ),
    )


CELL_ALLELE_LIKELIHOODS = Table(
    "cell_allele_likelihoods",
    "what the alleles of single cells say of their arms (input of `call_cell_copy_number.py --allele-likelihoods`)",
    (
        Column("cell", "str", "barcode as in the matrix"),
        Column("arm", "str", "chromosome arm, as 16p; rows that are missing say nothing"),
        Column("copies_1", "float", "natural log likelihood of the allele counts with one copy"),
        Column("copies_2", "float", "with two copies, one of each allele"),
        Column("copies_3", "float", "with three copies"),
    ),
)

CELL_CLONES = Table(
    "cell_clones",
    "clones of the tested cells (`clones.tsv`)",
    (
        Column("clone", "str", "normal (no change), clone_1 (largest) and on"),
        Column("changes", "str", "its arms, as 16p:loss;17p:loss", nullable=True),
        Column("n_cells", "int", "tested cells most probably of the clone"),
        *interval("share", "probability", "share of tested cells"),
    ),
)

CELL_CLONE_SHARES = Table(
    "cell_clone_shares",
    "share of each clone in each tested group (`clone_shares.tsv`), as plasma:S7 over the samples",
    (
        Column("group", "str", "tested group, or all"),
        Column("timepoint", "str", "of the group's sample, with --samples", nullable=True),
        Column("day", "int", "of the group's sample, with --samples", nullable=True),
        Column("clone", "str", "clone, as in clones.tsv"),
        Column("n_cells", "int", "cells of the group"),
        Column("n_carriers", "float", "expected number of them of the clone"),
        *interval("share", "probability", "n_carriers / n_cells"),
    ),
)

CELL_CLONE_TREE = Table(
    "cell_clone_tree",
    "which clone came from which (`clone_tree.tsv`); changes are kept, so they arose in the order of `depth`",
    (
        Column("clone", "str", "clone, or ancestor_1 and on: shared changes that no clone holds alone"),
        Column("parent", "str", "clone it came from; empty for the normal cells", nullable=True),
        Column("depth", "int", "steps from the normal cells"),
        Column("gained", "str", "changes its parent lacks, as 16p:loss;17p:loss: in no order among themselves", True),
        Column("n_cells", "int", "tested cells most probably of the clone; 0 for an ancestor"),
        Column("arose_twice", "str", "those of `gained` that another branch gained too", nullable=True),
    ),
)

CELL_SEGMENTS = Table(
    "cell_segments",
    "copies of each clone on the arms, or parts of arms, that it changed (`segments.tsv`)",
    (
        Column("clone", "str", "clone, as in clones.tsv"),
        Column("segment", "str", "arm as 16p, or part of one as 16p(0.0-12.3), in megabases"),
        Column("arm", "str", "chromosome arm"),
        Column("chrom", "str", "contig as in the gene positions"),
        Column("start", "int", "1-based; half way between two genes, or the end of the arm"),
        Column("end", "int", "inclusive"),
        Column("direction", "str", "loss or gain", choices=("loss", "gain")),
        Column("copies", "int", "copies where two are normal: 0 to 4, the most probable"),
        Column("copies_probability", "probability", "their probability, given the direction", nullable=True),
        *interval("dose", "float", "messenger of the clone over that of cells without the change", nullable=True),
        Column("n_genes", "int", "genes used"),
        Column("bic_difference", "float", "BIC of one component minus BIC of two"),
        Column("p_adjusted", "probability", "as in arms.tsv, over the segments"),
    ),
)


CELL_EMBEDDING = Table(
    "cell_embedding",
    "where each cell lies in an embedding (input of `call_cell_copy_number.py --embedding`; `P.cells.tsv` is one)",
    (
        Column("cell", "str", "barcode as in the matrix"),
        Column("umap_1", "float", "first coordinate", nullable=True),
        Column("umap_2", "float", "second coordinate", nullable=True),
    ),
)

CELL_SAMPLE_TIMES = Table(
    "cell_sample_times",
    "when each sample was taken (input of `call_cell_copy_number.py --samples`; `P.cell_qc.tsv` is one)",
    (
        Column("sample", "str", "sample"),
        Column("timepoint", "str", "name of the time", nullable=True),
        Column("day", "int", "day from the first infusion", nullable=True),
    ),
)

CELL_BULK_REGIONS = Table(
    "cell_bulk_regions",
    "regions that the bulk tumour changed, in the single cells of each tested group (`bulk_regions.tsv`)",
    (
        Column("region", "str", "arm as 16p, or part of one as 16p(0.0-12.3), in megabases"),
        Column("arm", "str", "chromosome arm"),
        Column("chrom", "str", "contig as in the gene positions"),
        Column("start", "int", "1-based"),
        Column("end", "int", "inclusive"),
        Column("bulk_total_cn", "int", "copies in the bulk's aberrant clone"),
        Column("bulk_ccf", "probability", "its share of the bulk's tumour cells", nullable=True),
        Column("direction", "str", "fewer or more copies than most of the bulk's genome", choices=("loss", "gain")),
        Column("group", "str", "tested group, or all"),
        Column("n_cells", "int", "cells of the group"),
        *interval("share", "probability", "share of cells that carry it; upper end 1 where all may, unseen", True),
        Column("bic_difference", "float", "BIC of one component minus BIC of two, all groups", nullable=True),
        Column("p_adjusted", "probability", "as in arms.tsv, over these regions only", nullable=True),
        Column("dose_ratio", "float", "fitted dose of cells with it over the others", nullable=True),
        Column("called", "str", "both thresholds passed", choices=("yes", "no")),
        Column("reason", "str", "why the region was not testable", nullable=True),
    ),
)

CELL_CONCORDANCE = Table(
    "cell_concordance",
    "arms of the bulk tumour and of the single cells side by side (`concordance.tsv`)",
    (
        Column("arm", "str", "chromosome arm"),
        Column(
            "bulk_state",
            "str",
            "at half of its genes or more, of those with a known state",
            True,
            ("loss", "neutral", "gain"),
        ),
        Column("cell_state", "str", "called at half of its genes or more", True, ("loss", "neutral", "gain")),
        Column("agree", "str", "empty where one of them could not tell", True, ("yes", "no")),
    ),
)


def cell_probabilities(name: str, doc: str, columns: list[str], column_doc: str) -> Table:
    """Schema of a table of cells with a probability a column (`cell_segments.tsv`, `cell_clones.tsv`)."""
    return Table(
        name,
        doc,
        (
            Column("cell", "str", "barcode as in the matrix"),
            *(Column(title, "probability", column_doc, nullable=True) for title in columns),
        ),
    )


CELL_ARM_SHARES = Table(
    "cell_arm_shares",
    "how many cells of each tested group carry each significant arm's change (`arm_shares.tsv`)",
    (
        Column("group", "str", "tested group, or all"),
        Column("arm", "str", "chromosome arm"),
        Column("direction", "str", "loss or gain", choices=("loss", "gain")),
        Column("n_cells", "int", "cells of the group"),
        Column("n_altered", "float", "expected number of them with any significant change"),
        Column("n_carriers", "float", "expected number with this change"),
        *interval("share", "probability", "n_carriers / n_cells"),
    ),
)

CELL_ARM_PAIRS = Table(
    "cell_arm_pairs",
    "are two changes in the same cells (`arm_pairs.tsv`, significant arms, each tested group)",
    (
        Column("group", "str", "tested group, or all"),
        Column("n_cells", "int", "its cells"),
        Column("arm_1", "str", "chromosome arm"),
        Column("arm_2", "str", "chromosome arm"),
        *interval("share_both", "probability", "share of tested cells that carry both"),
        *interval("share_first", "probability", "share that carry the first only"),
        *interval("share_second", "probability", "share that carry the second only"),
    ),
)
