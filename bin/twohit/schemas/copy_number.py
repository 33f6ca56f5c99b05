"""Tables of copy number and of what mutations say of it: segments, solutions, genes, cell fractions."""

from twohit.schemas.dna import CHROM, END, START, VARIANT
from twohit.tables import Column, Table, interval

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


SEGMENTS = Table(
    "segments",
    "copy-number segments of one tumour sample, best solution",
    (
        CHROM,
        START,
        END,
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
        CHROM,
        START,
        END,
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
        CHROM,
        START,
        END,
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
        CHROM,
        START,
        END,
        Column("copies_lost", "str", "the loss of every copy, or of one", choices=("both", "one")),
        Column("n_loci", "int", "loci that it takes; empty: all that the gene's segment has near would not do", True),
        Column("length", "int", "bases of a loss of the whole gene, with it in the middle, that holds them", True),
    ),
)

SOLUTION_VOTES = Table(
    "solution_votes",
    "what each mutation says of the purity/ploidy alternatives (`T.solution_votes.tsv`)",
    (
        *VARIANT,
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
    (Column("band", "str", "chromosome and band, as 16p13.13"), CHROM, START, END, *_STATE, *_EVENTS, *_REST),
    together=_TOGETHER,
)

EXONS = Table(
    "exons",
    "state of each exon of the panel's genes from its own depth and its segment's state, with --panel",
    (
        Column("gene", "str", "gene symbol"),
        Column("exon", "int", "number in the transcript that the gene is told by"),
        CHROM,
        START,
        END,
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
    (Column("gene", "str", "gene symbol"), CHROM, START, END, *_STATE, *_EVENTS, *_REST),
    together=_TOGETHER,
)

CLONALITY = Table(
    "clonality",
    "multiplicity and cancer-cell fraction of each mutation, averaged over all solutions",
    (
        *VARIANT,
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
        *VARIANT,
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
