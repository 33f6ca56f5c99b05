"""Tables of the DNA half: samples, panel, variants, coverage (copy number: `copy_number.py`)."""

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

CHROM = Column("chrom", "str", "contig, spelt as in the input")
START = Column("start", "int", "first position, 1-based")
END = Column("end", "int", "last position, inclusive")
VARIANT = (
    CHROM,
    Column("pos", "int", "position, 1-based"),
    Column("ref", "str", "reference allele"),
    Column("alt", "str", "alternative allele"),
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

GENES = Table("genes", "gene positions", (Column("gene", "str", "gene symbol"), CHROM, START, END))

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

VARIANTS = Table(
    "variants",
    "annotated variants of one sample pair: somatic (kept and removed) or germline of panel genes",
    (
        *VARIANT,
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
        *VARIANT,
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
        *VARIANT,
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
        CHROM,
        START,
        END,
        Column("n_bases", "int", "coding bases within the targets"),
        Column("mean_depth", "float", "mean usable depth (duplicates and overlapping mates counted once)"),
        Column("min_depth", "float", "5th percentile of that depth"),
        Column("fraction_10x", "probability", "share of coding bases with >= 10x"),
        Column("fraction_30x", "probability", "share with >= 30x"),
        Column("fraction_100x", "probability", "share with >= 100x"),
    ),
)
