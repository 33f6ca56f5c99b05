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
    "intact": Look("Intact", "oo", "intact", 5),
}
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
