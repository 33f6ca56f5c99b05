"""Tables of the DNA half: panel, copy number, variants, coverage."""

from twohit.tables import Column, Table, interval

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
    Column("total_cn", "int", "total copies of the aberrant clone", nullable=True, minimum=0),
    Column("minor_cn", "int", "copies of the minor allele in the aberrant clone", nullable=True, minimum=0),
    *interval("ccf", "probability", "share of tumour cells with that state", nullable=True),
    Column("probability", "probability", "posterior probability of (total_cn, minor_cn)", nullable=True),
)
_REST = (
    Column("rest_total_cn", "int", "copies of the other tumour cells; empty: their normal state", True, (), True, 0),
    Column("rest_minor_cn", "int", "copies of their minor allele; empty: their normal state", True, (), True, 0),
)
_TOGETHER = (("rest_total_cn", "rest_minor_cn"),)
_COPIES = (("start", "end"), ("minor_cn", "total_cn"), ("rest_minor_cn", "rest_total_cn"))
_EVENTS = (
    Column("state", "str", "homozygous_loss, loh, copy_neutral_loh, gain, neutral or unknown", nullable=True),
    Column("p_homozygous_loss", "probability", "probability that no copy is left", nullable=True),
    Column("p_loh", "probability", "probability that one allele is lost (minor copies 0, total > 0)", nullable=True),
    Column("p_copy_neutral_loh", "probability", "probability of LOH with two or more copies", nullable=True),
    Column("p_gain", "probability", "probability of more copies than the tumour's own normal state", nullable=True),
)


def _breakpoint(name: str) -> tuple[Column, ...]:
    """Interval of the breakpoint at one end of a segment."""
    doc = f"90 % interval of the breakpoint at {name}, {{}} end; empty at the {name} of the counted part of a contig"
    ends = ((f"{name}_lower", doc.format("lower")), (f"{name}_upper", doc.format("upper")))
    return tuple(Column(column, "int", text, nullable=True, optional=True) for column, text in ends)


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
        Column("gene", "str", "gene symbol; * stands for every other protein-coding gene"),
        Column("role", "str", "target, drug_target, tumour_suppressor or other", nullable=True, optional=True),
        Column("reason", "str", "why the gene is in the panel", nullable=True, optional=True),
        Column("citation", "str", "where that is shown (doi or PMID)", nullable=True, optional=True),
    ),
    filled=True,
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
        *_breakpoint("start"),
        *_breakpoint("end"),
        *_REST,
    ),
    ordered=_COPIES,
    together=_TOGETHER,
)

SOLUTIONS = Table(
    "solutions",
    "the segments under every purity/ploidy alternative",
    (
        Column("solution", "int", "0-based index into `alternatives` of S.purity_ploidy.json"),
        _CHROM,
        _START,
        _END,
        Column("total_cn", "int", "total copies of the aberrant clone", minimum=0),
        Column("minor_cn", "int", "copies of the minor allele", nullable=True, minimum=0),
        Column("ccf", "probability", "share of tumour cells with that state"),
        Column("probability", "probability", "posterior of the state within this solution"),
        *_REST,
    ),
    ordered=_COPIES,
    together=_TOGETHER,
)

GENE_SOLUTIONS = Table(
    "gene_solutions",
    "states of the panel's genes under every purity/ploidy alternative, breakpoints and focal losses summed out",
    (
        Column("gene", "str", "gene symbol"),
        _CHROM,
        _START,
        _END,
        Column("solution", "int", "0-based index into `alternatives` of S.purity_ploidy.json"),
        Column("total_cn", "int", "total copies of the aberrant clone", minimum=0),
        Column("minor_cn", "int", "copies of the minor allele", minimum=0),
        *interval("ccf", "probability", "share of tumour cells with that state"),
        Column("probability", "probability", "posterior of the state within this solution"),
        *_REST,
    ),
    ordered=_COPIES,
    together=_TOGETHER,
)

