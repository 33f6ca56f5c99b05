"""Tables of the single cells."""

from dataclasses import replace

from twohit.tables import Column, Table, interval

SAMPLE_COLUMNS = (
    Column("sample", "str", "cells sample id"),
    Column("timepoint", "str", "label of the timepoint", nullable=True),
    Column("day", "int", "day from the first infusion", nullable=True),
    Column("fraction", "str", "BMMC, CD138+, CD138- or as the samplesheet says", nullable=True),
)
SEXES = ("female", "male")
CELL_SAMPLES = Table(
    "cell_samples",
    "the samples of a patient (input of `analyse_cells.py`); paths are relative to the table's folder",
    (
        *SAMPLE_COLUMNS,
        Column("matrix", "str", "10x folder, 10x .h5 or .h5ad with raw counts"),
        Column("metadata", "str", "CSV or TSV of cells annotated elsewhere: barcode, cluster, type", nullable=True),
        Column(
            "raw_matrix", "str", "all droplets of the sample (raw_feature_bc_matrix): the empty ones hold ambient RNA",
            True, optional=True,
        ),
        Column("sex", "str", "of the patient; what the cells show is held against it", True, SEXES, True),
    ),
)  # fmt: skip

CELL_MARKERS = Table(
    "cell_markers",
    "marker genes of cell types (`assets/cells/markers.tsv`, or `--markers`), of T-cell states (`t_cell_markers.tsv`)",
    (
        Column("cell_type", "str", "cell type that is reported"),
        Column("subtype", "str", "kind of it with an expression of its own; empty: the type", nullable=True),
        Column("gene", "str", "gene symbol or Ensembl id"),
        Column("share", "probability", "share of the cells of the subtype that express it"),
        Column("citation", "str", "where it is known from", nullable=True),
    ),
)

CELL_GENES = Table(
    "cell_genes",
    "names of genes that the cells are asked for (`assets/cells/genes.tsv`; ids of Ensembl, GRCh38)",
    (
        Column("gene", "str", "gene symbol"),
        Column("ensembl_id", "str", "Ensembl gene id"),
        Column("alias", "str", "older symbol", nullable=True),
        Column("rate", "float", "typical counts per 10,000 in a cell that expresses it, order of magnitude", True),
    ),
)

EXPRESSION_ROLES = ("antigen", "checkpoint", "transgene", "myeloma_marker")

AMBIENT = interval("ambient_fraction", "probability", "ambient share of the counts of a cell", nullable=True)

CELL_QC = Table(
    "cell_qc",
    "what quality control kept of each sample; the removed columns add up to what is gone (`P.cell_qc.tsv`)",
    (
        *SAMPLE_COLUMNS,
        Column("n_barcodes", "int", "cells in the matrix given"),
        Column("n_few_features", "int", "removed: fewer features than --min_features"),
        Column("n_mitochondrial", "int", "removed: more mitochondrial counts than --max_mito"),
        Column("n_low_umis", "int", "removed by --qc adaptive: fewer counts than umis_limit", True, (), True),
        Column("n_low_features", "int", "removed by --qc adaptive: fewer features than features_limit", True, (), True),
        Column("n_high_mito", "int", "removed by --qc adaptive: mitochondrial share above mito_limit", True, (), True),
        Column("n_without_metadata", "int", "removed: metadata given, no row for the cell"),
        Column("n_cells", "int", "cells kept"),
        Column(
            "umis_limit", "float", "least counts of a cell of this sample; empty without --qc adaptive", True, (), True
        ),
        Column("features_limit", "float", "least features, the same way", True, (), True),
        Column("mito_limit", "float", "largest mitochondrial share, the same way", True, (), True),
        Column("median_umis", "float", "median counts of the cells kept", nullable=True),
        Column("median_features", "float", "median features of the cells kept", nullable=True),
        Column("median_mito_fraction", "probability", "median mitochondrial share of counts", nullable=True),
        Column("median_ribo_fraction", "probability", "median share of counts of ribosomal proteins", True, (), True),
        Column("n_doublets", "int", "of the cells kept: two types in one droplet more likely than not", True, (), True),
        *(replace(column, optional=True) for column in AMBIENT),
        Column("ambient_from", "str", "what showed the ambient RNA", True, ("raw_matrix", "cells"), True),
        Column("ambient_note", "str", "why the ambient share is empty", True, (), True),
        Column("sex_given", "str", "sex of the patient as given", True, SEXES, True),
        Column("sex_shown", "str", "sex by XIST and genes of Y; empty where not told", True, (*SEXES, "mixed"), True),
        Column("xist_counts", "int", "counts of XIST outside plasma cells", True, (), True),
        Column("y_counts", "int", "counts of genes of Y outside plasma cells", True, (), True),
        Column("sex_note", "str", "what does not fit: the sample may be of another person", True, (), True),
    ),
)

