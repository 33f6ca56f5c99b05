"""What is read of a VCF of calls: sample columns, alleles, csq's entries, depths, filters and posteriors."""

from twohit.errors import InputError
from twohit.variants.coding import PLAIN_BASES
from twohit.variants.csq import Request
from twohit.variants.given import OURS, unpacked

NO_ALLELE = ("*", "<*>", "<NON_REF>", "<X>")  # an overlapping deletion or "any other allele": described elsewhere


def sample_columns(request: Request) -> dict[str, str | None]:
    """Which VCF column is the tumour and which the normal."""
    import pysam

    try:
        with pysam.VariantFile(str(request.vcf)) as handle:
            there = list(handle.header.samples)
    except (ValueError, OSError) as error:
        raise InputError(f"{request.vcf}: not a readable VCF ({error}); make it again") from error
    tumor, normal = request.tumor, request.normal
    if request.origin == "germline":
        tumor = tumor if tumor in there else None
        normal = normal if normal is not None or len(there) != 1 else there[0]
    for option, name in (("--tumor", tumor), ("--normal", normal)):
        if name is not None and name not in there:
            raise InputError(
                f"{request.vcf}: sample {name!r} is not in it; give {option} one of {', '.join(there) or '(none)'}"
            )
    return {"tumor": tumor, "normal": normal}


def read_allele_record(record, samples: dict[str, str | None]) -> dict | None:
    """Read what is needed of one split record; None for a placeholder allele."""
    if not record.alts or record.alts[0] in NO_ALLELE:
        return None
    info = record.info
    entries = [entry.split("|") for entry in _many(info, "BCSQ") if not entry.startswith("@")]
    given = [entry for value in _many(info, OURS) for entry in unpacked(value)]
    return {
        "chrom": record.chrom,
        "pos": record.pos,
        "ref": record.ref.upper(),
        "alt": record.alts[0].upper() if set(record.alts[0].upper()) <= PLAIN_BASES else record.alts[0],
        "entries": [entry for entry in entries if len(entry) >= 4 and entry[1]],
        "given": given,
        "filter": _many(info, "AS_FILTER")[0].replace("|", ";") if _many(info, "AS_FILTER") else _filters(record),
        "filter_gatk": ";".join(_many(info, "FILTER_GATK")) or None,
        "filter_twohit": ";".join(_many(info, "FILTER_TWOHIT")) or None,
        "somatic_posterior": _number(info, "SOMATIC_POSTERIOR"),
        **_depths(record, samples),
    }


def _filters(record) -> str:
    """FILTER of a record; one without any is told as PASS."""
    return ";".join(record.filter.keys()) or "PASS"


def _many(info, key: str) -> list[str]:
    if key not in info:
        return []
    value = info[key]
    return [str(item) for item in (value if isinstance(value, tuple) else (value,)) if item is not None]


def _number(info, key: str) -> float | None:
    found = _many(info, key)
    return min(1.0, max(0.0, float(found[0]))) if found else None


def _depths(record, samples) -> dict[str, int | None]:
    counts = {}
    for kind in ("tumor", "normal"):
        depths = record.samples[samples[kind]].get("AD") if samples[kind] else None
        known = isinstance(depths, tuple) and len(depths) == 2  # VarScan's own AD is one number
        counts[f"{kind}_ref"], counts[f"{kind}_alt"] = depths if known else (None, None)
    return counts
