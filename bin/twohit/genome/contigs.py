"""A genome as twohit needs it: contig names, lengths and chromosome arms."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.errors import InputError
from twohit.places import ASSETS
from twohit.tables import read_json

GENOMES = ASSETS / "genomes"
SEX_CHROMOSOMES = ("X", "Y")


@dataclass(frozen=True)
class Position:
    """Where a gene is: contig as spelt in the input, 1-based start, inclusive end."""

    chrom: str
    start: int
    end: int


@dataclass(frozen=True)
class Genome:
    """Contigs with lengths and arms.

    Attributes
    ----------
    name : str
        GRCh38, hg19 or the name a JSON gives itself.
    lengths : dict of str to int
        Contig length in bases, keyed by the plain name (1 ... 22, X, Y), in genome order.
    centromeres : dict of str to int
        Where p ends and q begins (0-based), keyed as `lengths`; 0 where a chromosome has no usable p arm.
    """

    name: str
    lengths: dict[str, int]
    centromeres: dict[str, int]

    @property
    def arms(self) -> pd.DataFrame:
        """Arms as a table: arm, chrom (plain), start, end (0-based, half open); arms of length 0 are left out."""
        rows = []
        for chrom, length in self.lengths.items():
            middle = self.centromeres[chrom]
            if middle > 0:
                rows.append((f"{chrom}p", chrom, 0, middle))
            rows.append((f"{chrom}q", chrom, middle, length))
        return pd.DataFrame(rows, columns=["arm", "chrom", "start", "end"])

    def arm_of(self, chrom: np.ndarray, pos: np.ndarray) -> np.ndarray:
        """Name the arm of each position.

        Parameters
        ----------
        chrom : array of str, shape (n,)
            Contig names in either spelling.
        pos : array of int, shape (n,)
            1-based positions.

        Returns
        -------
        array of str, shape (n,)
            Arm names such as 16p; empty for a contig the genome does not have.
        """
        names = pd.Series(np.asarray(chrom, dtype=object)).map(plain)
        middle = names.map(self.centromeres)
        side = np.where(np.asarray(pos) <= middle.to_numpy(dtype=float), "p", "q")
        return np.where(middle.notna(), names.to_numpy(dtype=object) + side, "")

    def arm_at(self, position: Position) -> tuple[int, int] | None:
        """Ends (0-based, half open) of the arm that holds the middle of a position; None for an unknown contig."""
        name = plain(position.chrom)
        if name not in self.lengths:
            return None
        middle = self.centromeres[name]
        on_p = (position.start + position.end) // 2 <= middle
        return (0, middle) if on_p else (middle, self.lengths[name])


def plain(chrom: str) -> str:
    """Name of a contig without 'chr' (16 for chr16), the key used inside."""
    text = str(chrom)
    return text[3:] if text.lower().startswith("chr") else text


def load_genome(name: str | Path) -> Genome:
    """Load GRCh38, hg19 (also GRCh37, hg38), or a JSON file of contigs, lengths and arms.

    Raises
    ------
    InputError
        For an unknown name or a JSON without the keys `name` and `contigs` ([{name, length, centromere}, ...]).
    """
    alias = {"hg38": "GRCh38", "GRCh37": "hg19"}.get(str(name), str(name))
    path = GENOMES / f"{alias}.json"
    if not path.is_file():
        path = Path(name)
        if not path.is_file():
            raise InputError(f"--genome {name}: unknown; give GRCh38, hg19 or a JSON file of contigs")
    data = read_json(path)
    try:
        contigs = [(plain(row["name"]), int(row["length"]), int(row["centromere"])) for row in data["contigs"]]
        title = str(data["name"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: {error!r}; it needs 'name' and 'contigs' with 'name', 'length', 'centromere' in each"
        ) from error
    for contig, length, centromere in contigs:
        if not 0 <= centromere < length:
            raise InputError(f"{path}: contig {contig}: centromere {centromere} is not within its length {length}")
    return Genome(title, {c: n for c, n, _ in contigs}, {c: m for c, _, m in contigs})