FOCAL_LIMITS = Table(
    "focal_limits",
    "shortest focal loss over each of the panel's genes, in all tumour cells, that would have been seen",
    (
        Column("gene", "str", "gene symbol"),
        _CHROM,
        _START,
        _END,
        Column("copies_lost", "str", "the loss of every copy, or of one", choices=("both", "one")),
        Column("n_loci", "int", "loci that it takes; empty: all that the gene's segment has near would not do", True),
        Column("length", "int", "bases of a loss of the whole gene, with it in the middle, that holds them", True),
    ),
)

SOLUTION_VOTES = Table(
    "solution_votes",
    "what each mutation says of the purity/ploidy alternatives (`T.solution_votes.tsv`)",
    (
        *_VARIANT,
        Column("gene", "str", "gene symbol", nullable=True),
        Column("solution", "int", "0-based index into `alternatives` of S.purity_ploidy.json"),
        Column(
            "log_evidence",
            "float",
            "natural logarithm of the probability of the mutation's reads given those of all others",
        ),
    ),
)

ARMS = Table(
    "arms",
    "state of each chromosome arm (the state that covers most of it)",
    (Column("arm", "str", "chromosome arm, as 16p"), *_STATE, *_EVENTS, *_REST),
    together=_TOGETHER,
)

CYTOBANDS = Table(
    "cytobands",
    "state of each cytoband (the state that covers most of it), with --cytobands",
    (Column("band", "str", "chromosome and band, as 16p13.13"), _CHROM, _START, _END, *_STATE, *_EVENTS, *_REST),
    together=_TOGETHER,
)

EXONS = Table(
    "exons",
    "state of each exon of the panel's genes from its own depth and its segment's state, with --panel",
    (
        Column("gene", "str", "gene symbol"),
        Column("exon", "int", "number in the transcript that the gene is told by"),
        _CHROM,
        _START,
        _END,
        Column("n_loci", "int", "separate sites in the exon"),
        *interval("log_ratio", "float", "log2 of tumour over normal depth in the exon", nullable=True),
        *_STATE,
        *_EVENTS,
        Column("p_differs", "probability", "probability that the exon's state is not its segment's", nullable=True),
        Column("coding_bases", "int", "coding bases in the exon", nullable=True, optional=True),
        *_REST,
    ),
    together=_TOGETHER,
)

GENE_STATES = Table(
    "genes_copy_number",
    "copy-number state of each gene",
    (Column("gene", "str", "gene symbol"), _CHROM, _START, _END, *_STATE, *_EVENTS, *_REST),
    together=_TOGETHER,
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
        Column(
            "cluster", "int", "cluster of mutations: 0 in all cells, 1 ... subclones; empty: fits none", nullable=True
        ),
        Column("cluster_probability", "probability", "probability that it belongs to that cluster", nullable=True),
    ),
)

CLUSTERS = Table(
    "clusters",
    "clusters of mutations that share their cell fractions in every tumour sample of a patient",
    (
        Column("cluster", "int", "0: in all tumour cells of every sample; 1 ... : subclones, largest first"),
        Column("sample", "str", "tumour sample"),
        Column("mutations", "float", "expected number of mutations in the cluster"),
        *interval("ccf", "probability", "share of the sample's tumour cells that carry the cluster's mutations"),
    ),
)

GERMLINE_LOSS = Table(
    "germline_loss",
    "what a tumour did with the alleles of each heterozygous germline variant",
    (
        *_VARIANT,
        Column("gene", "str", "gene symbol", nullable=True),
        Column("vaf", "probability", "variant allele fraction in the tumour", nullable=True),
        Column("kept", "str", "most probable", choices=("both", "variant", "reference", "none"), nullable=True),
        Column("p_variant_kept", "probability", "P(the reference allele is lost, the variant kept)", nullable=True),
        Column("p_variant_lost", "probability", "P(the variant is lost, the reference allele kept)", nullable=True),
        Column("p_both_kept", "probability", "P(both alleles are kept)", nullable=True),
        Column(
            "loss_ccf", "probability", "expected share of tumour cells that lost one or both alleles", nullable=True
        ),
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
        Column("protein_length", "int", "residues of the transcript's protein", nullable=True),
        Column("loss_judgement", "str", "does it inactivate the copy it sits on", choices=LOSS_JUDGEMENTS),
        Column("loss_reason", "str", "why", nullable=True),
        Column("filter", "str", "PASS or the reasons of the chosen filter"),
        Column("filter_gatk", "str", "what FilterMutectCalls said", nullable=True),
        Column("filter_twohit", "str", "what filter_somatic.py said", nullable=True),
        Column("somatic_posterior", "probability", "posterior that the allele is somatic", nullable=True),
        Column("tumor_ref", "int", "reference reads in the tumour", nullable=True, minimum=0),
        Column("tumor_alt", "int", "alternative reads in the tumour", nullable=True, minimum=0),
        Column("normal_ref", "int", "reference reads in the normal", nullable=True, minimum=0),
        Column("normal_alt", "int", "alternative reads in the normal", nullable=True, minimum=0),
    ),
)

