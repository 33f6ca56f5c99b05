"""Paired reads from a library: fragments, duplicates, artefacts, qualities, errors; all numpy, one chunk at a time."""

from dataclasses import dataclass

import numpy as np

from twohit.simulate.codes import BASE_CODE, BASES, COMPLEMENT
from twohit.simulate.templates import MIN_FRAGMENT, Library

READ_LENGTH = 75
FRAGMENT_MEAN, FRAGMENT_SD = 200.0, 40.0
QUALITY_START, QUALITY_DROP = 38.5, 9.0  # mean Phred score of the first cycle, its fall over the read
READ_QUALITY_SD, BASE_QUALITY_SD = 1.5, 2.5
SECOND_READ_PENALTY = 1.5
BAD_READ_SHARE, BAD_READ_PENALTY = 0.02, 12.0
QUALITY_BINS = np.array([2, 6, 12, 18, 23, 27, 32, 37, 40])  # scores the machine reports
BACKGROUND_OXIDATION = 1.5e-4  # share of G (C on the other read) of a fragment read as T (A)
LOW_QUALITY_SCORE = 12  # of bases spoiled by a low-quality artefact
T, A = BASES[3], BASES[0]
G, C = BASES[2], BASES[1]


@dataclass(frozen=True)
class Pairs:
    """Sequenced pairs: letters and Phred scores of both reads in the order of sequencing, shape (n, READ_LENGTH)."""

    bases_1: np.ndarray
    quality_1: np.ndarray
    bases_2: np.ndarray
    quality_2: np.ndarray


def sequence_chunk(
    library: Library, n_pairs: int, duplicate_rate: float, artefact_factor: float, rng: np.random.Generator
) -> Pairs:
    """Draw `n_pairs` read pairs, of which about `duplicate_rate` are copies of another fragment of the chunk.

    Parameters
    ----------
    artefact_factor : float
        Multiplies the rate of every artefact (a normal sample suffers less from oxidation).
    """
    start, length, source, reverse = draw_fragments(library, n_pairs, duplicate_rate, rng)
    columns = np.arange(READ_LENGTH)
    left = start[:, None] + columns
    right = (start + length)[:, None] - READ_LENGTH + columns
    letters = [library.bases[left], library.bases[right]]
    sites = [library.artefact[left], library.artefact[right]]
    _oxidise(letters, sites, source, reverse, left, right, library, artefact_factor, rng)
    first = np.where(reverse[:, None], COMPLEMENT[letters[1]][:, ::-1], letters[0])
    second = np.where(reverse[:, None], letters[0], COMPLEMENT[letters[1]][:, ::-1])
    first_site = np.where(reverse[:, None], sites[1][:, ::-1], sites[0])
    second_site = np.where(reverse[:, None], sites[0], sites[1][:, ::-1])
    done = []
    for number, (bases, site, flipped) in enumerate(((first, first_site, reverse), (second, second_site, ~reverse))):
        quality = _qualities(n_pairs, number, rng)
        _spoil(bases, quality, site, flipped, library, artefact_factor, rng)
        _add_errors(bases, quality, rng)
        done += [bases, quality]
    return Pairs(*done)


