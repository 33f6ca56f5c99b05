"""Exons whose own depth shows fewer copies than their segment: hits where they are coding, else told.

A loss of coding exons is a hit as a mutation is. Its depth says what reads say of a mutation: of the DNA that the
segment has, the share that the exon lacks is m purity / (T purity + 2 (1 - purity)) for m of T copies, an allele
fraction. It enters as the counts whose binomial scatter is the error of that share (docs/methods/40_verdict.md).
"""

import numpy as np
import pandas as pd

from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.junctions import Junction
from twohit.biallelic.states import GeneCopies
from twohit.genome.contigs import plain

EXON_LOSS = "exon_loss_variant"  # term of the Sequence Ontology
MIN_DIFFERS = 0.5  # probability that an exon has left its segment's state, from which its loss is weighed or told
Z90 = 1.645  # half width of a 90 % interval, in standard errors
SHARES = (0.01, 0.99)  # the missing share is kept within


def exon_rows(gene: str, sample: SampleEvidence) -> list[dict]:
    """Rows of the VARIANTS table, with a `label`, for neighbouring coding exons of a gene that are lost together.

    Parameters
    ----------
    gene : str
    sample : SampleEvidence
        With `exons`, the table of `twohit.schemas.EXONS`, and `segments`; without either nothing is weighed.

    Notes
    -----
    A deletion that a junction of the sample already shows is that junction's hit, not a second one; one that the states
    of the gene itself hold, in which focal losses are summed out, is there already.
    """
    lost = weighed_exons(gene, sample)
    if lost.empty or in_its_states(gene, sample, int(lost["total_cn"].max())):
        return []
    run = (lost["exon"].diff() != 1).cumsum()
    parts = [part for _, part in lost.groupby(run)]
    return [_row(gene, part) for part in parts if not any(_explains(one, part) for one in sample.junctions or [])]


def in_its_states(gene: str, sample: SampleEvidence, copies: int) -> bool:
    """Whether the gene's own states (S.gene_solutions.tsv) say that it has so few copies."""
    table = sample.gene_solutions
    rows = table[table["gene"] == gene] if table is not None else []
    if len(rows) == 0:
        return False
    alternatives = (sample.purity_ploidy or {}).get("alternatives") or []
    shares = {k: float(one.get("weight") or 0.0) for k, one in enumerate(alternatives)}
    weight = rows["probability"] * rows["solution"].map(lambda k: shares.get(int(k), 1.0 if not shares else 0.0))
    total = float(weight.sum())
    return total > 0 and float(weight[rows["total_cn"] <= copies].sum()) >= MIN_DIFFERS * total


def weighed_exons(gene: str, sample: SampleEvidence) -> pd.DataFrame:
    """Coding exons with fewer copies than their segment, in order, with `missing` (share) and its `error`."""
    table = sample.exons
    if table is None or sample.segments is None:
        return pd.DataFrame()
    rows = table[(table["gene"] == gene) & (table["p_differs"].fillna(0.0) >= MIN_DIFFERS)]
    rows = rows[(rows["coding_bases"].fillna(0) > 0) & rows["total_cn"].notna() & rows["log_ratio"].notna()]
    made = [found for _, row in rows.sort_values("exon").iterrows() if (found := _against_segment(row, sample))]
    return pd.DataFrame(made)


def _against_segment(row: pd.Series, sample: SampleEvidence) -> dict | None:
    """The exon with the share of its segment's DNA that it lacks; None where it has no fewer copies."""
    table, middle = sample.segments, (row["start"] + row["end"]) // 2
    inside = (table["chrom"].map(plain) == plain(row["chrom"])) & (table["start"] <= middle) & (table["end"] >= middle)
    segment = table[inside & table["log_ratio"].notna() & table["total_cn"].notna()]
    if segment.empty or not row["total_cn"] < segment["total_cn"].iloc[0]:
        return None
    kept = 2.0 ** (row["log_ratio"] - segment["log_ratio"].iloc[0])
    error = np.log(2) * kept * (row["log_ratio_upper"] - row["log_ratio_lower"]) / (2 * Z90)
    return row.to_dict() | {"missing": float(np.clip(1 - kept, *SHARES)), "error": float(error)}


def _explains(one: Junction, part: pd.DataFrame) -> bool:
    """Whether a deletion of a structural-variant VCF holds one of these exons."""
    low, high = min(one.ends()), max(one.ends())
    here = one.kind == "DEL" and low[0] == high[0] == plain(part["chrom"].iloc[0])
    return bool(here and ((part["start"] <= high[1]) & (part["end"] >= low[1])).any())


def _row(gene: str, part: pd.DataFrame) -> dict:
    """One loss of neighbouring exons; the counts stand for the depth of all of them."""
    weight = 1 / part["error"] ** 2
    missing = float(np.average(part["missing"], weights=weight))
    depth = max(1, round(missing * (1 - missing) * float(weight.sum())))
    first, last, bases = int(part["exon"].min()), int(part["exon"].max()), int(part["coding_bases"].sum())
    alt = round(missing * depth)
    return {
        "chrom": part["chrom"].iloc[0], "pos": int(part["start"].min()), "ref": "N",
        "alt": f"<DEL_{int(part['end'].max())}>", "origin": "somatic", "gene": gene, "consequence": EXON_LOSS,
        "hgvs_c": None, "hgvs_p": None, "loss_judgement": "loss",
        "loss_reason": f"whole-exon loss ({bases} coding bases) by its own depth, for which the counts stand",
        "filter": "PASS", "somatic_posterior": float(part["p_differs"].max()),
        "tumor_ref": depth - alt, "tumor_alt": alt, "normal_ref": None, "normal_alt": None,
        "label": f"loss of exon {first}" if first == last else f"loss of exons {first}-{last}",
    }  # fmt: skip


def lost_exons(gene: str, sample: SampleEvidence, copies: GeneCopies) -> str | None:
    """Words for exons that seem to have fewer copies than the gene and are not weighed; None when there are none.

    Parameters
    ----------
    gene : str
    sample : SampleEvidence
    copies : GeneCopies
        States of the gene as a whole.
    """
    table = sample.exons
    if table is None or not copies.measured:
        return None
    usual = copies.summary()[0]["total_cn"]
    rows = table[(table["gene"] == gene) & (table["p_differs"].fillna(0.0) >= MIN_DIFFERS)]
    rows = rows[rows["total_cn"].notna() & (rows["total_cn"].fillna(usual) < usual)]
    weighed = weighed_exons(gene, sample)
    rows = rows[~rows["exon"].isin(weighed["exon"] if len(weighed) else [])]
    if rows.empty:
        return None
    return "; ".join(_words(row, usual) for _, row in rows.sort_values("exon").iterrows())


def _words(row: pd.Series, usual: int) -> str:
    has = f"exon {int(row['exon'])} has {int(row['total_cn'])} copies by its own depth"
    return f"{has}, the gene {usual} (P {float(row['p_differs']):.2f})"
