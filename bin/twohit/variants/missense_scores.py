"""A predictor's scores of single-base changes, as it publishes them: a table with a tabix index."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from twohit.errors import InputError

PLACE = ("chrom", "pos", "ref", "alt")


@dataclass
class MissenseScores:
    """Scores of alleles in `column` of an open table; from `least` on a missense change counts as damaging."""

    path: Path
    column: str
    least: float
    _table: object
    _places: list[int]

    def of(self, chrom: str, pos: int, ref: str, alt: str) -> float | None:
        """The largest score of an allele (over transcripts); None where the table has none.

        Raises
        ------
        InputError
            For a row without a number where the score should be.
        """
        name = next((c for c in (chrom, f"chr{chrom}", chrom.removeprefix("chr")) if c in self._table.contigs), None)
        if name is None:
            return None
        found = []
        for line in self._table.fetch(name, pos - 1, pos):
            fields = line.split("\t")
            _, there, *bases, score = (fields[k] for k in self._places)
            if there == str(pos) and bases == [ref, alt] and score not in ("", "."):
                found.append(self._number(score, line))
        return max(found, default=None)

    def _number(self, text: str, line: str) -> float:
        try:
            return float(text)
        except ValueError as error:
            where = ":".join(line.split("\t")[:2])
            raise InputError(f"{self.path}: {where}: {self.column} {text!r} is not a number; give a score") from error

    def judge(self, judgement: str, reason: str, terms: list[str], allele: tuple) -> tuple[str, str]:
        """Judge a missense change that no list names; what is no such change stays as it was.

        Parameters
        ----------
        judgement, reason : str
            As without scores.
        terms : list of str
            Sequence Ontology terms.
        allele : tuple
            chrom, pos, ref, alt.
        """
        if judgement != "uncertain" or "missense_variant" not in terms:
            return judgement, reason
        score = self.of(*allele)
        if score is None:
            return judgement, f"{reason}; {self.column} has no score of it"
        if score >= self.least:
            return "loss", f"{reason}; predicted damaging: {self.column} {score:.3g}, at least {self.least:g}"
        return judgement, f"{reason}; {self.column} {score:.3g}, below {self.least:g}"


@contextmanager
def open_scores(path: Path | None, column: str, least: float) -> Iterator[MissenseScores | None]:
    """Open a table of scores; None without one.

    Raises
    ------
    InputError
        If the index is missing, or the header lacks a column.
    """
    if path is None:
        yield None
        return
    import pysam

    if not any(Path(f"{path}.{end}").is_file() for end in ("tbi", "csi")):
        raise InputError(
            f"{path}: its index is missing; sort by position, bgzip, and run tabix -s 1 -b 2 -e 2 {path.name}"
        )
    try:
        table = pysam.TabixFile(str(path))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a bgzipped table with an index ({error}); make it again") from error
    with table:
        header = table.header[-1].lstrip("#").split("\t") if table.header else []
        names = [name.lower() for name in header]
        absent = [name for name in (*PLACE, column) if name.lower() not in names]
        if absent:
            raise InputError(
                f"{path}: its header (#chrom pos ref alt ...) has no column {absent[0]}; it has: {', '.join(header)}"
            )
        places = [names.index(name.lower()) for name in (*PLACE, column)]
        yield MissenseScores(path, header[places[-1]], least, table, places)
