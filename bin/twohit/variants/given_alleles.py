"""Which allele of a record an entry of CSQ, ANN or BCSQ belongs to; each tool names alleles in its own way."""

from typing import NamedTuple

from twohit.errors import InputError

# Terms of what lies beside a gene, not in it: no consequence for the gene they name.
BESIDE = (
    "upstream_gene_variant",
    "downstream_gene_variant",
    "intergenic_variant",
    "intergenic_region",
    "regulatory_region_variant",
    "TF_binding_site_variant",
    "TFBS_ablation",
    "TFBS_amplification",
    "regulatory_region_ablation",
    "regulatory_region_amplification",
    "sequence_feature",
    "structural_interaction_variant",
    "custom",
)
TRANSCRIPT = ("Transcript", "transcript", "")  # kinds of feature that are transcripts; left out: taken as one


class Entry(NamedTuple):
    """What a tool told of one allele on one transcript; empty where it did not."""

    terms: str
    symbol: str
    gene_id: str
    transcript: str
    hgvs_c: str
    hgvs_p: str


def csq_entries(fields: tuple[str, ...], alleles: tuple[str, ...], value: str) -> list[list[Entry]]:
    """Entries of VEP's CSQ for each alternative allele; `alleles` are REF and ALT of the record."""
    names = _vep_names(alleles)
    found = [[] for _ in alleles[1:]]
    for part in value.split(","):
        row = dict(zip(fields, part.split("|"), strict=False))
        if len(part.split("|")) != len(fields):
            raise InputError(f"an entry of CSQ has {part.count('|') + 1} fields where the header names {len(fields)}")
        if row.get("Feature_type", "") not in TRANSCRIPT:
            continue
        number = row.get("ALLELE_NUM") or ""
        index = int(number) - 1 if number.isdigit() else _index(row["Allele"], names, "CSQ")
        entry = Entry(
            row["Consequence"], row.get("SYMBOL", ""), row["Gene"], row["Feature"],
            row.get("HGVSc", ""), row.get("HGVSp", ""),
        )  # fmt: skip
        _keep(found, index, entry)
    return found


def ann_entries(fields: tuple[str, ...], alleles: tuple[str, ...], value: str) -> list[list[Entry]]:
    """Entries of SnpEff's ANN for each alternative allele, which it names as VCF does."""
    found = [[] for _ in alleles[1:]]
    for part in value.split(","):
        texts = part.split("|")
        if len(texts) < len(fields):
            raise InputError(f"an entry of ANN has {len(texts)} fields, fewer than the {len(fields)} of SnpEff")
        row = dict(zip(fields, texts, strict=False))
        if row["Feature_Type"] not in TRANSCRIPT:
            continue
        index = _index(row["Allele"].split("-", 1)[0], list(alleles[1:]), "ANN")
        entry = Entry(
            row["Annotation"], row["Gene_Name"], row["Gene_ID"], row["Feature_ID"], row["HGVS.c"], row["HGVS.p"]
        )
        _keep(found, index, entry)
    return found


def bcsq_entries(alleles: tuple[str, ...], value: str) -> list[list[Entry]]:
    """Entries of bcftools csq's BCSQ; one that names no change (an intron, a UTR) is of every allele."""
    found = [[] for _ in alleles[1:]]
    for part in value.split(","):
        texts = part.split("|")
        if part.startswith("@") or len(texts) < 4:
            continue  # a pointer to the record where a compound change is told
        entry = Entry(texts[0].replace("*", ""), texts[1], "", texts[2], "", "")
        change = texts[6].split("+") if len(texts) > 6 else []
        of = [i for i, alt in enumerate(alleles[1:]) if any(one.endswith(f">{alt}") for one in change)]
        for index in of or range(len(found)):
            _keep(found, index, entry)
    return found


def _vep_names(alleles: tuple[str, ...]) -> list[str]:
    """Name alternative alleles as VEP does: without the first base where lengths differ and all share it."""
    real = [allele for allele in alleles if "*" not in allele]
    if len({len(allele) for allele in alleles}) == 1 or len({allele[:1] for allele in real}) != 1:
        return list(alleles[1:])
    return [allele if "*" in allele else allele[1:] or "-" for allele in alleles[1:]]


def _index(name: str, names: list[str], tag: str) -> int:
    """Which alternative allele a name means; the only one there is when it was written in another way."""
    if name in names:
        return names.index(name)
    if len(names) == 1:
        return 0
    raise InputError(
        f"{tag} names the allele {name!r}, which is none of {', '.join(names)}; "
        "split the record (bcftools norm -m-) before it is annotated"
    )


def _keep(found: list[list[Entry]], index: int, entry: Entry) -> None:
    if not 0 <= index < len(found):
        raise InputError(f"allele number {index + 1} of CSQ is not one of the {len(found)} of the record")
    terms = [term for term in entry.terms.split("&") if term and term not in BESIDE]
    if terms:
        found[index].append(entry._replace(terms="&".join(terms)))
