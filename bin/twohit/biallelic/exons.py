"""Exons whose own depth shows fewer copies than the rest of the gene: told, and nothing is excluded against them.

The table of exons does not say which hold coding bases, and one exon's depth is a weak witness: such a loss is not
weighed as a hit, but a gene that has one is not called intact (docs/methods/40_verdict.md).
"""

import pandas as pd

from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.states import GeneCopies

MIN_DIFFERS = 0.5  # probability that an exon has left its segment's state, from which its loss is told


def lost_exons(gene: str, sample: SampleEvidence, copies: GeneCopies) -> str | None:
    """Words for the exons of a gene that seem to have fewer copies than the gene; None when there are none.

    Parameters
    ----------
    gene : str
    sample : SampleEvidence
        With `exons`, the table of `twohit.schemas.EXONS`, or None.
    copies : GeneCopies
        States of the gene as a whole.
    """
    table = sample.exons
    if table is None or not copies.measured:
        return None
    usual = copies.summary()[0]["total_cn"]
    rows = table[(table["gene"] == gene) & (table["p_differs"].fillna(0.0) >= MIN_DIFFERS)]
    rows = rows[rows["total_cn"].notna() & (rows["total_cn"].fillna(usual) < usual)]
    if rows.empty:
        return None
    return "; ".join(_words(row, usual) for _, row in rows.sort_values("exon").iterrows())


def _words(row: pd.Series, usual: int) -> str:
    has = f"exon {int(row['exon'])} has {int(row['total_cn'])} copies by its own depth"
    return f"{has}, the gene {usual} (P {float(row['p_differs']):.2f})"
