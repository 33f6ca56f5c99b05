"""Read pairs of a tumour mixed with normal cells, at any depth, with mutations in known shares of the tumour cells.

A small alignment written at once, without an aligner: for the limit of detection, not for callers.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

READ = 75  # bases
FRAGMENT = (170.0, 30.0, 100)  # mean, standard deviation, least length in bases: many mates overlap
QUALITY = 37  # Phred
BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
CODE = {base: code for code, base in enumerate("ACGT")}


@dataclass(frozen=True)
class Mixture:
    """What is mixed.

    Attributes
    ----------
    sequence : str
        The contig, named 1.
    sites : dict of int to (str, float)
        0-based position to alternative base and share of the tumour cells that carry it, on one copy each.
    depth : float
        Mean fragments over a base.
    purity : float
        Share of tumour cells; normal cells have two copies.
    copies : int
        Copies of the contig in a tumour cell.
    error : float
        Mean share of wrong bases, all three other bases together.
    correlation : float
        Correlation of errors within a position and base (beta-binomial).
    """

    sequence: str
    sites: dict[int, tuple[str, float]]
    depth: float
    purity: float = 0.8
    copies: int = 1
    error: float = 1e-3
    correlation: float = 1e-4

    @property
    def tumor_share(self) -> float:
        """Share of the fragments that come from tumour cells."""
        tumor = self.purity * self.copies
        return tumor / (tumor + 2 * (1 - self.purity))


def write_mixture(mixture: Mixture, path: Path, rng: np.random.Generator) -> Path:
    """Draw the fragments and write an indexed BAM of read pairs, sorted by position."""
    import pysam

    genome = np.array([CODE[base] for base in mixture.sequence], dtype=np.uint8)
    left, right = _fragments(mixture, genome.size, rng)
    starts = np.concatenate([left, right - READ])
    bases = genome[starts[:, None] + np.arange(READ)]
    _mutate(mixture, bases, left, right, rng)
    _spoil(mixture, bases, starts, rng)
    text = BASES[bases]
    n = left.size
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "1", "LN": genome.size}]}
    header["RG"] = [{"ID": "1", "SM": "T", "PL": "ILLUMINA", "LB": "T"}]
    qualities = pysam.qualitystring_to_array(chr(QUALITY + 33) * READ)
    with pysam.AlignmentFile(str(path), "wb", header=header) as out:
        for row in np.argsort(starts, kind="stable").tolist():
            first = row < n
            pair = row if first else row - n
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.flag = f"f{pair}", 99 if first else 147
            read.reference_id = read.next_reference_id = 0
            read.reference_start, read.mapping_quality = int(starts[row]), 60
            read.next_reference_start = int(starts[pair + n if first else pair])
            read.template_length = int(right[pair] - left[pair]) * (1 if first else -1)
            read.cigartuples = [(0, READ)]
            read.query_sequence = text[row].tobytes().decode()
            read.query_qualities = qualities
            out.write(read)
    pysam.index(str(path))
    return path


def _fragments(mixture: Mixture, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Ends [left, right) of the fragments. Depth counts bases that are read: the two mates less their overlap."""
    mean, sd, least = FRAGMENT
    read_bases = 2 * READ - 0.8 * max(2 * READ - mean, 0.0)
    n = int(mixture.depth * size / min(mean, read_bases))
    length = np.clip(rng.normal(mean, sd, n), least, size).astype(np.int64)
    left = rng.integers(0, size - length + 1)
    return left, left + length


def _mutate(mixture: Mixture, bases: np.ndarray, left: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> None:
    """Put the mutations on fragments of tumour cells that carry them; both mates of a fragment have them alike."""
    tumor = rng.random(left.size) < mixture.tumor_share
    for place, (alt, share) in mixture.sites.items():
        over = np.flatnonzero((left <= place) & (right > place) & tumor)
        carries = over[rng.random(over.size) < share / mixture.copies]
        for rows, starts in ((carries, left[carries]), (carries + left.size, right[carries] - READ)):
            inside = (starts <= place) & (starts + READ > place)
            bases[rows[inside], place - starts[inside]] = CODE[alt]


def _spoil(mixture: Mixture, bases: np.ndarray, starts: np.ndarray, rng: np.random.Generator) -> None:
    """Misread bases: every position has its own rate for each wrong base."""
    each = mixture.error / 3
    fragments = 1 / mixture.correlation - 1
    rates = rng.beta(each * fragments, (1 - each) * fragments, size=(len(mixture.sequence), 3))
    here = rates[starts[:, None] + np.arange(READ)].cumsum(axis=2)
    drawn = rng.random(bases.shape)[:, :, None]
    wrong = (drawn >= here).sum(axis=2)  # 0, 1, 2: which of the other bases; 3: none
    rows, columns = np.nonzero(wrong < 3)
    bases[rows, columns] = (bases[rows, columns] + 1 + wrong[rows, columns]) % 4
