"""Somatic variants in mutation annotation format (GDC's columns), for maftools and its like."""

import io
from pathlib import Path

import pandas as pd

from twohit.schemas import MAF
from twohit.tables import empty, table_text, write_text
from twohit.variants.coding import PLAIN_BASES, trim

VERSION = "#version 2.4\n"
BUILDS = {"hg19": "GRCh37", "hg38": "GRCh38"}
SAME_LENGTH = {1: "SNP", 2: "DNP", 3: "TNP"}
# Terms in the order in which one of several decides; GDC's table of classifications.
CLASSES = (
    (("transcript_ablation", "exon_loss_variant", "splice_acceptor_variant", "splice_donor_variant"), "Splice_Site"),
    (("stop_gained",), "Nonsense_Mutation"),
    (("frameshift_variant",), "Frame_Shift_"),
    (("stop_lost",), "Nonstop_Mutation"),
    (("start_lost",), "Translation_Start_Site"),
    (("inframe_insertion",), "In_Frame_Ins"),
    (("inframe_deletion",), "In_Frame_Del"),
    (("missense_variant", "protein_altering_variant", "coding_sequence_variant"), "Missense_Mutation"),
    (("splice_region_variant", "splice_donor_5th_base_variant", "splice_donor_region_variant",
      "splice_polypyrimidine_tract_variant"), "Splice_Region"),
    (("synonymous_variant", "stop_retained_variant", "start_retained_variant",
      "incomplete_terminal_codon_variant"), "Silent"),
    (("5_prime_UTR_variant",), "5'UTR"),
    (("3_prime_UTR_variant",), "3'UTR"),
    (("non_coding_transcript_variant",), "RNA"),
    (("intron_variant",), "Intron"),
)  # fmt: skip


def maf_table(variants: pd.DataFrame, tumor: str, normal: str | None, genome: str) -> pd.DataFrame:
    """Make the MAF rows of one tumour sample.

    Parameters
    ----------
    variants : DataFrame
        Columns of `twohit.schemas.VARIANTS`; germline rows, removed rows and symbolic alleles are left out.
    tumor : str
        Tumour sample id.
    normal : str or None
        Normal sample id.
    genome : str
        Name of the genome, e.g. GRCh38.

    Returns
    -------
    DataFrame
        Columns of `twohit.schemas.MAF`.
    """
    kept = variants[(variants["origin"] == "somatic") & variants["filter"].isin(("PASS", "."))]
    kept = kept[[set(alt) <= PLAIN_BASES for alt in kept["alt"]]]
    build = BUILDS.get(genome, genome)
    rows = [_row(row, tumor, normal, build) for row in kept.itertuples(index=False)]
    return pd.DataFrame(rows, columns=MAF.names) if rows else empty(MAF)


def write_maf(table: pd.DataFrame, path: Path) -> None:
    """Write a MAF, whole or not at all."""
    write_text(path, VERSION + table_text(table, MAF, str(path)))


def read_maf(path: Path) -> pd.DataFrame:
    """Read a MAF as text, without its comment lines."""
    lines = [line for line in Path(path).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return pd.read_csv(io.StringIO("\n".join(lines)), sep="\t", dtype=str, keep_default_na=False)


def _row(row, tumor: str, normal: str | None, build: str) -> dict:
    change = trim(row.pos, row.ref, row.alt)
    kind = variant_type(change.ref, change.alt)
    first, last = (change.start + 1, change.end) if change.ref else (change.start, change.start + 1)
    gene = row.gene if isinstance(row.gene, str) else None
    return {
        "Hugo_Symbol": gene or "Unknown",
        "Entrez_Gene_Id": 0,
        "Center": ".",
        "NCBI_Build": build,
        "Chromosome": row.chrom,
        "Start_Position": first,
        "End_Position": last,
        "Strand": "+",
        "Variant_Classification": classification(row.consequence, kind, gene is not None),
        "Variant_Type": kind,
        "Reference_Allele": change.ref or "-",
        "Tumor_Seq_Allele1": change.ref or "-",
        "Tumor_Seq_Allele2": change.alt or "-",
        "dbSNP_RS": None,
        "Tumor_Sample_Barcode": tumor,
        "Matched_Norm_Sample_Barcode": normal,
        "Mutation_Status": "Somatic",
        "HGVSc": row.hgvs_c,
        "HGVSp_Short": row.hgvs_p,
        "Transcript_ID": row.transcript,
        "Consequence": row.consequence,
        **_counts("t", row.tumor_ref, row.tumor_alt),
        **_counts("n", row.normal_ref, row.normal_alt),
        "FILTER": "PASS",
        "loss_judgement": row.loss_judgement,
        "loss_reason": row.loss_reason,
    }


def _counts(of: str, ref, alt) -> dict:
    known = not (pd.isna(ref) or pd.isna(alt))
    values = (ref + alt, ref, alt) if known else (None, None, None)
    return dict(zip((f"{of}_depth", f"{of}_ref_count", f"{of}_alt_count"), values, strict=True))


def variant_type(ref: str, alt: str) -> str:
    """Kind of a trimmed change; one of unequal lengths is told by which is longer."""
    if len(ref) == len(alt):
        return SAME_LENGTH.get(len(ref), "ONP")
    return "DEL" if len(ref) > len(alt) else "INS"


def classification(consequence: str | None, kind: str, in_gene: bool) -> str:
    """Effect in GDC's words, by the gravest term that has one."""
    terms = consequence.split("&") if isinstance(consequence, str) else []
    for names, found in CLASSES:
        if any(term in names for term in terms):
            if found == "Frame_Shift_":
                return found + ("Del" if kind == "DEL" else "Ins")
            if found == "Missense_Mutation" and kind in ("DEL", "INS"):
                return "In_Frame_" + kind.capitalize()
            return found
    return "RNA" if in_gene else "IGR"
