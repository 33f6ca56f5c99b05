"""Reads with molecular barcodes (UMIs): all reads of one molecule are one observation.

A family is what the tag MI says, else the UMI (RX) together with both ends of the fragment.
"""

from collections import defaultdict

import numpy as np

MOLECULE, UMI = "MI", "RX"
AGREES = 0.75  # share of a family's fragments that must show one allele, else the family tells nothing
STRIP = 200  # columns that are counted at once: bounds memory
CODES = np.full(256, 4, dtype=np.uint8)
CODES[[ord(base) for base in "ACGTacgt"]] = [0, 1, 2, 3] * 2


def has_umi(read) -> bool:
    """Tell whether a read carries a molecular barcode."""
    return read.has_tag(MOLECULE) or read.has_tag(UMI)


def family_of(read) -> str:
    """Name of the molecule a read comes from: its family; without a barcode the fragment itself."""
    if read.has_tag(MOLECULE):
        return f"{MOLECULE}:{str(read.get_tag(MOLECULE)).removesuffix('/A').removesuffix('/B')}"
    if not read.has_tag(UMI):
        return read.query_name
    if read.template_length:
        left = min(read.reference_start, read.next_reference_start)
        return f"{UMI}:{read.get_tag(UMI)}:{left}:{abs(read.template_length)}"
    return f"{UMI}:{read.get_tag(UMI)}:{read.reference_start}:{read.is_reverse}"


def collapse(told: dict[str, str], families: dict[str, str]) -> dict[str, str]:
    """Alleles of fragments to alleles of families: what AGREES of them show; others are left out.

    Parameters
    ----------
    told : dict of str to str
        Fragment name to allele.
    families : dict of str to str
        Fragment name to family.
    """
    members: dict[str, list[str]] = defaultdict(list)
    for name, allele in told.items():
        members[families.get(name, name)].append(allele)
    made = {}
    for family, alleles in members.items():
        best = max(sorted(set(alleles)), key=alleles.count)
        if alleles.count(best) >= AGREES * len(alleles):
            made[family] = best
    return made


def family_counts(bam, chrom: str, start: int, end: int, min_base_quality: int, usable) -> np.ndarray:
    """Count A, C, G, T of families at each position, shape (4, end - start): the base that AGREES of a family shows."""
    counts = np.zeros((4, end - start), dtype=np.int64)
    for left in range(start, end, STRIP):
        right = min(left + STRIP, end)
        seen: dict[str, np.ndarray] = {}
        for read in bam.fetch(chrom, left, right):
            if usable(read):
                mine = seen.setdefault(family_of(read), np.zeros((5, right - left), dtype=np.int32))
                _add(read, left, right, min_base_quality, mine)
        for mine in seen.values():
            total = mine[:4].sum(axis=0)
            counts[:, left - start : right - start] += (mine[:4] >= AGREES * total) & (total > 0)
    return counts


def _add(read, left: int, right: int, min_base_quality: int, mine: np.ndarray) -> None:
    """Add the bases of one read within [left, right) that are good enough."""
    bases = CODES[np.frombuffer(read.query_sequence.encode(), dtype=np.uint8)]
    good = np.ones(bases.size, dtype=bool)
    if read.query_qualities is not None:
        good = np.asarray(read.query_qualities) >= min_base_quality
    query, here = 0, read.reference_start
    for operation, length in read.cigartuples:
        if operation in (0, 7, 8):
            first, last = max(left - here, 0), min(length, right - here)
            if first < last:
                part = slice(query + first, query + last)
                columns = np.arange(here + first - left, here + last - left)[good[part]]
                mine[bases[part][good[part]], columns] += 1
        query += length if operation in (0, 1, 4, 7, 8) else 0
        here += length if operation in (0, 2, 3, 7, 8) else 0
