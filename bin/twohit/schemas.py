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

MARKERS = Table(
    "markers",
    "measures, treatments, infusions and responses over time",
    (
        Column("day", "int", "day counted from the first infusion"),
        Column(
            "measure",
            "str",
            "what was measured or done",
            choices=("m_spike", "flc_lambda", "flc_kappa", "sbcma", "ada", "treatment", "infusion", "response"),
        ),
        Column("value", "str", "a number for measures, words for the rest"),
        Column("unit", "str", "unit, one per measure", nullable=True),
        Column("qualifier", "str", "< or > when the value is a limit of the assay", nullable=True, choices=("<", ">")),
    ),
)

CAR_QPCR = Table(
    "car_qpcr",
    "CAR transgene by qPCR in each sample, its wells together",
    (
        Column("day", "int", "day counted from the first infusion"),
        Column("infusion", "int", "infusion the sample belongs to"),
        Column("days_after_infusion", "int", "days from that infusion"),
        Column("target", "str", "transgene"),
        Column("plate", "str", "plates of its wells, joined by ;"),
        Column("n_wells", "int", "wells measured"),
        Column("n_detected", "int", "wells in which something amplified"),
        Column("copies_per_reaction", "float", "posterior median; 0 when no well amplified"),
        *interval("copies_per_100ng", "float", "copies per 100 ng of DNA"),
        Column("copies_per_ug", "float", "copies per microgram of DNA"),
        Column("dna_ng", "float", "DNA in a reaction"),
        Column("dna_source", "str", "RNaseP or dna_ng"),
        Column("loq_per_100ng", "float", "limit of quantification"),
        Column("below_loq", "str", "is the estimate below it", choices=("yes", "no")),
        Column("note", "str", "what to know before trusting it", nullable=True),
    ),
)

CAR_CURVES = Table(
    "car_curves",
    "standard curve of each plate and target: ct = intercept + slope log10(copies)",
    (
        Column("plate", "str", "plate"),
        Column("target", "str", "transgene or RNaseP"),
        Column("n_wells", "int", "standard wells fitted"),
        Column("n_levels", "int", "levels fitted"),
        *interval("intercept", "float", "ct of one copy"),
        *interval("slope", "float", "cycles per tenfold"),
        *interval("efficiency", "float", "10^(-1/slope) - 1", nullable=True),
        Column("r_squared", "probability", "of the weighted fit"),
        Column("scatter", "float", "technical standard deviation of a ct"),
        Column("loq", "float", "copies per reaction; empty when no level meets the criteria", nullable=True),
        Column("ntc_wells", "int", "no-template wells"),
        Column("ntc_copies", "float", "most copies in one; empty when none amplified", nullable=True),
        Column("note", "str", "what to know before trusting it", nullable=True),
    ),
)

CAR_EXPANSION = Table(
    "car_expansion",
    "expansion of the CAR transgene after each infusion",
    (
        Column("infusion", "int", "infusion"),
        Column("target", "str", "transgene"),
        Column("infusion_day", "int", "its day"),
        Column("baseline_day", "int", "day of the baseline sample", nullable=True),
        Column("baseline", "float", "copies per 100 ng before the infusion", nullable=True),
        Column("peak_day", "int", "day of the largest sample", nullable=True),
        Column("peak", "float", "its copies per 100 ng", nullable=True),
        Column("loq", "float", "limit of quantification, copies per 100 ng"),
        *interval("log_expansion", "float", "log10(peak / max(baseline, loq))", nullable=True),
        Column("bound", "str", "estimate, or lower_bound (baseline below loq)", True, ("estimate", "lower_bound")),
        Column("efficiency", "float", "lowest of the plates'", nullable=True),
        Column("r_squared", "probability", "lowest of the plates'", nullable=True),
        Column("note", "str", "why a value is empty; what to know", nullable=True),
    ),
)

FISH = Table(
    "fish",
    "fluorescence in situ hybridisation",
    (
        Column("day", "int", "day counted from the first infusion"),
        Column("sample", "str", "sample"),
        Column("probe", "str", "probe, by its usual name"),
        Column("arm_or_locus", "str", "arm or chromosome to compare copy number with; a translocation's name"),
        Column("gene", "str", "gene of the locus, or the partner whose expression a fusion raises", nullable=True),
        Column("abnormality", "str", "loss, gain or fusion", choices=("loss", "gain", "fusion")),
        Column("cells_scored", "int", "cells counted"),
        *interval("percent_abnormal", "float", "percent of cells, 0 to 100"),
        Column("cutoff_percent", "float", "the laboratory's cutoff", nullable=True),
        Column("status", "str", "against the cutoff", nullable=True, choices=("above_cutoff", "below_cutoff")),
        Column("note", "str", "no cutoff, or the interval holds it", nullable=True),
    ),
)

FREQUENCIES = Table(
    "frequencies",
    "how often each event is in a cohort (`frequencies.tsv`)",
    (
        Column("event", "str", "del16p, cnloh17p, gain1q, TP53:biallelic, TP53:any_hit ..."),
        Column("n_assessable", "int", "patients in whom it could be assessed"),
        Column("n", "int", "patients with the event"),
        *interval("frequency", "probability", "n / n_assessable, exact interval", nullable=True),
        Column("n_clonal", "int", "of n, clonal"),
        Column("n_subclonal", "int", "of n, subclonal"),
        Column("n_not_assessable", "int", "patients left out of n_assessable"),
    ),
)

COOCCURRENCE = Table(
    "cooccurrence",
    "pairs of events in the patients assessable for both (`cooccurrence.tsv`)",
    (
        Column("event_a", "str", "event"),
        Column("event_b", "str", "event"),
        Column("n", "int", "patients assessable for both"),
        Column("n_a", "int", "of n, with the first"),
        Column("n_b", "int", "of n, with the second"),
        Column("n_both", "int", "of n, with both"),
        Column("enrichment", "float", "n_both over that expected if independent"),
        Column("odds_ratio", "float", "odds ratio; 0.5 is added to each cell when one is zero"),
        Column("p", "probability", "hypergeometric P(X >= n_both)"),
        Column("q", "probability", "p by Benjamini and Hochberg over all pairs of the table"),
    ),
)

ALL = (*ALL, MARKERS, CAR_QPCR, CAR_CURVES, CAR_EXPANSION, FISH, FREQUENCIES, COOCCURRENCE)
