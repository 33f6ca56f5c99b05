"""Tables of `validate_run.py`. Intervals here are 95 %, exact, as laboratories' protocols ask."""

from twohit.tables import Column, Table

AGREEMENT = Table(
    "agreement",
    "agreement of a run with a known truth (`agreement.tsv`); intervals are 95 %, Clopper and Pearson's",
    (
        Column("part", "str", "what is compared", choices=("variant", "copy_number", "verdict")),
        Column(
            "stratum",
            "str",
            "variants: all, class, VAF, class and VAF, copy number; segments: all, state; genes: verdict, lost, all",
        ),
        Column("group", "str", "the class, bin, state or verdict"),
        Column("n_truth", "int", "true items of the group"),
        Column("n_found", "int", "of them, called so"),
        Column("ppa", "probability", "n_found / n_truth: positive percent agreement", nullable=True),
        Column("ppa_lower", "probability", "lower end of its 95 % interval", nullable=True),
        Column("ppa_upper", "probability", "upper end of its 95 % interval", nullable=True),
        Column("n_called", "int", "calls of the group"),
        Column("n_right", "int", "of them, true"),
        Column("ppv", "probability", "n_right / n_called: positive predictive value", nullable=True),
        Column("ppv_lower", "probability", "lower end of its 95 % interval", nullable=True),
        Column("ppv_upper", "probability", "upper end of its 95 % interval", nullable=True),
    ),
)

DETECTION = Table(
    "detection",
    "allele fraction that would be found in 95 of 100 cases (`detection.tsv`)",
    (
        Column("group", "str", "all, a class of variant, or the copy-number state where the variants are"),
        Column("n", "int", "true variants whose allele fraction is known"),
        Column("n_found", "int", "of them, called"),
        Column("lod95", "probability", "allele fraction found with 95 % (probit); empty: see note", nullable=True),
        Column("lod95_lower", "probability", "lower end of its 95 % interval (profile likelihood)", nullable=True),
        Column("lod95_upper", "probability", "upper end of its 95 % interval (profile likelihood)", nullable=True),
        Column("smallest_vaf", "probability", "smallest allele fraction tested", nullable=True),
        Column("note", "str", "why lod95 is empty, or how far it reaches", nullable=True),
    ),
)

DISAGREEMENTS = Table(
    "disagreements",
    "each item in which run and truth differ, and why as far as the run tells (`disagreements.tsv`)",
    (
        Column("part", "str", "what is compared", choices=("variant", "copy_number", "verdict")),
        Column("item", "str", "chrom:pos:ref:alt, chrom:start-end, or gene"),
        Column("truth", "str", "what is true", nullable=True),
        Column("called", "str", "what the run says", nullable=True),
        Column("reason", "str", "filter that removed it, depth, probability", nullable=True),
    ),
)

BATCHES = Table(
    "batches",
    "a control sample over batches, one row a batch and measure (`--history`)",
    (
        Column("batch", "str", "batch"),
        Column("measure", "str", "ppa, ppv, copy_number, verdict, purity_error, ploidy_error"),
        Column("n", "int", "items behind the value; empty for a measured number", nullable=True),
        Column("k", "int", "of n, right", nullable=True),
        Column("value", "float", "k / n, or the number"),
        Column("center", "float", "pooled share, or mean, of the batches before", nullable=True),
        Column("p", "probability", "of a value so far out, given the batches before", nullable=True),
        Column("status", "str", "in control, out, or too few batches before", choices=("in", "out", "start")),
    ),
)
