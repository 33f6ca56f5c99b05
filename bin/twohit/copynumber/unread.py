"""Stretches that a tumour has no reads of although its normal is deep there: a file that is not whole, and no loss.

No cell lives without both copies of so many genes, so such a stretch says nothing of the tumour; a fit would take it
for a homozygous loss, and with it the purity for 1.
"""

import numpy as np

from twohit.copynumber.counts import SnpCounts, warning
from twohit.genome.contigs import Genome

BIN = 1_000_000  # bases
LONGEST_LOSS = 10_000_000  # bases: homozygous losses of tumours are shorter, since essential genes lie closer
NO_READS = 0.03  # of the depth expected of the tumour: what strays there; a tumour of purity 0.97 leaves as much
NO_READS_IN_BIN = 0.1  # the same of one bin, where few reads are expected
DEEP_NORMAL = 8  # reads of a site
FEWEST_SITES = 10
FEWEST_EXPECTED = 100.0  # reads of the tumour: none of them by chance is out of the question
SHOWN = 5  # stretches that a message names


def leave_out_unread(counts: SnpCounts, genome: Genome) -> SnpCounts:
    """Leave out the sites of stretches without reads in a tumour; a warning of each tumour names them.

    Y is left alone (pure tumours of men do lose it), and so are counts without a normal or without any read of a
    tumour.
    """
    unread = np.zeros(counts.pos.size, dtype=bool)
    for tumor in range(counts.n_tumors):
        stretches, level = _stretches(counts, tumor)
        for first, last in stretches:
            unread[first : last + 1] = True
        if stretches:
            counts.warnings.append(_warning(counts, genome, tumor, stretches, level))
    if not unread.any():
        return counts
    kept = np.flatnonzero(~unread)
    counts.chrom, counts.pos = counts.chrom[kept], counts.pos[kept]
    counts.ref, counts.alt = counts.ref[:, kept], counts.alt[:, kept]
    counts.snp = None if counts.snp is None else counts.snp[kept]
    return counts


def _stretches(counts: SnpCounts, tumor: int) -> tuple[list[tuple[int, int]], float]:
    """First and last site of each stretch; the tumour's reads for one of the normal elsewhere."""
    normal, own = (counts.ref[k] + counts.alt[k] for k in (0, tumor + 1))
    normal = np.where(normal >= DEEP_NORMAL, normal, 0.0)
    own = np.where(normal > 0, own, 0.0)
    if "Y" in counts.contigs:
        normal[counts.chrom == counts.contigs.index("Y")] = 0.0
    key = counts.chrom.astype(np.int64) * (1 << 40) + counts.pos // BIN
    first = np.flatnonzero(np.r_[True, np.diff(key) > 0])
    expected, seen = np.add.reduceat(normal, first), np.add.reduceat(own, first)
    read = (seen > 0) & (expected > 0)
    if not read.any():
        return [], 0.0
    level = float(np.median(seen[read] / expected[read]))
    told = expected > 0
    empty = seen[told] <= NO_READS_IN_BIN * level * expected[told]
    bins, chrom = first[told], counts.chrom[first[told]]
    last = np.r_[first[1:], counts.pos.size][told] - 1
    found = []
    for run in np.split(np.arange(bins.size), np.flatnonzero((np.diff(empty) != 0) | (np.diff(chrom) != 0)) + 1):
        if empty[run[0]]:
            stretch = _widened(bins[run[0]], last[run[-1]], counts.chrom, own)
            if _is_unread(*stretch, counts.pos, normal, own, level):
                found.append(stretch)
    return found, level


def _widened(first: int, last: int, chrom: np.ndarray, own: np.ndarray) -> tuple[int, int]:
    """Take in the sites without a read on both sides, as far as the contig goes."""
    while first > 0 and chrom[first - 1] == chrom[first] and own[first - 1] == 0:
        first -= 1
    while last < chrom.size - 1 and chrom[last + 1] == chrom[last] and own[last + 1] == 0:
        last += 1
    return int(first), int(last)


def _is_unread(first: int, last: int, pos: np.ndarray, normal: np.ndarray, own: np.ndarray, level: float) -> bool:
    here = slice(first, last + 1)
    expected = level * normal[here].sum()
    enough = (normal[here] > 0).sum() >= FEWEST_SITES and expected >= FEWEST_EXPECTED
    return bool(enough and pos[last] - pos[first] >= LONGEST_LOSS and own[here].sum() < NO_READS * expected)


def _warning(counts: SnpCounts, genome: Genome, tumor: int, stretches: list[tuple[int, int]], level: float) -> dict:
    inside = np.concatenate([np.arange(first, last + 1) for first, last in stretches])
    normal, own = (float((counts.ref[k] + counts.alt[k])[inside].mean()) for k in (0, tumor + 1))
    names = [_name(counts, genome, *stretch) for stretch in stretches]
    shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
    text = (
        f"tumour {tumor + 1} (File{tumor + 2}) has no reads on {shown}: mean depth {own:.1f} where its reads elsewhere "
        f"let {level * normal:.0f} be expected ({normal:.0f} in the normal); {inside.size} sites left out, nothing is "
        "told there: is its BAM complete (samtools quickcheck), and were all contigs counted?"
    )
    return warning("no_tumor_reads", int(inside.size), text)


def _name(counts: SnpCounts, genome: Genome, first: int, last: int) -> str:
    """Name of a stretch: the contig or the arm, where it has no other sites, else the places."""
    code = counts.chrom[first]
    contig = counts.contigs[code]
    middle = genome.centromeres[contig]
    there = np.flatnonzero(counts.chrom == code)
    arms = {"": there, "p": there[counts.pos[there] <= middle], "q": there[counts.pos[there] > middle]}
    for arm, sites in arms.items():
        if sites.size and (sites[0], sites[-1]) == (first, last):
            return f"{counts.spelling.get(contig, contig)}{arm}"
    return f"{counts.spelling.get(contig, contig)}:{counts.pos[first]}-{counts.pos[last]}"