def draw_fragments(
    library: Library, n_pairs: int, duplicate_rate: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Draw fragments: start (index into the library), length, number of the original molecule, strand.

    Duplicates have the same number, start, length and strand; the order is random.
    """
    n_unique = max(int(round(n_pairs * (1 - duplicate_rate))), 1)
    starts, lengths, have = [], [], 0
    total = library.cumulative[-1]
    while have < n_unique:
        wanted = int((n_unique - have) * 1.1) + 16
        start = np.searchsorted(library.cumulative, rng.random(wanted) * total, side="right")
        length = np.maximum(np.rint(rng.normal(FRAGMENT_MEAN, FRAGMENT_SD, wanted)).astype(np.int64), MIN_FRAGMENT)
        fits = start + length <= library.template_end[start]
        starts.append(start[fits])
        lengths.append(length[fits])
        have += int(fits.sum())
    start, length = np.concatenate(starts)[:n_unique], np.concatenate(lengths)[:n_unique]
    reverse = rng.random(n_unique) < 0.5
    source = np.concatenate([np.arange(n_unique), rng.integers(n_unique, size=n_pairs - n_unique)])
    source = rng.permutation(source)
    return start[source], length[source], source, reverse[source]


def _oxidise(letters, sites, source, reverse, left, right, library, factor, rng) -> None:
    """Damage fragments before amplification: G read as T on read 1, C as A on read 2, the same in all copies.

    In the direction of the genome a fragment whose read 1 is forward shows G>T, one whose read 1 is reverse C>A.
    """
    seed = int(rng.integers(2**63))
    rates = np.array([item.rate if item.kind == "oxidation" else 0.0 for item in library.artefacts] + [0.0])
    before = np.where(reverse, C, G)[:, None]
    after = np.broadcast_to(np.where(reverse, A, T)[:, None], letters[0].shape)
    for bases, site, index in ((letters[0], sites[0], left), (letters[1], sites[1], right)):
        rate = np.minimum((BACKGROUND_OXIDATION + 2 * rates[site]) * factor, 1.0)
        hit = (bases == before) & (_molecule_uniform(source, index, seed) < rate)
        bases[hit] = after[hit]


def _molecule_uniform(source: np.ndarray, index: np.ndarray, seed: int) -> np.ndarray:
    """Uniform numbers that depend on molecule and template position only: mates and duplicates agree (splitmix64)."""
    with np.errstate(over="ignore"):
        x = (
            index.astype(np.uint64)
            + source.astype(np.uint64)[:, None] * np.uint64(0x9E3779B97F4A7C15)
            + np.uint64(seed)
        )
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _qualities(n: int, read: int, rng: np.random.Generator) -> np.ndarray:
    """Phred scores that fall along the read, with good and bad reads, binned as a machine reports them."""
    cycle = np.arange(READ_LENGTH) / READ_LENGTH
    mean = QUALITY_START - QUALITY_DROP * cycle**2 - SECOND_READ_PENALTY * read
    bad = (rng.random(n) < BAD_READ_SHARE) * BAD_READ_PENALTY
    per_read = rng.normal(0.0, READ_QUALITY_SD, n) - bad
    score = mean + per_read[:, None] + rng.standard_normal((n, READ_LENGTH), dtype=np.float32) * BASE_QUALITY_SD
    edges = (QUALITY_BINS[1:] + QUALITY_BINS[:-1]) / 2
    return QUALITY_BINS[np.searchsorted(edges, score)].astype(np.uint8)


def _spoil(bases, quality, site, flipped, library, factor, rng) -> None:
    """Apply the artefacts that single reads suffer: on the forward strand only, or with low quality."""
    rows, columns = np.nonzero(site >= 0)
    if rows.size == 0:
        return
    which = site[rows, columns]
    kinds = np.array([item.kind for item in library.artefacts])[which]
    rates = np.array([item.rate for item in library.artefacts])[which] * factor
    strand = kinds == "strand"
    rates = np.where(strand, rates * 2 * ~flipped[rows], np.where(kinds == "low_quality", rates, 0.0))
    hit = rng.random(rows.size) < rates
    rows, columns, which, kinds = rows[hit], columns[hit], which[hit], kinds[hit]
    alt = np.array([ord(item.alt) for item in library.artefacts], dtype=np.uint8)[which]
    bases[rows, columns] = np.where(flipped[rows], COMPLEMENT[alt], alt)
    low = kinds == "low_quality"
    quality[rows[low], columns[low]] = LOW_QUALITY_SCORE


def _add_errors(bases: np.ndarray, quality: np.ndarray, rng: np.random.Generator) -> None:
    """Replace bases by one of the other three with the probability the quality states."""
    probability = (10.0 ** (-np.arange(64) / 10)).astype(np.float32)
    rows, columns = np.nonzero(rng.random(bases.shape, dtype=np.float32) < probability[quality])
    shift = rng.integers(1, 4, size=rows.size)
    bases[rows, columns] = BASES[(BASE_CODE[bases[rows, columns]] + shift) % 4]


def target_bases_per_pair(library: Library, seed: int) -> float:
    """Mean number of target bases a unique fragment covers, overlapping mates counted once (by 20,000 draws)."""
    start, length, _, _ = draw_fragments(library, 20_000, 0.0, np.random.default_rng(seed))
    columns = np.arange(READ_LENGTH)
    left = library.on_target[start[:, None] + columns]
    right_index = (start + length)[:, None] - READ_LENGTH + columns
    right = library.on_target[right_index] & (right_index >= (start + READ_LENGTH)[:, None])
    return float((left.sum() + right.sum()) / len(start))
