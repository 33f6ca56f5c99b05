"""Permutations of the events that keep how many each patient has and how many patients have each.

Random pairs of events swap their patients (Ryser's switches; Gotelli, Ecology 2000), many at once, in each block of
events of one kind: deletions stay deletions, gains stay gains. What could not be assessed stays so.
"""

from dataclasses import dataclass

import numpy as np

from twohit.cohort.events import ARM_EVENT, GENE_EVENT, kind_of
from twohit.cohort.matrix import ABSENT_CODE, PRESENT_CODE

SAMPLES = (200, 1000)  # permuted matrices: least (large cohorts, where each says more), most
CELLS = 10**8  # patients x events x permutations, about: the least of SAMPLES holds whatever that takes
ROUNDS = 5  # of swaps between two matrices: in each round more than half of the events move
FEW = 300  # events of a block up to which it is looked up whether any can move
BURN_IN = 20  # rounds before the first


@dataclass(frozen=True)
class Permuted:
    """Mean and variance, over the permutations, of the number of patients with both events, shape (J, J)."""

    mean: np.ndarray
    variance: np.ndarray
    n_samples: int


def block_of(name: str) -> str:
    """Block of an event: events of one block swap with each other."""
    arm, gene = ARM_EVENT.fullmatch(name), GENE_EVENT.fullmatch(name)
    return arm["block"] if arm else gene["block"] if gene else kind_of(name)


class Block:
    """The events of one block as places in the matrix.

    Parameters
    ----------
    status : int8 array, shape (n, J)
        Matrix of the cohort; changed by `swap`.
    columns : array of int
        Columns of the block.
    """

    def __init__(self, status: np.ndarray, columns: np.ndarray):
        self.width = columns.size
        part = np.ascontiguousarray(status[:, columns])
        self.free = (part != PRESENT_CODE) & (part != ABSENT_CODE)
        self.free = ~self.free.ravel()  # cells that may hold an event
        row, column = np.nonzero(part == PRESENT_CODE)
        self.row, self.column = row.astype(np.int64), column.astype(np.int64)
        self.columns = columns
        self.fixed = columns.size == 1 or (self.row.size <= FEW and not self._may_move())

    def _may_move(self) -> bool:
        """Is there a pair that can swap? If not there never will be: the margins leave one matrix only."""
        there = np.zeros(self.free.size, dtype=bool)
        there[self.row * self.width + self.column] = True
        target = self.row[:, None] * self.width + self.column[None, :]  # of each pair, one of its two new cells
        open_cell = self.free[target] & ~there[target]
        return bool((open_cell & open_cell.T).any())

    def swap(self, rng: np.random.Generator) -> None:
        """Pair the events at random; a pair (i, a), (k, b) becomes (i, b), (k, a) where that is possible.

        A pair moves only if none of its four cells belongs to another pair too. The four cells stay the same in the
        move, so that every move and its reverse are equally likely: the matrices are uniform in the long run.
        """
        half = self.row.size // 2
        if half == 0 or self.fixed:
            return
        order = rng.permutation(self.row.size)
        first, second = order[:half], order[half : 2 * half]
        i, a, k, b = self.row[first], self.column[first], self.row[second], self.column[second]
        cells = np.stack([i * self.width + a, k * self.width + b, i * self.width + b, k * self.width + a])
        uses = np.bincount(cells.ravel(), minlength=self.free.size)
        for alone in order[2 * half :]:
            uses[self.row[alone] * self.width + self.column[alone]] += 1
        moves = (uses[cells] == 1).all(axis=0) & self.free[cells[2]] & self.free[cells[3]]
        self.column[first[moves]], self.column[second[moves]] = b[moves], a[moves]

    def write(self, yes: np.ndarray) -> None:
        """Write the block's events into a matrix of zeros and ones."""
        yes[:, self.columns] = 0
        yes[self.row, self.columns[self.column]] = 1


def permute(status: np.ndarray, names: tuple[str, ...], seed: int, n_samples: int | None = None) -> Permuted:
    """Count pairs in permuted matrices.

    Parameters
    ----------
    status : int8 array, shape (n, J)
        1 yes, 0 no, -1 not assessable.
    names : tuple of str
        Events, J of them.
    seed : int
    n_samples : int, optional
        Permuted matrices; by default as many as the size of the cohort allows.
    """
    kinds = np.array([block_of(name) for name in names], dtype=object)
    blocks = [Block(status, np.flatnonzero(kinds == kind)) for kind in sorted(set(kinds))]
    rng = np.random.default_rng(seed)
    if n_samples is None:
        n_samples = int(np.clip(CELLS // max(status.size, 1), *SAMPLES))
    yes = np.ascontiguousarray(status == PRESENT_CODE).astype(np.float32)
    total, squares = np.zeros((len(names),) * 2), np.zeros((len(names),) * 2)
    start = np.rint(yes.T @ yes).astype(float)  # sums are of differences from it: no loss of digits
    blocks = [block for block in blocks if not block.fixed]
    for sample in range(n_samples if blocks else 0):
        for block in blocks:
            for _ in range(ROUNDS if sample else BURN_IN):
                block.swap(rng)
            block.write(yes)
        change = np.rint(yes.T @ yes) - start
        total += change
        squares += change * change
    mean = total / max(n_samples, 1)
    variance = np.maximum(squares / max(n_samples, 1) - mean * mean, 0)
    return Permuted(start + mean, variance, n_samples)
