"""Reads of each allele in the fields of the caller that wrote a VCF, written as AD, where every later step looks.

What each caller counts, with sources: docs/methods/42_imports.md.
"""

from collections.abc import Callable, Iterable, Iterator

from twohit.errors import InputError
from twohit.plaintext import is_whole
from twohit.variants.vcf_io import N_FIXED, Record, parse

AD_LINE = '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele, from the fields of the caller">'
BASES = "ACGT"
MOST_SHARE = 100.0  # of AF: what is above is no share, nor a percentage in its place
Field = Callable[[str], list[str]]  # the parts of one field of a sample, none where it is not given


def headed(lines: Iterable[str]) -> Iterator[str]:
    """Header lines with AD as one number for each allele; a caller's AD of the alternative allele alone is replaced."""
    for line in lines:
        if not line.startswith("##FORMAT=<ID=AD,"):
            yield line
    yield AD_LINE


def needs_header(lines: Iterable[str]) -> bool:
    """Whether AD is not declared as one number for each allele."""
    return not any(line.startswith("##FORMAT=<ID=AD,Number=R,") for line in lines)


def with_depths(line: str, sites_only: bool = False) -> str:
    """Give a record's samples an AD of all alleles where the caller's own fields tell it.

    Parameters
    ----------
    line : str
        A record of a VCF, tab separated.
    sites_only : bool
        The VCF has no sample: one is added with what INFO says of its reads (LoFreq's DP4).

    Returns
    -------
    str
        The record; as it came where AD is complete or there is none and nothing tells it.

    Raises
    ------
    InputError
        If an allele fraction is none, as inf; without the file's name.
    """
    fields = line.split("\t")
    if sites_only and len(fields) in (N_FIXED - 1, N_FIXED):
        fields = fields[: N_FIXED - 1]
        found = _strands(_parts(dict(part.partition("=")[::2] for part in fields[7].split(";"))), fields)
        return "\t".join([*fields, "AD", ",".join(map(str, found)) if found else "."])
    if len(fields) <= N_FIXED:
        return line
    record = parse(fields)
    columns = range(len(fields) - N_FIXED)
    given = [record.sample(column, "AD") for column in columns]
    if all(_complete(value, record) for value in given):
        return line
    found = [_depths(record, column) for column in columns]
    told = [",".join(map(str, depths)) if depths else "." for depths in found]
    if not any(found) and not any(given):
        return line
    return "\t".join([*fields[: N_FIXED - 1], *_with_field(record, "AD", told)])


def _complete(value: str | None, record: Record) -> bool:
    parts = value.split(",") if value else []
    return len(parts) == 1 + len(record.alts) and all(map(is_whole, parts))


def _depths(record: Record, column: int) -> list[int] | None:
    """Reads of the reference and of each alternative allele in one sample, None where no field tells them."""
    value = record.sample(column, "AD")
    if _complete(value, record):
        return [int(part) for part in value.split(",")]
    parts = _parts({key: record.sample(column, key) for key in record.keys})
    for read in READERS:
        try:
            found = read(parts, record.fields)
        except (ValueError, IndexError):  # a field that is missing, '.', or no number
            continue
        if found is not None and min(found) >= 0:
            return found
    return None


def _parts(values: dict[str, str | None]) -> Field:
    return lambda key: (values.get(key) or "").split(",") if values.get(key) else []


def _alleles(fields: list[str]) -> list[str]:
    return [fields[3], *fields[4].split(",")]


def _single_bases(fields: list[str]) -> list[str] | None:
    alleles = [allele.upper() for allele in _alleles(fields)]
    return alleles if all(allele in BASES and len(allele) == 1 for allele in alleles) else None


def _strelka_bases(parts: Field, fields: list[str]) -> list[int] | None:
    """Strelka's AU, CU, GU, TU: reads with each base in tier 1 and tier 2; tier 1 is what it calls with."""
    alleles = _single_bases(fields)
    return [int(parts(f"{base}U")[0]) for base in alleles] if alleles else None


def _strelka_indel(parts: Field, fields: list[str]) -> list[int] | None:
    """Strelka's TAR (other alleles, nearly all the reference) and TIR (the indel), tier 1."""
    return [int(parts("TAR")[0]), int(parts("TIR")[0])] if len(_alleles(fields)) == 2 else None


def _varscan(parts: Field, fields: list[str]) -> list[int] | None:
    """VarScan's RD and AD, the latter of the alternative allele alone."""
    return [int(parts("RD")[0]), int(parts("AD")[0])] if len(parts("AD")) == 1 and len(_alleles(fields)) == 2 else None


def _vardict(parts: Field, fields: list[str]) -> list[int] | None:
    """VarDict's RD (forward, reverse) and VD, where AD is left out."""
    return [sum(map(int, parts("RD"))), int(parts("VD")[0])] if parts("RD") and len(_alleles(fields)) == 2 else None


def _freebayes(parts: Field, fields: list[str]) -> list[int] | None:
    """RO and AO of FreeBayes and Ion Torrent's caller."""
    return _for_all([int(parts("RO")[0]), *map(int, parts("AO"))], fields)


def _platypus(parts: Field, fields: list[str]) -> list[int] | None:
    """Platypus' NR (all reads there) and NV (those with the allele)."""
    carrying = [int(part) for part in parts("NV")]
    return _for_all([int(parts("NR")[0]) - sum(carrying), *carrying], fields)


def _caveman(parts: Field, fields: list[str]) -> list[int] | None:
    """CaVEMan's reads with each base, forward (FAZ) and reverse (RAZ)."""
    alleles = _single_bases(fields)
    return [int(parts(f"F{base}Z")[0]) + int(parts(f"R{base}Z")[0]) for base in alleles] if alleles else None


def _sniper(parts: Field, fields: list[str]) -> list[int] | None:
    """SomaticSniper's BCOUNT: reads with A, C, G, T."""
    alleles = _single_bases(fields)
    return [int(parts("BCOUNT")[BASES.index(base)]) for base in alleles] if alleles else None


def _strands(parts: Field, fields: list[str]) -> list[int] | None:
    """DP4 of samtools, LoFreq and others: reference and alternative reads, forward and reverse of each."""
    counts = [int(part) for part in parts("DP4") if is_whole(part)]
    return [sum(counts[:2]), sum(counts[2:])] if len(counts) == 4 and len(_alleles(fields)) == 2 else None


def _fraction(parts: Field, fields: list[str]) -> list[int] | None:
    """Depth and allele fractions, the last resort: to the nearest read."""
    depth = int(parts("DP")[0])
    carrying = [round(depth * _finite(part)) for part in parts("AF")]
    return _for_all([depth - sum(carrying), *carrying], fields)


def _finite(share: str) -> float:
    value = float(share)
    if abs(value) > MOST_SHARE:
        raise InputError(f"AF is {share!r}; it must be a share from 0 to 1: mend the record or leave AF out")
    return value


def _for_all(counts: list[int], fields: list[str]) -> list[int] | None:
    return counts if len(counts) == len(_alleles(fields)) else None


READERS = (
    _strelka_bases, _strelka_indel, _varscan, _vardict, _freebayes, _platypus, _caveman, _sniper, _strands, _fraction,
)  # fmt: skip


def _with_field(record: Record, name: str, values: list[str]) -> list[str]:
    """FORMAT and the samples with a field set, in its place or at the end."""
    keys = record.keys if name in record.keys else [*record.keys, name]
    made = [":".join(keys)]
    for column, value in enumerate(values):
        parts = {key: record.sample(column, key) or "." for key in keys} | {name: value}
        made.append(":".join(parts[key] for key in keys))
    return made
