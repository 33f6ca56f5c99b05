"""Every table that crosses a process boundary, stated once. `docs/outputs.md` is made from this file.

Positions are 1-based, `start` and `end` inclusive; `chrom` is spelt as in the input.
"""

from twohit.tables import Column, Table, interval

VERDICTS = ("biallelic", "probable_biallelic", "monoallelic", "intact", "not_assessable", "conflict")
LOSS_JUDGEMENTS = ("loss", "epitope_altered", "uncertain", "no_loss")
SOMATIC_CLASSES = (
    "somatic",
    "germline",
    "sequencing_error",
    "orientation",
    "strand",
    "alignment",
    "slippage",
    "normal_artifact",
    "contamination",
)

_CHROM = Column("chrom", "str", "contig, spelt as in the input")
_START = Column("start", "int", "first position, 1-based")
_END = Column("end", "int", "last position, inclusive")
_VARIANT = (
    _CHROM,
    Column("pos", "int", "position, 1-based"),
    Column("ref", "str", "reference allele"),
    Column("alt", "str", "alternative allele"),
)
_STATE = (
    Column("total_cn", "int", "total copies of the aberrant clone", nullable=True),
    Column("minor_cn", "int", "copies of the minor allele in the aberrant clone", nullable=True),
    *interval("ccf", "probability", "share of tumour cells with that state", nullable=True),
    Column("probability", "probability", "posterior probability of (total_cn, minor_cn)", nullable=True),
)
_EVENTS = (
    Column("state", "str", "homozygous_loss, loh, copy_neutral_loh, gain, neutral or unknown", nullable=True),
    Column("p_homozygous_loss", "probability", "probability that no copy is left", nullable=True),
    Column("p_loh", "probability", "probability that one allele is lost (minor copies 0, total > 0)", nullable=True),
    Column("p_copy_neutral_loh", "probability", "probability of LOH with two or more copies", nullable=True),
    Column("p_gain", "probability", "probability of more copies than the tumour's own normal state", nullable=True),
)

SAMPLES = Table(
    "samples",
    "the samples of one patient (from the samplesheet)",
    (
        Column("patient", "str", "patient id"),
        Column("sample", "str", "sample id"),
        Column("kind", "str", "kind of row", choices=("tumor", "normal", "cells", "clinical")),
        Column("timepoint", "str", "label of the timepoint", nullable=True),
        Column("day", "int", "day counted from the first infusion", nullable=True),
        Column("sex", "str", "sex of the patient", nullable=True, choices=("female", "male")),
    ),
)

GENES = Table("genes", "gene positions", (Column("gene", "str", "gene symbol"), _CHROM, _START, _END))

PANEL = Table(
    "panel",
    "genes that are reported and why",
    (
        Column("gene", "str", "gene symbol"),
        Column("role", "str", "target, drug_target, tumour_suppressor or other", nullable=True),
        Column("reason", "str", "why the gene is in the panel", nullable=True),
        Column("citation", "str", "where that is shown (doi or PMID)", nullable=True),
    ),
)

SEGMENTS = Table(
    "segments",
    "copy-number segments of one tumour sample, best solution",
    (
        _CHROM,
        _START,
        _END,
        Column("n_snps", "int", "sites in the segment"),
        Column("n_het", "int", "heterozygous sites in the segment"),
        *interval("log_ratio", "float", "log2 of tumour over normal depth, library size and GC removed"),
        *interval("log_odds", "float", "absolute allelic log odds ratio, tumour against normal", nullable=True),
        *_STATE,
    ),
)

SOLUTIONS = Table(
    "solutions",
    "the segments under every purity/ploidy alternative",
    (
        Column("solution", "int", "0-based index into `alternatives` of S.purity_ploidy.json"),
        _CHROM,
        _START,
        _END,
        Column("total_cn", "int", "total copies of the aberrant clone"),
        Column("minor_cn", "int", "copies of the minor allele", nullable=True),
        Column("ccf", "probability", "share of tumour cells with that state"),
        Column("probability", "probability", "posterior of the state within this solution"),
    ),
)

ARMS = Table(
    "arms",
    "state of each chromosome arm (the state that covers most of it)",
    (Column("arm", "str", "chromosome arm, as 16p"), *_STATE, *_EVENTS),
)

GENE_STATES = Table(
    "genes_copy_number",
    "copy-number state of each gene",
    (Column("gene", "str", "gene symbol"), _CHROM, _START, _END, *_STATE, *_EVENTS),
)

CLONALITY = Table(
    "clonality",
    "multiplicity and cancer-cell fraction of each mutation, averaged over all solutions",
    (
        *_VARIANT,
        Column("gene", "str", "gene symbol", nullable=True),
        Column("vaf", "probability", "variant allele fraction in the tumour", nullable=True),
        Column("multiplicity", "float", "posterior mean of mutated copies per mutated cell", nullable=True),
        *interval("ccf", "probability", "share of tumour cells that carry the mutation", nullable=True),
        Column("clonal_probability", "probability", "P(ccf >= 0.9)", nullable=True),
    ),
)

