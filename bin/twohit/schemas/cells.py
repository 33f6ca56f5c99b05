"""Tables of the single cells: samples, quality, types, composition, expression."""

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
        Column("doublet_score", "probability", "of two cells of any types; ranks droplets, calls none", True, (), True),
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

T_CELL_TRAITS = Table(
    "t_cell_traits",
    "share of T cells that divide, and that have a gamma-delta receptor (`P.t_cell_traits.tsv`); memory is not told",
    (
        *SAMPLE_COLUMNS,
        Column("trait", "str", "what was asked; a cell may have several", choices=("cycling", "gamma_delta", "memory")),
        Column(
            "n_cells",
            "int",
            "with probability >= 0.5; empty where it cannot be told",
            True,
        ),
        Column("n_total", "int", "cells asked: T cells; for gamma_delta with the innate-like ones"),
        *interval("share", "probability", "share of n_total that has it", nullable=True),
        Column("note", "str", "why the share is empty", True, (), True),
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
