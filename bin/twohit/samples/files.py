"""What the header of a file in the samplesheet tells: indexes, read groups, Mutect2's state, tumours in a counts file.

Standard library only, see `twohit.samples.rows`. Every `check_` function takes path, sample and kind and returns what
is wrong with the fix, or None.
"""

import gzip
import hashlib
import os
import re
import struct

from twohit.errors import UNREADABLE
from twohit.textfiles import open_text

READ_SUFFIXES = (".fastq", ".fq", ".fastq.gz", ".fq.gz")
COUNTS_START = ["Chromosome", "Position", "Ref", "Alt"]
FILES_PER_SAMPLE = 4  # FileNR, FileNA, FileNE, FileND of snp-pileup
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
TUMOUR_COLUMNS = ("TUMOR", "TUMOUR")  # what Strelka, VarScan, MuSE and SomaticSniper call the tumour in a VCF
LOOKED_AT = 1 << 16  # bytes at both ends of a file that tell it from any other of its size


def content_key(path: str) -> str:
    """Key that two files share when they hold the same: size and both ends; the path where it cannot be read."""
    try:
        with open(path, "rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            start = handle.read(LOOKED_AT)
            handle.seek(max(0, size - LOOKED_AT))
            end = handle.read()
    except OSError:
        size = 0
    if size == 0:
        return os.path.realpath(path)
    return f"{size}:{hashlib.sha256(start + end).hexdigest()}"


def check_reads(path: str, sample: str | None, kind: str | None) -> str | None:
    """Check a FASTQ file by its name and first line."""
    if not path.endswith(READ_SUFFIXES):
        return f"is not a FASTQ file; its name ends in {', '.join(READ_SUFFIXES)}"
    try:
        with open_text(path, errors="replace") as handle:
            start = handle.read(1)
    except UNREADABLE as error:
        return f"cannot be read ({error}); copy or make it again"
    return None if start == "@" else "does not start with '@' as FASTQ does; give a FASTQ file"


def alignment_index(path: str) -> str | None:
    """Path of the index beside a BAM or CRAM, None when there is none (for a URI: where it is expected)."""
    stem = path.rsplit(".", 1)[0]
    if path.endswith(".cram"):
        names = [f"{path}.crai", f"{stem}.crai"]
    else:
        names = [f"{path}.bai", f"{stem}.bai", f"{path}.csi"]
    if "://" in path:
        return names[0]
    return next((name for name in names if os.path.isfile(name)), None)


def check_alignment(path: str, sample: str | None, kind: str | None) -> str | None:
    """Check that a BAM or CRAM has its index and that its read groups name the sample."""
    if not path.endswith((".bam", ".cram")):
        return "is not an alignment; its name ends in .bam or .cram"
    index = alignment_index(path)
    if index is None:
        return f"has no index beside it; run: samtools index {os.path.basename(path)}"
    if os.path.getmtime(index) + 1 < os.path.getmtime(path):
        return f"its index {os.path.basename(index)} is older than it; run: samtools index {os.path.basename(path)}"
    if path.endswith(".cram"):
        return None
    try:
        names = set(re.findall(r"^@RG\t.*?\bSM:([^\t\n]+)", bam_header(path), re.MULTILINE))
    except (*UNREADABLE, struct.error) as error:
        return f"is not a readable BAM ({error}); make it again"
    if len(names) > 1:
        return f"holds reads of several samples ({', '.join(sorted(names))}); split it: samtools split"
    return None


def bam_header(path: str) -> str:
    """Text header of a BAM file."""
    with gzip.open(path, "rb") as handle:
        if handle.read(4) != b"BAM\x01":
            raise OSError("it does not start as BAM does")
        (length,) = struct.unpack("<i", handle.read(4))
        return handle.read(length).decode("utf-8", errors="replace")


def vcf_header(path: str) -> list[str]:
    """Header lines of a VCF, the column line last; raises OSError when there is none."""
    lines = []
    with open_text(path, errors="replace") as handle:
        for line in handle:
            lines.append(line.rstrip("\r\n"))
            if not line.startswith("##"):
                break
    if not lines or not lines[-1].startswith("#CHROM\t"):
        raise OSError("it has no #CHROM line")
    return lines


def own_column(names: list[str], sample: str) -> str | None:
    """Column of a sample: of its name, or of a caller's general name for it; None where neither is there."""
    if sample in names:
        return sample
    general = [name for name in names if name.upper() in TUMOUR_COLUMNS]
    if not general and [name.upper() for name in names] == ["NORMAL"]:
        general = names
    return general[0] if len(general) == 1 else None


def check_vcf(path: str, sample: str | None, kind: str | None) -> str | None:
    """Check that a VCF is readable and holds the row's sample."""
    if not path.endswith((".vcf", ".vcf.gz")):
        return "is not a VCF; its name ends in .vcf or .vcf.gz"
    try:
        lines = vcf_header(path)
        unfiltered = kind == "tumor" and not _is_raw(lines) and _without_filter(path)
    except UNREADABLE as error:
        return f"is not a readable VCF ({error}); make it again"
    names = lines[-1].split("\t")[9:]
    if unfiltered:
        return "no record has a FILTER, so every artefact would count; filter the calls, or give Mutect2's raw VCF"
    if not names and kind == "tumor" and any(line.startswith("##INFO=<ID=DP4,") for line in lines):
        return None  # LoFreq tells the tumour's reads in INFO
    if sample and (own_column(names, sample) is None or (kind == "tumor" and _of_normal(names, sample))):
        held = ", ".join(names) or "none"
        return f"has no sample {sample!r} (it has: {held}); use its name in column 'sample' or run bcftools reheader"
    return None


def _of_normal(names: list[str], sample: str) -> bool:
    """Whether the only column is a caller's general name of a normal."""
    return sample not in names and [name.upper() for name in names] == ["NORMAL"]


def _is_raw(lines: list[str]) -> bool:
    """Whether the header is that of Mutect2's unfiltered calls."""
    return any(line.startswith("##filtering_status=") and "unfiltered" in line for line in lines)


def _without_filter(path: str) -> bool:
    """Whether there are records and none of them says PASS or names a filter."""
    number = 0
    with open_text(path, errors="replace") as handle:
        for line in handle:
            if line.startswith("#"):
                continue
            cells = line.split("\t", 7)
            if len(cells) > 6 and cells[6] not in (".", ""):
                return False
            number += 1
    return number > 0


def vcf_facts(path: str, sample: str) -> dict:
    """Tell raw from filtered calls by Mutect2's header, find the statistics beside them and the normal's name.

    Returns
    -------
    dict
        vcf_state (raw or filtered), vcf_stats (path or None), vcf_normal (name in the VCF or None).
    """
    try:
        lines = vcf_header(path)
    except UNREADABLE:
        return {"vcf_state": None, "vcf_stats": None, "vcf_normal": None}
    names = lines[-1].split("\t")[9:]
    told = [line.split("=", 1)[1] for line in lines if line.startswith("##normal_sample=")]
    others = [name for name in names if name != own_column(names, sample)]
    normal = next((name for name in told if name in others), None)
    if normal is None and len(others) == 1 and not any(line == f"##tumor_sample={others[0]}" for line in lines):
        normal = others[0]
    stats = f"{path}.stats"
    return {
        "vcf_state": "raw" if _is_raw(lines) else "filtered",
        "vcf_stats": stats if os.path.isfile(stats) else None,
        "vcf_normal": normal,
    }


def counts_tumors(path: str) -> int | None:
    """Number of tumours in a snp-pileup file (its samples without File1), None when its header is another."""
    try:
        with open_text(path, errors="replace") as handle:
            header = [name.strip().strip('"') for name in handle.readline().split(",")]
    except UNREADABLE:
        return None
    files = len(header) - len(COUNTS_START)
    if header[:4] != COUNTS_START or files % FILES_PER_SAMPLE or files < 2 * FILES_PER_SAMPLE:
        return None
    return files // FILES_PER_SAMPLE - 1


def check_counts(path: str, sample: str | None, kind: str | None) -> str | None:
    """Check that a counts file has the columns of snp-pileup and at least one tumour."""
    if counts_tumors(path) is None:
        columns = ",".join([*COUNTS_START, "File1R", "File1A", "File1E", "File1D", "File2R ..."])
        return f"lacks snp-pileup's columns {columns}; make it with count_snps.py"
    return None
