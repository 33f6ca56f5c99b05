"""cohort.html: one page without network, in the look of the patient's report; no patient id is on it."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from twohit import __version__
from twohit.cohort.events import DETAIL
from twohit.cohort.matrix import Cohort
from twohit.places import ASSETS
from twohit.report.palette import LOOKS
from twohit.report.pictures import Pictures
from twohit.schemas import VERDICTS

if TYPE_CHECKING:
    from twohit.cohort.run import Patients

TEMPLATES = ASSETS / "report"
MOST_ROWS = 40  # of each table; the TSV holds all
MAX_Q = 0.1  # pairs shown first
SHARE = 0.1  # of tumour cells, for the line on power
# Fills of the six verdicts, told apart with any colour vision; the words stand beside them.
FILLS = {
    "biallelic": "#c44601", "probable_biallelic": "#e69f00", "monoallelic": "#0072b2", "intact": "#7fd0b5",
    "conflict": "#8e3f7b", "not_assessable": "#b8bfc8",
}  # fmt: skip
CAPTIONS = {
    "arm_landscape": "Share of patients with a gain, a deletion or copy-neutral LOH of each chromosome arm",
    "oncoprint": "The most frequent events of all patients; a column is a patient",
    "cooccurrence_matrix": "Pairs of events: together more often or less often than expected",
}


def percent(share: float | None) -> str:
    """Share as percent, with two digits more below 1 %."""
    if share is None or math.isnan(share):
        return "–"
    return f"{100 * share:.{2 if 0 < share < 0.01 else 1}f} %"


def small(p: float | None) -> str:
    """P value."""
    if p is None or math.isnan(p):
        return "–"
    return f"{p:.3f}" if p >= 0.001 else f"{p:.2e}"


def number(value: float | None, digits: int = 2) -> str:
    """Number with some digits; – when there is none, and no more than can be read."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.{digits}f}" if value < 1000 else f"{value:.1e}"


def render(
    patients: "Patients",
    cohort: Cohort,
    counts: pd.DataFrame,
    pairs: pd.DataFrame,
    able: pd.DataFrame,
    folder: Path,
    pictures: tuple[str, ...],
) -> str:
    """Render the page.

    Parameters
    ----------
    patients : Patients
        Its genomes and notes are shown, its ids are not.
    cohort : Cohort
    counts, pairs, able : DataFrame
        Schemas FREQUENCIES, COOCCURRENCE and POWER.
    folder : Path
        Folder of the pictures.
    pictures : tuple of str
        Their names without suffix.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(percent=percent, p=small, number=number)
    embedded, there = Pictures(folder), {}
    for stem in pictures:
        there[stem] = {"source": embedded.embed(stem), "caption": CAPTIONS[stem]}
    seen = counts[counts["kind"].isin(("arm", "gene", "fish", "other")) & (counts["n"] > 0)]
    seen = seen.sort_values(["frequency", "event"], ascending=[False, True])
    tested = pairs["q_aneuploidy"].notna()
    context = {
        "n_patients": len(cohort),
        "genomes": patients.genomes,
        "notes": patients.notes,
        "version": __version__,
        "style": (TEMPLATES / "style.css").read_text(encoding="utf-8"),
        "seen": seen.head(MOST_ROWS).to_dict("records"),
        "n_seen": len(seen),
        "genes": gene_rows(counts),
        "fills": FILLS,
        "words": {name: LOOKS[name].words for name in VERDICTS},
        "mechanisms": mechanism_rows(counts),
        "unseen": unseen_rows(able),
        "never": int((counts["n_assessable"] == 0).sum()),
        "together": pairs.head(MOST_ROWS).to_dict("records"),
        "apart": pairs[pairs["q_exclusion"] <= MAX_Q].sort_values("p_exclusion").head(MOST_ROWS).to_dict("records"),
        "n_pairs": len(pairs),
        "n_found": int((pairs["q"] <= MAX_Q).sum()),
        "n_apart": int((pairs["q_exclusion"] <= MAX_Q).sum()),
        "n_tested": int(tested.sum()),
        "n_left": int((pairs["q_aneuploidy"] <= MAX_Q).sum()),
        "n_left_apart": int((pairs["q_aneuploidy_exclusion"] <= MAX_Q).sum()),
        "max_q": MAX_Q,
        "cell_share": SHARE,
        "pictures": there,
    }
    return environment.get_template("cohort.html.j2").render(context)


def gene_rows(counts: pd.DataFrame) -> list[dict]:
    """Per gene: how many patients have each verdict, and where its bar's parts begin; most lost first."""
    genes: dict[str, dict[str, int]] = {}
    for row in counts[counts["kind"] == "verdict"].itertuples():
        found = DETAIL.fullmatch(row.event)
        genes.setdefault(found["gene"], {})[found["word"]] = int(row.n)
    rows = []
    for gene, n in genes.items():
        total, start, parts = sum(n.values()), 0, []
        for word in FILLS:
            if n.get(word):
                parts.append({"word": word, "n": n[word], "start": 200 * start / total, "width": 200 * n[word] / total})
                start += n[word]
        rows.append({"gene": gene, "n": n, "total": total, "parts": parts})
    return sorted(rows, key=lambda row: (*(-row["n"].get(word, 0) for word in FILLS), row["gene"]))


def mechanism_rows(counts: pd.DataFrame) -> list[dict]:
    """Mechanisms that were called, by gene."""
    rows = counts[(counts["kind"] == "mechanism") & (counts["n"] > 0)].to_dict("records")
    for row in rows:
        found = DETAIL.fullmatch(row["event"])
        row["gene"], row["mechanism"] = found["gene"], found["word"]
    return sorted(rows, key=lambda row: (row["gene"], -row["n"], row["mechanism"]))


def unseen_rows(able: pd.DataFrame) -> list[dict]:
    """Events that nobody has, with the bound; for genes also by the patients in whom a small clone would show it."""
    rows = able[(able["n"] == 0) & (able["n_assessable"] > 0)]
    whole = rows[rows["cell_share"].isna()].to_dict("records")
    part = rows[(rows["cell_share"] - SHARE).abs() < 1e-9].set_index("event")
    for row in whole:
        found = part.loc[row["event"]] if row["event"] in part.index else None
        row["n_small"] = None if found is None else int(found["n_assessable"])
        row["small"] = None if found is None else float(found["highest_frequency"])
    return sorted(whole, key=lambda row: (row["highest_frequency"], row["event"]))
