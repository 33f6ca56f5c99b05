"""Sequences as bytes: bases, complement, genetic code, codons one substitution away from another."""

from functools import cache

import numpy as np

BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
COMPLEMENT = np.arange(256, dtype=np.uint8)
COMPLEMENT[np.frombuffer(b"ACGT", dtype=np.uint8)] = np.frombuffer(b"TGCA", dtype=np.uint8)
BASE_CODE = np.zeros(256, dtype=np.uint8)
BASE_CODE[BASES] = np.arange(4, dtype=np.uint8)

_ORDER = "TCAG"
_AMINO = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODON_TABLE = {
    a + b + c: _AMINO[16 * i + 4 * j + k]
    for i, a in enumerate(_ORDER)
    for j, b in enumerate(_ORDER)
    for k, c in enumerate(_ORDER)
}
STOPS = tuple(codon for codon, amino in CODON_TABLE.items() if amino == "*")
SENSE = tuple(codon for codon, amino in CODON_TABLE.items() if amino != "*")
THREE_LETTERS = dict(
    A="Ala", R="Arg", N="Asn", D="Asp", C="Cys", Q="Gln", E="Glu", G="Gly", H="His", I="Ile", L="Leu", K="Lys",
    M="Met", F="Phe", P="Pro", S="Ser", T="Thr", W="Trp", Y="Tyr", V="Val",
)  # fmt: skip
THREE_LETTERS["*"] = "Ter"


def to_array(text: str) -> np.ndarray:
    """Make a uint8 array of the letters of a sequence."""
    return np.frombuffer(text.encode("ascii"), dtype=np.uint8).copy()


def to_text(array: np.ndarray) -> str:
    """Make text of a uint8 array of letters."""
    return array.tobytes().decode("ascii")


def reverse_complement(text: str) -> str:
    """Reverse complement of a sequence of A, C, G, T."""
    return to_text(COMPLEMENT[to_array(text)][::-1])


def translate(cds: str) -> str:
    """Translate a coding sequence; incomplete codons at the end are left out."""
    return "".join(CODON_TABLE[cds[i : i + 3]] for i in range(0, len(cds) - len(cds) % 3, 3))


@cache
def codons_of(amino: str) -> tuple[str, ...]:
    """Codons of an amino acid in the standard code."""
    return tuple(codon for codon, letter in CODON_TABLE.items() if letter == amino)


@cache
def substitutions(codon: str) -> tuple[tuple[int, str, str], ...]:
    """All nine substitutions of a codon as (offset in codon, new base, new amino acid)."""
    rows = []
    for offset in range(3):
        for base in "ACGT":
            if base != codon[offset]:
                rows.append((offset, base, CODON_TABLE[codon[:offset] + base + codon[offset + 1 :]]))
    return tuple(rows)
