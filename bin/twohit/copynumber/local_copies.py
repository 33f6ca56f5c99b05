"""Copies at any locus of a tumour under every solution, from S.solutions.tsv and S.purity_ploidy.json."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.copynumber.calls import FARTHEST_LOCUS
from twohit.copynumber.clonality import UNKNOWN_PURITY, LocalCopies, purity_points
from twohit.copynumber.states import neutral_state
from twohit.errors import InputError
from twohit.genome.contigs import plain
from twohit.genome.sex_chromosomes import normal_copies
from twohit.tables import read_json, read_table

USUAL_OVERDISPERSION = 0.002  # where none was fitted
MIN_NULL = 1e-3  # probability that nothing is changed below which a mutation's cells are not told otherwise


class CopyNumber:
    """Copies at any locus under every solution, read from S.solutions.tsv and S.purity_ploidy.json."""

    def __init__(self, solutions: Path, purity_ploidy: Path, sample: str):
        """Read and check both files of a sample; the error names the file that does not fit."""
        self.table = read_table(solutions, schemas.SOLUTIONS)
        self.fit = read_json(purity_ploidy)
        if self.fit.get("sample") not in (None, sample):
            raise InputError(
                f"{purity_ploidy}: is of sample {self.fit['sample']!r}, not of {sample!r}; give each its own files"
            )
        self.alternatives = self.fit.get("alternatives")
        if not isinstance(self.alternatives, list) or not self.alternatives:
            raise InputError(f"{purity_ploidy}: has no 'alternatives'; give the file that segment_copy_number.py wrote")
        for number, alternative in enumerate(self.alternatives):
            if not isinstance(alternative, dict) or not {"purity", "ploidy", "wgd", "weight"} <= set(alternative):
                raise InputError(f"{purity_ploidy}: alternative {number} lacks purity, ploidy, wgd or weight")
        last = self.table["solution"].max() if len(self.table) else -1
        if last >= len(self.alternatives):
            raise InputError(
                f"{solutions}: solution {last} is not among the {len(self.alternatives)} of {purity_ploidy}"
            )
        self.purity_known = self.alternatives[0]["purity"] is not None
        # Of sites whose own bias no normal shows, as that of a mutation (page 20).
        own = self.fit.get("site_overdispersion", self.fit.get("overdispersion"))
        self.overdispersion = float(own or USUAL_OVERDISPERSION)
        self.reference_bias = float(self.fit.get("reference_bias") or 0.0)
        self.sex = self.fit.get("sex") or "female"
        null = float(self.fit.get("no_change_probability") or 0.0)
        self.no_change = null if self.purity_known and null >= MIN_NULL else 0.0
        self.flat = np.full(UNKNOWN_PURITY.size, 1 / UNKNOWN_PURITY.size)
        self._by_place = {
            key: group.sort_values("start")
            for key, group in self.table.groupby([self.table["solution"], self.table["chrom"].map(plain)])
        }

    def at(self, chrom: str, pos: int) -> list[LocalCopies]:
        """Most probable state at a position under each solution, its weight that of the solution.

        The nearest segment of the contig within 10 Mb when the position lies between two; empty if there is none.
        """
        out = []
        for number in range(len(self.alternatives)):
            rows = self._rows(number, chrom, pos)
            if rows is None:
                return []
            best = rows.loc[rows["probability"].idxmax()]
            out.append(self._copies(number, chrom, best, 1.0))
        return out

    def all_at(self, chrom: str, pos: int) -> list[LocalCopies]:
        """All states at a position under all solutions, and "nothing is changed" where that is not excluded; the
        weights sum to one (empty where nothing is known).
        """
        out, changed = [], 1 - self.no_change
        for number in range(len(self.alternatives)):
            rows = self._rows(number, chrom, pos)
            if rows is None:
                return []
            total = rows["probability"].sum()
            out += [
                self._copies(number, chrom, row, changed * row["probability"] / total) for _, row in rows.iterrows()
            ]
        return out + self.unchanged(normal_copies(plain(chrom), self.sex))

    def unchanged(self, normal: int) -> list[LocalCopies]:
        """A tumour without any change, of whatever purity, with its probability; empty where the fit excludes or lists
        it. `normal`: copies in a normal cell.
        """
        if not self.no_change:
            return []
        rest = neutral_state(False, normal)
        return [LocalCopies(self.no_change, UNKNOWN_PURITY, self.flat, *rest, 1.0, *rest, normal, self.reference_bias)]

    def _rows(self, number: int, chrom: str, pos: int) -> pd.DataFrame | None:
        """Rows of the segment at or nearest to a position; None where the tables (or a normal cell) have none."""
        group = self._by_place.get((number, plain(chrom)))
        if group is None or normal_copies(plain(chrom), self.sex) == 0:
            return None
        # A man's X has two copies at the ends that it shares with Y: the fit leaves these out, and what lies beside
        # them tells nothing of them.
        outside = not group["start"].min() <= pos <= group["end"].max()
        if outside and plain(chrom) == "X" and self.sex == "male":
            return None
        gap = np.maximum(np.maximum(group["start"].to_numpy() - pos, pos - group["end"].to_numpy()), 0)
        if gap.min() > FARTHEST_LOCUS:
            return None
        start = group["start"].to_numpy()[int(gap.argmin())]
        return group[group["start"] == start]

    def _copies(self, number: int, chrom: str, row, share: float) -> LocalCopies:
        alternative, normal = self.alternatives[number], normal_copies(plain(chrom), self.sex)
        points, weight = self._purity(alternative)
        minor = 0 if pd.isna(row["minor_cn"]) else int(row["minor_cn"])
        rest = neutral_state(bool(alternative["wgd"]), normal)
        if not pd.isna(row["rest_total_cn"]):
            rest = int(row["rest_total_cn"]), int(row["rest_minor_cn"])
        return LocalCopies(
            float(alternative["weight"]) * float(share), points, weight, int(row["total_cn"]), minor,
            float(row["ccf"]), *rest, normal, self.reference_bias,
        )  # fmt: skip

    def _purity(self, alternative: dict) -> tuple[np.ndarray, np.ndarray]:
        if not self.purity_known:
            return UNKNOWN_PURITY, self.flat
        low, high = alternative.get("purity_lower"), alternative.get("purity_upper")
        spread = alternative.get("purity_sd") or ((high - low) / 3.29 if low is not None and high is not None else 0.02)
        return purity_points(float(alternative["purity"]), float(spread))