VARIANTS = Table(
    "variants",
    "annotated variants of one sample pair: somatic (kept and removed) or germline of panel genes",
    (
        *_VARIANT,
        Column("origin", "str", "somatic or germline", choices=("somatic", "germline")),
        Column("gene", "str", "gene symbol", nullable=True),
        Column("transcript", "str", "transcript the consequence is told for", nullable=True),
        Column("consequence", "str", "Sequence Ontology term(s), most severe first, joined by &", nullable=True),
        Column("hgvs_c", "str", "HGVS coding DNA name", nullable=True),
        Column("hgvs_p", "str", "HGVS protein name", nullable=True),
        Column("loss_judgement", "str", "does it inactivate the copy it sits on", choices=LOSS_JUDGEMENTS),
        Column("loss_reason", "str", "why", nullable=True),
        Column("filter", "str", "PASS or the reasons of the chosen filter"),
        Column("filter_gatk", "str", "what FilterMutectCalls said", nullable=True),
        Column("filter_twohit", "str", "what filter_somatic.py said", nullable=True),
        Column("somatic_posterior", "probability", "posterior that the allele is somatic", nullable=True),
        Column("tumor_ref", "int", "reference reads in the tumour", nullable=True),
        Column("tumor_alt", "int", "alternative reads in the tumour", nullable=True),
        Column("normal_ref", "int", "reference reads in the normal", nullable=True),
        Column("normal_alt", "int", "alternative reads in the normal", nullable=True),
    ),
)

GENOTYPES = Table(
    "genotypes",
    "reads of one sample at each listed variant, overlapping mates counted once",
    (
        Column("sample", "str", "sample id"),
        *_VARIANT,
        Column("ref_count", "int", "fragments with the reference allele"),
        Column("alt_count", "int", "fragments with the alternative allele"),
        Column("depth", "int", "usable fragments at the site"),
    ),
)

PHASE = Table(
    "phase",
    "pairs of variants in one gene seen on the same fragments of one sample",
    (
        Column("sample", "str", "sample id"),
        Column("gene", "str", "gene symbol"),
        Column("variant_1", "str", "chrom:pos:ref:alt"),
        Column("variant_2", "str", "chrom:pos:ref:alt"),
        Column("n_both", "int", "fragments that carry both alternative alleles"),
        Column("n_first", "int", "fragments that carry the first only"),
        Column("n_second", "int", "fragments that carry the second only"),
        Column("n_neither", "int", "fragments that span both and carry neither"),
    ),
)

GENE_COVERAGE = Table(
    "gene_coverage",
    "depth over the coding bases of each panel gene in one sample",
    (
        Column("gene", "str", "gene symbol"),
        _CHROM,
        _START,
        _END,
        Column("n_bases", "int", "coding bases within the targets"),
        Column("mean_depth", "float", "mean usable depth (duplicates and overlapping mates counted once)"),
        Column("min_depth", "float", "5th percentile of that depth"),
        Column("fraction_10x", "probability", "share of coding bases with >= 10x"),
        Column("fraction_30x", "probability", "share with >= 30x"),
        Column("fraction_100x", "probability", "share with >= 100x"),
    ),
)

BIALLELIC = Table(
    "biallelic",
    "the verdict per gene and sample",
    (
        Column("patient", "str", "patient id"),
        Column("sample", "str", "tumour sample id"),
        Column("timepoint", "str", "label of the timepoint", nullable=True),
        Column("day", "int", "day from the first infusion", nullable=True),
        Column("gene", "str", "gene symbol"),
        Column("verdict", "str", "see docs/methods.md", choices=VERDICTS),
        Column("probability", "probability", "P(share that lost both alleles >= s0)", nullable=True),
        *interval("share", "probability", "share of tumour cells that lost both alleles", nullable=True),
        Column("clonality", "str", "clonal, subclonal or empty", nullable=True),
        Column("mechanism", "str", "most probable mechanism", nullable=True),
        Column("hit_1", "str", "first hit", nullable=True),
        Column("hit_2", "str", "second hit", nullable=True),
        Column("phase", "str", "cis, trans, unknown or not_needed", nullable=True),
        Column("same_cells_probability", "probability", "P(both hits are in the same cells)", nullable=True),
        Column("lod_share", "probability", "smallest both-lost share that would have been seen", nullable=True),
        Column("first_seen", "str", "first sample in which the loss is seen", nullable=True),
        Column("reason", "str", "the verdict in one sentence"),
    ),
)

ALL = (
    SAMPLES,
    GENES,
    PANEL,
    SEGMENTS,
    SOLUTIONS,
    ARMS,
    GENE_STATES,
    CLONALITY,
    VARIANTS,
    GENOTYPES,
    PHASE,
    GENE_COVERAGE,
    BIALLELIC,
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
        Column("p_adjusted", "probability", "larger of p_mixture and p_dose, Holm over the arms tested", nullable=True),
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

CELL_ARM_PAIRS = Table(
    "cell_arm_pairs",
    "are two changes in the same cells (`arm_pairs.tsv`, significant arms)",
    (
        Column("arm_1", "str", "chromosome arm"),
        Column("arm_2", "str", "chromosome arm"),
        *interval("share_both", "probability", "share of tested cells that carry both"),
        *interval("share_first", "probability", "share that carry the first only"),
        *interval("share_second", "probability", "share that carry the second only"),
    ),
)

ALL = (*ALL, CELL_GROUPS, CELL_ARMS, CELL_CLONES, CELL_ARM_PAIRS)
