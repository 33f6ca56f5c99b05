"""FilterMutectCalls passes a record when one allele passes: each allele's own filters, before records are split."""

from pathlib import Path

from twohit.variants import vcf_io
from twohit.variants.filter_names import PASS, gatk_allele_filters

THEIRS, OURS = "AS_FilterStatus", "AS_FILTER"
OUR_LINE = f'##INFO=<ID={OURS},Number=A,Type=String,Description="Filters of each allele, joined by |">'


def spell_out(source: Path, out: Path) -> None:
    """Copy a VCF (text), each allele's filters in INFO AS_FILTER, as filter_somatic.py writes them.

    GATK joins alleles by '|' and an allele's filters by ',', the other way round than VCF: splitting such a record
    gives all filters to one allele, or fails.

    Parameters
    ----------
    source : Path
        VCF; one that has AS_FILTER already, or no per-allele filters at all, is copied as it is.
    out : Path
        File to write.
    """
    header = vcf_io.read_header(source)
    known = any(line.startswith(f"##INFO=<ID={OURS},") for line in header.lines)
    lines = [line for line in header.lines if not line.startswith(f"##INFO=<ID={THEIRS},")]
    with out.open("w", encoding="utf-8") as handle:
        handle.writelines(f"{line}\n" for line in [*lines, *([] if known else [OUR_LINE])])
        for line in vcf_io.lines_of(source):
            if line.startswith("#CHROM"):
                handle.write(f"{line}\n")
            elif line and not line.startswith("#"):
                handle.write(f"{_with_own_filters(line)}\n")


def _with_own_filters(line: str) -> str:
    fields = line.split("\t")
    if len(fields) <= vcf_io.N_FIXED or f"{THEIRS}=" not in fields[7]:
        return line
    record = vcf_io.parse(fields)
    if len(record.alts) > 1 and OURS not in record.info:
        record.info[OURS] = ",".join("|".join(names) or PASS for names in gatk_allele_filters(record))
    del record.info[THEIRS]
    fields[7] = ";".join(f"{key}={value}" if value else key for key, value in record.info.items()) or "."
    return "\t".join(fields)
