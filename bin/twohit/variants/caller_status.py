"""What a caller says of a variant beside its filter: that it is inherited, or absent from the tumour.

VarDict, VarScan, SomaticSniper and others write every difference that they see, inherited ones with FILTER PASS too.
"""

from pathlib import Path

from twohit.variants import vcf_io
from twohit.variants.filter_names import PASS

GERMLINE, LOH, ABSENT = "called_germline", "called_loh", "called_absent"
LINES = (
    f'##FILTER=<ID={GERMLINE},Description="The caller itself says that the variant is inherited">',
    f'##FILTER=<ID={LOH},Description="The caller itself says that an inherited variant lost its other allele">',
    f'##FILTER=<ID={ABSENT},Description="The caller itself says that the variant is not in the tumour">',
)
VARDICT = {  # INFO STATUS
    "Germline": GERMLINE,
    "AFDiff": GERMLINE,
    "StrongLOH": LOH,
    "LikelyLOH": LOH,
    "Deletion": ABSENT,
}
NUMBERS = {"0": ABSENT, "1": GERMLINE, "3": LOH}  # SS: INFO of VarScan; FORMAT of SomaticSniper, MuSE, Mutect 1


def not_somatic(record: vcf_io.Record, column: int | None) -> str | None:
    """Filter for a record that its own caller does not call somatic, else None; `column`: of the tumour."""
    info = record.info
    if info.get("STATUS") in VARDICT:
        return VARDICT[info["STATUS"]]
    if info.get("GermlineStatus", "").startswith("Germline"):  # DRAGEN without a normal
        return GERMLINE
    return NUMBERS.get(info.get("SS") or (record.sample(column, "SS") if column is not None else None) or "")


def with_status(source: Path, out: Path, tumor: str | None) -> None:
    """Copy a VCF (text); what its caller does not call somatic gets a filter that says so.

    Parameters
    ----------
    source, out : Path
        VCF to read and to write.
    tumor : str or None
        Column of the tumour.
    """
    header = vcf_io.read_header(source)
    column = header.samples.index(tumor) if tumor in header.samples else None
    with out.open("w", encoding="utf-8") as handle:
        for line in vcf_io.lines_of(source):
            if line.startswith("#CHROM"):
                handle.writelines(f"{text}\n" for text in LINES)
            handle.write(f"{line if line.startswith('#') else _judged(line, column)}\n")


def _judged(line: str, column: int | None) -> str:
    fields = line.split("\t")
    if len(fields) <= vcf_io.N_FIXED:
        return line
    found = not_somatic(vcf_io.parse(fields), column)
    if found is None:
        return line
    kept = [name for name in fields[6].split(";") if name not in (PASS, ".", "", found)]
    return "\t".join([*fields[:6], ";".join([*kept, found]), *fields[7:]])
