"""Verdicts in words, symbols and colours (Okabe and Ito's palette: told apart with any colour vision)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """How a verdict is shown: words, a letter for each allele (x lost, o intact, ? unknown, ! conflict), CSS class."""

    words: str
    alleles: str
    css: str
    rank: int


LOOKS = {
    "biallelic": Look("Both alleles lost", "xx", "lost", 0),
    "conflict": Look("Evidence contradicts itself", "!!", "conflict", 1),
    "probable_biallelic": Look("Probably both lost", "x?", "probable", 2),
    "not_assessable": Look("Cannot be assessed", "??", "open", 3),
    "monoallelic": Look("One allele hit", "xo", "one", 4),
    "one_open": Look("Not both lost, one perhaps", "o?", "open", 5),  # intact by rule, loss of one copy not excluded
    "one_parent": Look("Intact, of one parent only", "xo", "intact", 6),  # copies of one parental allele stay, unhit
    "intact": Look("Intact", "oo", "intact", 7),
}
ONE_OPEN = 0.05  # P(at least one allele lost) from which `intact` is not shown as two sound alleles


def look_name(entry: dict) -> str:
    """Name in LOOKS of an entry: its verdict, but `intact` with less than two sound alleles has looks of its own."""
    if entry["verdict"] != "intact":
        return entry["verdict"]
    if (entry.get("touched_probability") or 0.0) > ONE_OPEN:
        return "one_open"
    copies = entry.get("copy_number") or {}
    best = (copies.get("states") or [{"minor_cn": None}])[0]
    return "one_parent" if copies.get("normal_copies") == 2 and best["minor_cn"] == 0 else "intact"


INK = "#1b2430"
MUTED = "#5b6675"
LINE = "#c9d0d9"
LOST = "#c44601"  # vermillion, darkened for white text
PROBABLE = "#e69f00"
ONE = "#0072b2"
INTACT = "#007a5a"
CONFLICT = "#8e3f7b"
OPEN = "#6b7684"
GAIN = "#d55e00"
LOSS = "#0072b2"
