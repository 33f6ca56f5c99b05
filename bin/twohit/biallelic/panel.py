"""The genes that are judged: a panel, any list, or all genes."""

from pathlib import Path

import pandas as pd

from twohit import schemas
from twohit.errors import InputError
from twohit.genome.panel import EVERY, described
from twohit.tables import read_table

ALL_GENES = "all"  # in place of a panel


def read_panel(path: Path) -> pd.DataFrame:
    """Read a table of genes; its columns but `gene` may be missing."""
    panel = read_table(path, schemas.PANEL)
    panel["gene"] = panel["gene"].str.strip()
    twice = panel["gene"][panel["gene"].duplicated()]
    if len(twice):
        raise InputError(f"{path}: gene {twice.iloc[0]!r} is listed twice; keep one row")
    if panel.empty:
        raise InputError(f"{path}: no gene; list at least one")
    return panel


def all_genes(
    gene_states: list[pd.DataFrame | None], genes: Path | None, given: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Make a panel of every gene that has a copy number in a sample, else of every gene whose position is known.

    Parameters
    ----------
    gene_states : list of DataFrame or None
        The GENE_STATES table of each sample.
    genes : Path, optional
        Gene positions.
    given : DataFrame, optional
        A panel with the row `*`: its other rows come first and stay as they are.
    """
    tables = [table for table in gene_states if table is not None]
    if not tables and genes is not None:
        from twohit.genome.genes import read_genes

        tables = [read_genes(genes)]
    if not tables:
        asked = f"--panel {ALL_GENES}" if given is None or given.empty else f"'{EVERY}' of the panel"
        raise InputError(
            f"{asked}: no table says which genes there are (S.genes.tsv of segment_copy_number.py); "
            "give --genes, or a list of genes"
        )
    first = [] if given is None else given.loc[given["gene"] != EVERY, schemas.PANEL.names].to_dict("records")
    named = {row["gene"] for row in first}
    others = dict.fromkeys(gene for table in tables for gene in table["gene"] if gene not in named)
    return pd.DataFrame(first + described(others), columns=schemas.PANEL.names)


def panel_positions(genes: Path | None, panel: pd.DataFrame) -> pd.DataFrame | None:
    """Positions of the panel genes; None where none are given."""
    if genes is None:
        return None
    from twohit.genome.genes import read_genes

    table = read_genes(genes)
    return table[table["gene"].isin(set(panel["gene"]))]
