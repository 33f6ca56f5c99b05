"""One line on each mutation that single cells were asked for, as a report shows it."""

import pandas as pd

WIDEST_SHARE = 0.5  # 90 % interval of a share of cells that is wider tells nothing


def mutation_lines(shares: pd.DataFrame, pairs: pd.DataFrame, cell_type: str) -> list[str]:
    """Tell in one line a mutation what the cells of a type show.

    Parameters
    ----------
    shares : DataFrame
        Schema CELL_MUTATIONS, one sample.
    pairs : DataFrame
        Schema CELL_EVENT_PAIRS, the same sample.
    cell_type : str
        The tumour's type, or all.
    """
    rows = shares[(shares["cell_type"] == cell_type) & shares["clone"].isna()]
    return [_line(row, pairs) for row in rows.itertuples()]


def _line(row, pairs: pd.DataFrame) -> str:
    named = isinstance(row.gene, str) and isinstance(row.change, str)
    name = f"{row.gene} {row.change}" if named else f"{row.chrom}:{row.pos}:{row.ref}:{row.alt}"
    n = row.ref_umis + row.alt_umis
    where = f"{row.n_cells} {row.cell_type} cells" + (f" of {row.sample}" if isinstance(row.sample, str) else "")
    if n == 0:
        return f"{name}: no molecule in {where} reaches it (at most {row.expected_umis_upper:.2g} a cell); not told"
    share = f"{row.share:.0%} of the cells mutated (90 % interval {row.share_lower:.0%} to {row.share_upper:.0%})"
    if row.share_upper - row.share_lower > WIDEST_SHARE:
        share = "too few to tell in what share of the cells"
    told = (
        f"{name}: {row.alt_umis} of {n} molecules mutated in {where} ({row.expected_umis:.2g} a cell); {share}; "
        f"{row.n_no_data} cells without a molecule are not told"
    )
    return told + _together(name, pairs)


def _together(name: str, pairs: pd.DataFrame) -> str:
    """The losses of arms that it is or is not in the same cells with."""
    parts = []
    for pair in pairs.itertuples():
        other = pair.event_1 if pair.event_2 == name else pair.event_2 if pair.event_1 == name else ""
        if other.endswith(":loss"):
            parts.append(f"{other.removesuffix(':loss')} loss P {pair.p_same_cells:.2f}")
    return f"; in the same cells as {', '.join(parts)}" if parts else ""