CELL_ANNOTATIONS = Table(
    "cell_annotations",
    "one row a cell kept (`P.cells.tsv`)",
    (
        Column("cell", "str", "SAMPLE:BARCODE, unique in the patient"),
        Column("sample", "str", "cells sample id"),
        Column("n_umis", "int", "counts"),
        Column("n_features", "int", "genes with a count"),
        Column("mito_fraction", "probability", "mitochondrial share of counts", nullable=True),
        Column("ribo_fraction", "probability", "share of counts of ribosomal proteins", True, (), True),
        Column("cluster", "str", "Leiden cluster", nullable=True),
        Column("cell_type", "str", "cell type, or unknown; NK holds innate-like T cells (MAIT, gamma-delta) too"),
        Column("cell_subtype", "str", "most probable subtype by the markers, as innate_T", nullable=True),
        Column(
            "cell_type_probability",
            "probability",
            "of the type; of unknown, that no type or two types fit; empty for given labels",
            nullable=True,
        ),
        Column("doublet_probability", "probability", "of two types in one droplet; such a cell is unknown", True),
        Column("given_type", "str", "type in the metadata, as written there", nullable=True),
        Column(
            "reference_label", "str", "label of --label_reference most like the cell; empty in doubt", True, (), True
        ),
        Column("reference_type", "str", "cell type that the label means", True, (), True),
        Column("reference_delta", "float", "correlation with that label less that with the second", True, (), True),
        Column("cluster_type", "str", "type of most cells of the cluster (`P.cell_clusters.tsv`)", True, (), True),
        Column("cluster_share", "probability", "share of the votes in the cluster for it", True, (), True),
        Column("t_state", "str", "state of a T cell, T_other if undecided", nullable=True),
        Column("transgene_umis", "int", "counts of the transgene; empty without --transgene_feature", nullable=True),
        Column("car", "str", "T cells: CAR+ or CAR-; empty where it is not assessable", True, ("CAR+", "CAR-"), True),
        Column("car_probability", "probability", "that the T cell is CAR+", True, optional=True),
        Column("exhaustion_score", "float", "expression of exhaustion genes less that of like genes", True, (), True),
        Column("cytotoxicity_score", "float", "the same of cytotoxic genes", True, (), True),
        Column("umap_1", "float", "first coordinate of the embedding", nullable=True),
        Column("umap_2", "float", "second coordinate", nullable=True),
    ),
)

CELL_CLUSTERS = Table(
    "cell_clusters",
    "what the cells of each cluster are together: votes by markers and by the reference (`P.cell_clusters.tsv`)",
    (
        Column("cluster", "str", "cluster, largest first"),
        Column("n_cells", "int", "cells"),
        Column("cell_type", "str", "type with most votes, a cell having one by markers and one by the reference"),
        Column("share", "probability", "its share of the votes"),
        Column("entropy", "float", "of the votes, bits: 0 all alike, 1 two types evenly"),
        Column("marker_type", "str", "type of most cells by markers, or as given"),
        Column("marker_share", "probability", "share of the cells"),
        Column("reference_type", "str", "type of most cells by the reference; empty where it holds no such type", True),
        Column("reference_share", "probability", "share of the cells that the reference can judge", True),
        Column("agree", "str", "whether both name the same type", True, ("yes", "no")),
    ),
)

CELL_COMPOSITION = Table(
    "cell_composition",
    "share of each cell type in each sample (`P.composition.tsv`); empty where the fraction excludes the type",
    (
        *SAMPLE_COLUMNS,
        Column("cell_type", "str", "cell type, or unknown"),
        Column("n_cells", "int", "cells of the type"),
        Column("n_total", "int", "cells of the sample"),
        *interval("share", "probability", "n_cells / n_total", nullable=True),
    ),
)

T_CELL_STATES = Table(
    "t_cell_states",
    "share of each state among the T cells of each sample (`P.t_cell_states.tsv`)",
    (
        *SAMPLE_COLUMNS,
        Column("t_state", "str", "state"),
        Column("n_cells", "int", "T cells in the state"),
        Column("n_total", "int", "T cells of the sample"),
        *interval("share", "probability", "n_cells / n_total", nullable=True),
    ),
)

CELL_EXPRESSION = Table(
    "cell_expression",
    "which cells express checkpoints, the transgene, antigens and myeloma markers (`P.cell_expression.tsv`)",
    (
        *SAMPLE_COLUMNS,
        Column("gene", "str", "gene or feature"),
        Column("role", "str", "why it is listed", choices=EXPRESSION_ROLES),
        Column("cell_type", "str", "cells looked at: T, NK, plasma, or other (neither T nor NK, the background)"),
        Column("n_cells", "int", "cells looked at"),
        Column("n_expressing", "int", "of them with a count; empty where it cannot be told", True),
        *interval("expressing", "probability", "n_expressing / n_cells", nullable=True),
        *interval("mean_per_10k", "float", "mean counts per 10,000 of the cell", nullable=True),
    ),
)

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
