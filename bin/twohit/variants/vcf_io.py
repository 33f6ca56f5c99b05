"""Mutect2's VCF as text: checked when opened, streamed record by record, written bgzipped and indexed.

Records are handled as text fields, so that everything this program does not understand reaches the output as it came.
"""

import gzip
import itertools
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from twohit import bgzf
from twohit.errors import InputError
from twohit.plaintext import is_whole
from twohit.textfiles import open_text

# Header lines that hold a date, a path or a command line: kept, they would make the same input give other bytes.
VOLATILE = ("##GATKCommandLine", "##bcftools_", "##SnpSift", "##fileDate", "##reference=file:", "##DRAGENCommandLine")
N_FIXED = 9
LINES_AT_ONCE = 1000  # written together
_FIRST = "\x01"


@dataclass(frozen=True)
class Header:
    """What the header of one VCF says.

    Attributes
    ----------
    lines : tuple of str
        The `##` lines, without line ends.
    samples : tuple of str
        Sample names in column order.
    values : dict of str to str
        Plain `##key=value` lines (tumor_sample, normal_sample, filtering_status ...).
    filtered : bool
        True after FilterMutectCalls.
    contigs : dict of str to int
        Contig lengths, where the header gives them.
    """

    lines: tuple[str, ...]
    samples: tuple[str, ...]
    values: dict[str, str]
    filtered: bool
    contigs: dict[str, int]


@dataclass
class Record:
    """One line: the first nine columns as text, INFO as a dict, samples as lists of text."""

    chrom: str
    pos: int
    ref: str
    alts: list[str]
    filters: list[str]
    info: dict[str, str]
    keys: list[str]
    fields: list[str]
    _values: dict[int, dict[str, str]] = field(default_factory=dict, repr=False)

    def sample(self, column: int, key: str) -> str | None:
        """Text of one FORMAT field of the sample in `column` (0-based among samples); None where it is not given."""
        if column not in self._values:
            # trailing fields may be left out
            self._values[column] = dict(zip(self.keys, self.fields[N_FIXED + column].split(":"), strict=False))
        value = self._values[column].get(key)
        return None if value in (None, ".", "") else value


