"""Mutation annotation format: the columns of GDC's MAF that maftools and others read, and the loss judgement."""

from twohit.tables import Column, Table

CLASSIFICATIONS = (
    "Frame_Shift_Del", "Frame_Shift_Ins", "In_Frame_Del", "In_Frame_Ins", "Missense_Mutation", "Nonsense_Mutation",
    "Silent", "Splice_Site", "Splice_Region", "Translation_Start_Site", "Nonstop_Mutation", "3'UTR", "5'UTR", "IGR",
    "Intron", "RNA",
)  # fmt: skip
TYPES = ("SNP", "DNP", "TNP", "ONP", "INS", "DEL")

MAF = Table(
    "maf",
    "somatic mutations that the filter kept, in mutation annotation format (first line `#version 2.4`)",
    (
        Column("Hugo_Symbol", "str", "gene symbol; Unknown between genes"),
        Column("Entrez_Gene_Id", "int", "always 0: not known here"),
        Column("Center", "str", "always `.`"),
        Column("NCBI_Build", "str", "GRCh38, GRCh37 or the name of the genome"),
        Column("Chromosome", "str", "contig, spelt as in the input"),
        Column("Start_Position", "int", "first changed base, 1-based; of an insertion the base before it"),
        Column("End_Position", "int", "last changed base; of an insertion the base after it"),
        Column("Strand", "str", "always +"),
        Column("Variant_Classification", "str", "effect in GDC's words", choices=CLASSIFICATIONS),
        Column("Variant_Type", "str", "kind of change", choices=TYPES),
        Column("Reference_Allele", "str", "reference bases, - for an insertion"),
        Column("Tumor_Seq_Allele1", "str", "the same: the other allele is not told"),
        Column("Tumor_Seq_Allele2", "str", "alternative bases, - for a deletion"),
        Column("dbSNP_RS", "str", "always empty", nullable=True),
        Column("Tumor_Sample_Barcode", "str", "tumour sample id"),
        Column("Matched_Norm_Sample_Barcode", "str", "normal sample id; empty for tumour-only calls", nullable=True),
        Column("Mutation_Status", "str", "always Somatic"),
        Column("HGVSc", "str", "HGVS coding DNA name", nullable=True),
        Column("HGVSp_Short", "str", "HGVS protein name with one-letter amino acids", nullable=True),
        Column("Transcript_ID", "str", "transcript the consequence is told for", nullable=True),
        Column("Consequence", "str", "Sequence Ontology term(s), joined by &", nullable=True),
        Column("t_depth", "int", "reads of both alleles in the tumour", nullable=True),
        Column("t_ref_count", "int", "reference reads in the tumour", nullable=True),
        Column("t_alt_count", "int", "alternative reads in the tumour", nullable=True),
        Column("n_depth", "int", "reads of both alleles in the normal", nullable=True),
        Column("n_ref_count", "int", "reference reads in the normal", nullable=True),
        Column("n_alt_count", "int", "alternative reads in the normal", nullable=True),
        Column("FILTER", "str", "always PASS"),
        Column("loss_judgement", "str", "as in `variants`"),
        Column("loss_reason", "str", "why", nullable=True),
    ),
)

MUTATION_SUMMARY = Table(
    "mutation_summary",
    "somatic mutations of each sample by sort, with the quartiles of their allele fractions (`P.mutation_summary.tsv`)",
    (
        Column("sample", "str", "tumour sample id"),
        Column("group", "str", "what is counted", choices=("class", "type", "base_change", "all")),
        Column("name", "str", "class or type as in the MAF; base change on the strand of C or T; all"),
        Column("count", "int", "mutations"),
        Column("vaf_quarter", "probability", "lower quartile of the share of reads", nullable=True),
        Column("vaf_median", "probability", "median", nullable=True),
        Column("vaf_three_quarters", "probability", "upper quartile", nullable=True),
    ),
)
