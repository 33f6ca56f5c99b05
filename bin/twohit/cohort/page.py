"""cohort.html: one small page without network; no patient id is on it."""

from pathlib import Path

import pandas as pd

from twohit import __version__

TEMPLATES = Path(__file__).resolve().parents[3] / "assets" / "report"
MOST_ROWS = 60  # of each table; the TSV holds all
MAX_Q = 0.1  # pairs shown first


def render(n_patients: int, genome: str | None, frequencies: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Render the page.

    Parameters
    ----------
    n_patients : int
    genome : str or None
    frequencies, pairs : DataFrame
        Schemas FREQUENCIES and COOCCURRENCE.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["percent"] = lambda share: f"{100 * share:.{1 if share >= 0.01 or share == 0 else 2}f} %"
    environment.filters["p"] = lambda p: f"{p:.3f}" if p >= 0.001 else f"{p:.2e}"
    seen = frequencies[frequencies["n"] > 0].sort_values(["frequency", "event"], ascending=[False, True])
    unseen = frequencies[(frequencies["n"] == 0) & (frequencies["n_assessable"] > 0)]
    context = {
        "n_patients": n_patients,
        "genome": genome,
        "version": __version__,
        "seen": seen.head(MOST_ROWS).to_dict("records"),
        "n_seen": len(seen),
        "unseen": unseen.sort_values("frequency_upper").to_dict("records"),
        "never": int((frequencies["n_assessable"] == 0).sum()),
        "pairs": pairs.head(MOST_ROWS).to_dict("records"),
        "n_pairs": len(pairs),
        "n_found": int((pairs["q"] <= MAX_Q).sum()),
        "max_q": MAX_Q,
    }
    return environment.get_template("cohort.html.j2").render(context)