def lines_of(path: str | Path) -> Iterator[str]:
    """Yield the lines of a plain or (b)gzipped text file.

    Raises
    ------
    InputError
        If the file is missing, empty, not text, or cut off before its end.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; give the path of a VCF")
    if not path.stat().st_size:
        raise InputError(f"{path}: the file is empty; make it again")
    bgzf.check_end(path)
    try:
        with open_text(path) as text:
            for line in text:
                yield line.rstrip("\r\n")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: the compressed file is cut off or damaged ({error}); make it again") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a text file ({error}); give a VCF") from error


def read_header(path: str | Path) -> Header:
    """Read the header of a VCF; InputError if the file does not hold one."""
    lines, values, contigs = [], {}, {}
    for line in lines_of(path):
        if line.startswith("##"):
            lines.append(line)
            key, _, value = line[2:].partition("=")
            if not value.startswith("<"):
                values.setdefault(key, value)
            elif key == "contig":
                _add_contig(value, contigs)
            continue
        if line.startswith("#CHROM"):
            filtered = values.get("filtering_status", "").startswith("These calls have been filtered")
            return Header(tuple(lines), tuple(line.split("\t")[N_FIXED:]), values, filtered, contigs)
        break
    raise InputError(f"{path}: no '#CHROM' line before the first record; it is not a VCF")


def _add_contig(value: str, contigs: dict[str, int]) -> None:
    parts = dict(part.split("=", 1) for part in value.strip("<>").split(",") if "=" in part)
    if "ID" in parts and is_whole(parts.get("length", "")):
        contigs[parts["ID"]] = int(parts["length"])


def check_mutect2(header: Header, path: str | Path) -> None:
    """Refuse a VCF that Mutect2 did not write: its likelihoods are what the filter reads."""
    known = {line.split("ID=", 1)[1].split(",", 1)[0] for line in header.lines if line.startswith("##INFO=<ID=")}
    if "TLOD" not in known or "MutectVersion" not in header.values:
        caller = header.values.get("source", "another caller")
        raise InputError(
            f"{path}: not a VCF of Mutect2 but of {caller} (no TLOD or ##MutectVersion in the header); "
            "give Mutect2's unfiltered VCF"
        )


def sample_column(header: Header, name: str, option: str, path: str | Path) -> int:
    """Column of a sample (0-based among samples); InputError that names the samples there are."""
    if name not in header.samples:
        there = ", ".join(header.samples) or "none"
        raise InputError(f"{path}: {option} {name!r} is not a sample of the VCF; it has: {there}")
    return header.samples.index(name)


def rows(path: str | Path) -> Iterator[list[str]]:
    """Yield the columns of each record of a VCF; InputError with the line number for a line that is none."""
    n_columns = 0
    for number, line in enumerate(lines_of(path), 1):
        if line.startswith("#"):
            n_columns = line.count("\t") + 1
            continue
        if not line:
            continue
        fields = line.split("\t")
        if len(fields) != n_columns or n_columns < N_FIXED or not is_whole(fields[1]):
            raise InputError(f"{path}: line {number}: {len(fields)} columns where the header has {n_columns}")
        yield fields


def heads(path: str | Path) -> Iterator[list[str]]:
    """Yield the first eight columns of each record, and the rest of its line as a ninth; `rows` checks the file."""
    for line in lines_of(path):
        if line and not line.startswith("#"):
            yield line.split("\t", N_FIXED - 1)


def records(path: str | Path) -> Iterator[Record]:
    """Yield the records of a VCF; InputError with the line number for a line that is none."""
    return map(parse, rows(path))


def parse_info(text: str) -> dict[str, str]:
    """Take an INFO column apart; a flag has no text."""
    if text == ".":
        return {}
    return {key: value for key, _, value in [part.partition("=") for part in text.split(";")]}


def with_info(text: str, added: Iterable[str]) -> str:
    """An INFO column with more `key=value` parts, in order of the keys; those of the same key are replaced."""
    added = list(added)
    keys = tuple(part.partition("=")[0] + "=" for part in added)
    parts = [] if text == "." else text.split(";")
    if any([key in text for key in keys]):
        parts = [part for part in parts if not part.startswith(keys)]
    # the sign between key and value sorts before any that a key may have
    joined = sorted(";".join([*parts, *added]).replace("=", _FIRST).split(";"))
    return ";".join(joined).replace(_FIRST, "=")


def parse(fields: list[str]) -> Record:
    """Take the columns of one line apart."""
    alts = [] if fields[4] == "." else fields[4].split(",")
    filters = [] if fields[6] == "." else fields[6].split(";")
    info = parse_info(fields[7])
    return Record(fields[0], int(fields[1]), fields[3], alts, filters, info, fields[8].split(":"), fields)


def stable_header(header: Header, added: Iterable[str]) -> list[str]:
    """Header lines for the output: without dates and command lines, with `added` in place of lines of the same ID."""
    added = list(added)
    replaced = {line.split(",", 1)[0] for line in added}
    kept = [line for line in header.lines if not line.startswith(VOLATILE) and line.split(",", 1)[0] not in replaced]
    return [*kept, *added]


def write_vcf(path: str | Path, header: Iterable[str], samples: Iterable[str], lines: Iterable[str]) -> None:
    """Write a bgzipped VCF with its tabix index, whole or not at all."""
    import pysam

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        temporary = Path(folder) / "out.vcf.gz"
        with pysam.BGZFile(str(temporary), "wb") as out:
            for line in [*header, "\t".join(columns)]:
                out.write(f"{line}\n".encode())
            lines = iter(lines)
            while some := list(itertools.islice(lines, LINES_AT_ONCE)):
                out.write("".join(f"{line}\n" for line in some).encode())
        pysam.tabix_index(str(temporary), preset="vcf", force=True)
        os.replace(temporary, path)
        os.replace(f"{temporary}.tbi", f"{path}.tbi")
