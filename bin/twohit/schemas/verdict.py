"""The verdict per gene and sample."""

from twohit.tables import Column, Table, interval

VERDICTS = ("biallelic", "probable_biallelic", "monoallelic", "intact", "not_assessable", "conflict")

VERDICT_CHANGES = Table(
    "verdict_changes",
    "verdicts that differ from those of an earlier result, with --earlier",
    (
        Column("gene", "str", "gene symbol"),
        Column("earlier_sample", "str", "sample of the earlier verdict"),
        Column("earlier_timepoint", "str", "its timepoint", nullable=True),
        Column("earlier_day", "int", "its day", nullable=True),
        Column("earlier_verdict", "str", "the earlier verdict", choices=VERDICTS),
        Column("earlier_probability", "probability", "its P(share that lost both alleles >= s0)", nullable=True),
        Column("earlier_share", "probability", "its share", nullable=True),
        Column("sample", "str", "sample of the new verdict"),
        Column("timepoint", "str", "its timepoint", nullable=True),
        Column("day", "int", "its day", nullable=True),
        Column("verdict", "str", "the new verdict", choices=VERDICTS),
        Column("probability", "probability", "its P(share that lost both alleles >= s0)", nullable=True),
        Column("share", "probability", "its share", nullable=True),
        Column("why", "str", "what differs in the evidence, joined by ;"),
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