GENOTYPES = Table(
    "genotypes",
    "reads of one sample at each listed variant, overlapping mates counted once",
    (
        Column("sample", "str", "sample id"),
        *_VARIANT,
        Column("ref_count", "int", "fragments with the reference allele", minimum=0),
        Column("alt_count", "int", "fragments with the alternative allele", minimum=0),
        Column("depth", "int", "usable fragments at the site", minimum=0),
        *interval("vaf", "probability", "alt_count / depth", nullable=True),
        Column("error_rate", "probability", "share of wrong fragments to be expected at this site", nullable=True),
        Column("p_value", "probability", "of alt_count or more by errors alone", nullable=True),
        Column("status", "str", "is the variant in the sample", True, ("detected", "not_detected", "not_assessable")),
        Column("detectable_vaf", "probability", "smallest share of fragments seen with 95 % power", nullable=True),
    ),
)

ERRORS = Table(
    "errors",
    "base errors of one sample, as forced genotyping has learnt them (`S.errors.tsv`): a usual site of each context",
    (
        Column("sample", "str", "sample id"),
        Column("context", "str", "the base and its neighbours, on the strand where it is C or T"),
        Column("alt", "str", "wrong base, on that strand"),
        Column("error_rate", "probability", "share of wrong fragments at a usual site"),
        Column("correlation", "probability", "correlation of errors within a site"),
        Column("odd", "probability", "probability that a site is wrong more often than its kind"),
        Column("odd_a", "float", "first parameter of the beta distribution of such a site's error share"),
        Column("odd_b", "float", "second parameter"),
    ),
)

FINGERPRINTS = Table(
    "fingerprints",
    "is each tumour and each sample of cells with a barcoded BAM of the normal's person (`P.fingerprints.tsv`)",
    (
        Column("sample", "str", "sample id"),
        Column("kind", "str", "kind of sample", choices=("tumor", "cells")),
        Column(
            "status",
            "str",
            "what is said",
            choices=("same_person", "contaminated", "other_person", "not_assessable"),
        ),
        Column("n_sites", "int", "sites with reads (cells: molecules) where the normal has one allele"),
        Column("n_reads", "int", "reads (cells: molecules) there, at most 100 of a site"),
        *interval("other_share", "probability", "share of another person's DNA or RNA", nullable=True),
    ),
)

PILEUPS = Table(
    "pileups",
    "reads of one sample around the panel variants that the report draws (`S.pileups.tsv`), a row a read",
    (
        Column("sample", "str", "sample id"),
        *_VARIANT,
        Column("window_start", "int", "first position of the window, 1-based"),
        Column("reference", "str", "reference bases of the window"),
        Column("n_alt", "int", "reads with the alternative allele, also those that are not kept here"),
        Column("n_reads", "int", "reads that tell the allele, also those that are not kept here"),
        Column("allele", "str", "what the read shows", choices=("ref", "alt", "other")),
        Column("strand", "str", "strand of the read", choices=("+", "-")),
        Column("mapping_quality", "int", "Phred"),
        Column("bases", "str", "a letter a position: . as the reference, * deleted, _ not covered"),
        Column("qualities", "str", "a digit a position: base quality (Phred) in steps of 5, 8 is 40 and more"),
        Column("inserted", "str", "offset:bases of insertions, joined by commas", nullable=True),
        Column("clipped_left", "int", "bases cut off the left end by the aligner"),
        Column("clipped_right", "int", "bases cut off the right end"),
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
        Column("n_both", "int", "fragments that carry both alternative alleles", minimum=0),
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
