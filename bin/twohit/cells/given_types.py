"""Names of cell types as people write them, and what they are called here."""

import re

import numpy as np

UNKNOWN = "unknown"
T, NK, B, PLASMA = "T", "NK", "B", "plasma"
# Tried in this order on the name in lower case, everything but letters, digits and + being a blank.
RULES = (
    (UNKNOWN, r"\b(unknown|unassigned|undefined|unclear|ambiguous|doublets?|multiplets?|debris|low quality)\b"),
    ("dendritic", r"\b(p|c|m|a)?dcs?\d?\b|dendritic|plasmacytoid"),
    (PLASMA, r"plasma|myeloma|\b(mm|pcs?|mmpcs?)\b"),
    (T, r"\b(nkt|mait|tregs?|gdt|gd t|gamma delta|tcrgd)\b|regulatory t|nk t\b|γδ"),
    (NK, r"\bnks?\b|natural killer|nkdim|nkbright"),
    ("progenitor", r"\b(hspcs?|hscs?|mpps?|lmpps?|gmps?|cmps?|meps?|clps?|stem)\b|progenitor|precursor"),
    ("erythroid", r"eryth|red blood|\brbcs?\b|normoblast"),
    ("megakaryocyte", r"megakaryo|platelet|thrombo"),
    ("endothelial", r"endotheli"),
    ("monocyte", r"mono|macrophag|\bmnps?\b"),
    (B, r"\bb\b|\bbcells?\b|(pro|pre) ?b\b|hematogone"),
    (T, r"\bt\b|\btcells?\b|\bcd4\+?\b|\bcd8\+?\b|\b(th|tfh|tem|tcm|temra|ctl)\d*\b|lymphocytes? t"),
)  # fmt: skip
_COMPILED = tuple((name, re.compile(rule)) for name, rule in RULES)


def plain_type(given: str) -> str | None:
    """Type that a given name means here; None for a name that says nothing known."""
    text = re.sub(r"[^a-z0-9+γδ]+", " ", given.lower().replace("_", " ")).strip()
    for name, rule in _COMPILED:
        if rule.search(text):
            return name
    return None


def name_types(given: np.ndarray) -> tuple[np.ndarray, dict[str, str], list[str]]:
    """Types of cells by the names given; unread names are kept.

    Parameters
    ----------
    given : array of str or None
        Name of each cell; None is unknown.

    Returns
    -------
    types : array of str
    read : dict of str to str
        Names that were read as another word.
    kept : list of str
        Names that say nothing known and were kept.
    """
    names = sorted({name for name in given if name is not None})
    meaning = {name: plain_type(name) for name in names}
    kept = [name for name in names if meaning[name] is None]
    lookup = {name: meaning[name] or name for name in names}
    types = np.array([UNKNOWN if name is None else lookup[name] for name in given], dtype=object)
    return types, {name: word for name, word in lookup.items() if word != name}, kept
