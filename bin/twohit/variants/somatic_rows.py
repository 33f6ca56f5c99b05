"""Records of the common shape read in bulk: the numbers of thousands of lines are parsed in one go.

A record with one alternative allele and all fields is turned into a line of numbers; what is shaped otherwise (several
alleles, missing values) is left to the slow reading of `somatic_features`, which gives the same.
"""

import re
from dataclasses import dataclass

import numpy as np

BASES = "ACGT"
SUBSTITUTIONS = {ref + alt: 4 * i + j for i, ref in enumerate(BASES) for j, alt in enumerate(BASES)}
CONTEXTS = {a + b + c: 16 * i + 4 * j + k for i, a in enumerate(BASES) for j, b in enumerate(BASES)
            for k, c in enumerate(BASES)}  # fmt: skip
# Features in the order of the numbers of a line.
NUMBERS = (
    *("tlod", "popaf", "ref_base_quality", "alt_base_quality", "ref_mapping_quality", "alt_mapping_quality"),
    *("read_position", "haplotype_events", "tumor_ref", "tumor_alt", "tumor_dp", "normal_ref", "normal_alt"),
    *("normal_dp", "ref_f1r2", "alt_f1r2", "ref_f2r1", "alt_f2r1"),
    *("ref_forward", "ref_reverse", "alt_forward", "alt_reverse"),
)
LINE = re.compile(rf"-?\d+(?:\.\d+)?(?:,-?\d+(?:\.\d+)?){{{len(NUMBERS) - 1}}}")
KEYS = ("FAD", "DP", "F1R2", "F2R1", "SB")
NO_NORMAL = "0,0,0"


@dataclass(frozen=True)
class Layout:
    """Where the FORMAT fields of KEYS are; `phase` of PS and PGT, where they are."""

    places: tuple[int, ...]
    phase: tuple[int, int] | None

    @classmethod
    def of(cls, text: str) -> "Layout | None":
        """The layout of one FORMAT column; None without a field that is needed."""
        keys = text.split(":")
        if not set(KEYS) <= set(keys):
            return None
        phase = (keys.index("PS"), keys.index("PGT")) if {"PS", "PGT"} <= set(keys) else None
        return cls(tuple(map(keys.index, KEYS)), phase)


def numbers(info: dict[str, str], layout: Layout, tumor: list[str], normal: list[str] | None) -> str | None:
    """Numbers of one record as a line of text, in the order of NUMBERS; None if one is missing or shaped otherwise."""
    try:
        depths, dp, f1r2, f2r1, strands = (tumor[place] for place in layout.places)
        if depths == "0,0" or strands == "0,0,0,0":
            return None
        other = NO_NORMAL
        if normal is not None:
            other = f"{normal[layout.places[0]]},{normal[layout.places[1]]}"
            if other.startswith("0,0,"):
                return None
        line = (
            f"{info['TLOD']},{info['POPAF']},{info['MBQ']},{info['MMQ']},{info['MPOS']},{info['ECNTH']},"
            f"{depths},{dp},{other},{f1r2},{f2r1},{strands}"
        )
    except (KeyError, IndexError):
        return None
    return line if LINE.fullmatch(line) else None


def parsed(lines: list[str]) -> np.ndarray:
    """The numbers of the lines, shape (n_lines, len(NUMBERS))."""
    values = np.fromstring(",".join(lines), sep=",") if lines else np.zeros(0)
    return values.reshape(len(lines), len(NUMBERS))
