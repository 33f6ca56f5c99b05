"""Annotation that a VCF already has: CSQ of Ensembl VEP, ANN of SnpEff, BCSQ of bcftools csq, told allele by allele.

It is read before records are split and moved, for it names alleles as they were written.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from twohit.errors import InputError
from twohit.variants import vcf_io
from twohit.variants.given_alleles import Entry, ann_entries, bcsq_entries, csq_entries

OURS = "TWOHIT_GIVEN"
OUR_LINE = f'##INFO=<ID={OURS},Number=A,Type=String,Description="Given consequences of each allele, joined by ~">'
TAGS = ("CSQ", "ANN", "BCSQ")  # in this order, where a VCF has several
NEEDED = {"CSQ": ("Allele", "Consequence", "Gene", "Feature")}
ANN_FIELDS = ("Allele", "Annotation", "Annotation_Impact", "Gene_Name", "Gene_ID", "Feature_Type", "Feature_ID",
              "Transcript_BioType", "Rank", "HGVS.c", "HGVS.p")  # fmt: skip  # SnpEff's standard, the first 11 of 16
UNSAFE = re.compile(r"[\s,;=~]")


@dataclass(frozen=True)
class Annotation:
    """How a VCF's annotation is read: its tag and the function that gives the entries of each allele."""

    tag: str
    entries: Callable


def find_annotation(path: Path, only: str | None = None) -> Annotation:
    """Find the annotation in a VCF's header.

    Parameters
    ----------
    path : Path
        VCF.
    only : str, optional
        The one tag that is accepted, e.g. CSQ.

    Raises
    ------
    InputError
        If there is none, or its header line lacks the list of fields.
    """
    header = vcf_io.read_header(path)
    for tag in TAGS if only is None else (only,):
        line = next((text for text in header.lines if text.startswith(f"##INFO=<ID={tag},")), None)
        if line is not None:
            return Annotation(tag, _reader(tag, line, path))
    raise InputError(
        f"{path}: no {only or ', '.join(TAGS)} in its header, so it is not annotated; "
        "annotate it with VEP, SnpEff or bcftools csq, or use --annotator csq"
    )


def _reader(tag: str, line: str, path: Path) -> Callable:
    if tag == "BCSQ":
        return bcsq_entries
    if tag == "ANN":
        return lambda alleles, value: ann_entries(ANN_FIELDS, alleles, value)
    match = re.search(r"Format: ([^\">]+)", line)
    fields = tuple(match[1].strip().split("|")) if match else ()
    absent = [name for name in NEEDED[tag] if name not in fields]
    if absent:
        raise InputError(
            f"{path}: the header line of {tag} does not name the field {absent[0]}; keep VEP's header "
            f"('Format: Allele|Consequence|...') and at least the fields {', '.join(NEEDED[tag])}"
        )
    return lambda alleles, value: csq_entries(fields, alleles, value)


def spell_given(source: Path, out: Path, only: str | None = None) -> None:
    """Copy a VCF (text) with the given consequences of each allele in INFO TWOHIT_GIVEN, in place of the tool's tag.

    Parameters
    ----------
    source, out : Path
        VCF to read and to write.
    only : str, optional
        The one tag that is accepted.
    """
    annotation = find_annotation(source, only)
    with out.open("w", encoding="utf-8") as handle:
        handle.writelines(f"{line}\n" for line in _copied(source, annotation))


def _copied(source: Path, annotation: Annotation) -> Iterator[str]:
    tags = tuple(f"##INFO=<ID={tag}," for tag in TAGS)
    for number, line in enumerate(vcf_io.lines_of(source), 1):
        if line.startswith("#CHROM"):
            yield OUR_LINE
        if line.startswith(tags) or not line:
            continue
        yield line if line.startswith("#") else _told(line, number, source, annotation)


def _told(line: str, number: int, source: Path, annotation: Annotation) -> str:
    fields = line.split("\t")
    if len(fields) < 8 or not fields[1].isdigit():
        raise InputError(f"{source}: line {number}: {len(fields)} columns; a VCF record has 8 or more")
    info = dict(part.partition("=")[::2] for part in fields[7].split(";") if part not in ("", "."))
    value = info.get(annotation.tag, "")
    alts = fields[4].split(",")
    try:
        entries = annotation.entries((fields[3], *alts), value) if value else [[] for _ in alts]
    except InputError as error:
        raise InputError(f"{source}: line {number}: {error}") from error
    for tag in TAGS:
        info.pop(tag, None)
    if any(entries):
        info[OURS] = ",".join("~".join(map(_packed, found)) or "." for found in entries)
    fields[7] = ";".join(f"{key}={text}" if text else key for key, text in info.items()) or "."
    return "\t".join(fields)


def _packed(entry: Entry) -> str:
    return "|".join(UNSAFE.sub("_", text.replace("=", "%3D")) for text in entry)


def unpacked(value: str) -> list[Entry]:
    """Entries of one allele, from its part of INFO TWOHIT_GIVEN."""
    return [Entry(*(text.replace("%3D", "=") for text in part.split("|"))) for part in value.split("~") if part != "."]
