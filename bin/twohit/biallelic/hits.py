"""The hits of one gene in one sample: which mutations count, which are seen but not counted, which a filter removed."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from twohit.biallelic.arrangements import HitKind
from twohit.biallelic.breakpoints import breakpoint_rows
from twohit.biallelic.evidence import PatientEvidence, SampleEvidence, variant_key
from twohit.biallelic.exons import exon_rows
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.posterior import Hit
from twohit.biallelic.same_event import told_by_copies
from twohit.biallelic.states import GeneCopies
from twohit.genome.contigs import Position

KEPT = ("PASS", ".")
DAMAGING = ("loss", "epitope_altered")
HETEROZYGOUS = (0.2, 0.85)  # share of alternative reads in the normal between which a germline variant is heterozygous


@dataclass
class Mutation:
    """One variant of the gene as it is reported; `counted` when it enters the model, else `why_not` says why."""

    key: str
    origin: str
    label: str
    hgvs_c: str | None
    hgvs_p: str | None
    consequence: str | None
    judgement: str
    judgement_reason: str | None
    filter: str
    somatic_posterior: float | None
    alt: int | None
    depth: int | None
    called_in: list[str] = field(default_factory=list)
    counted: bool = False
    removed: bool = False
    why_not: str = ""
    unread: bool = False  # damaging and called in this sample, but nothing tells how many reads carry it
    hit: Hit | None = None
    status: str | None = None  # of forced genotyping: detected, not_detected, not_assessable
    vaf_lower: float | None = None
    vaf_upper: float | None = None
    detectable_vaf: float | None = None

    @property
    def vaf(self) -> float | None:
        """Share of alternative reads in this sample, None without reads."""
        return self.alt / self.depth if self.depth else None


def gene_mutations(
    gene: str,
    position: Position,
    sample: SampleEvidence,
    evidence: PatientEvidence,
    copies: GeneCopies,
    parameters: Parameters,
) -> list[Mutation]:
    """Collect the variants, breakpoints and lost exons of the patient in `gene`, with their reads in `sample`.

    `copies` are the gene's in this sample: a junction that they tell already is no hit of its own.
    """
    found: dict[str, list[tuple[str, pd.Series]]] = {}
    for other in evidence.samples:
        for row in _rows(other.variants, gene):
            if row["origin"] == "somatic":
                found.setdefault(variant_key(row), []).append((other.sample, row))
        broken = breakpoint_rows(gene, position, other.junctions or [], other.exons)
        for found_one in [*broken, *exon_rows(gene, other)]:
            row = pd.Series(found_one)
            found.setdefault(variant_key(row), []).append((other.sample, row))
    made = [_somatic(key, rows, sample, parameters) for key, rows in found.items()]
    for mutation in made:
        _leave_to_copies(mutation, found[mutation.key], position, sample, copies)
    for row in _rows(evidence.germline, gene):
        if variant_key(row) not in {mutation.key for mutation in made if mutation.origin == "germline"}:
            made.append(_germline(row, sample, parameters))
    return made


def phase_counts(gene: str, sample: SampleEvidence, keys: list[str]) -> dict[tuple[int, int], tuple[int, int]]:
    """Fragments with both hits and with either, for each pair of `keys` (indices i < j) that fragments span."""
    counts: dict[tuple[int, int], tuple[int, int]] = {}
    if sample.phase is None:
        return counts
    for _, row in sample.phase[sample.phase["gene"] == gene].iterrows():
        if row["variant_1"] in keys and row["variant_2"] in keys:
            i, j = sorted((keys.index(row["variant_1"]), keys.index(row["variant_2"])))
            both, either = counts.get((i, j), (0, 0))
            here = int(row["n_both"])
            counts[(i, j)] = (both + here, either + here + int(row["n_first"]) + int(row["n_second"]))
    return {pair: count for pair, count in counts.items() if count[1] > 0 and pair[0] != pair[1]}


def unread_hits(mutations: list[Mutation]) -> str:
    """Words for damaging hits that were called in the sample and whose reads nothing tells; empty without such."""
    names = [mutation.label for mutation in mutations if mutation.unread]
    if not names:
        return ""
    were, carry = ("was", "carry it") if len(names) == 1 else ("were", "carry them")
    return f"{' and '.join(names)} {were} called, but not how many reads {carry}"


def _rows(table: pd.DataFrame | None, gene: str) -> list[pd.Series]:
    if table is None:
        return []
    return [row for _, row in table[table["gene"] == gene].iterrows()]


def _counts(key: str, row: pd.Series | None, sample: SampleEvidence) -> tuple[int | None, int | None]:
    """Alternative reads and depth (both alleles): from forced genotyping, else from the caller's own row."""
    genotype = _genotype(key, sample)
    if genotype is not None:
        return int(genotype["alt_count"]), int(genotype["alt_count"] + genotype["ref_count"])
    if row is not None and not pd.isna(row["tumor_alt"]) and not pd.isna(row["tumor_ref"]):
        return int(row["tumor_alt"]), int(row["tumor_alt"] + row["tumor_ref"])
    return None, None


def _genotype(key: str, sample: SampleEvidence) -> pd.Series | None:
    """Row of the variant in the sample's forced genotyping."""
    if sample.genotypes is None:
        return None
    chrom, pos, ref, alt = key.split(":")
    table = sample.genotypes
    rows = table[(table["pos"] == int(pos)) & (table["chrom"] == chrom) & (table["ref"] == ref) & (table["alt"] == alt)]
    return rows.iloc[0] if len(rows) else None


def _detected(made: Mutation, sample: SampleEvidence) -> Mutation:
    """Add what forced genotyping says of the variant in this sample."""
    genotype = _genotype(made.key, sample)
    if genotype is not None and isinstance(genotype["status"], str):
        made.status = genotype["status"]
        for name in ("vaf_lower", "vaf_upper", "detectable_vaf"):
            setattr(made, name, None if pd.isna(genotype[name]) else float(genotype[name]))
    return made


def _describe(key: str, row: pd.Series, counts: tuple[int | None, int | None]) -> Mutation:
    def text(name: str) -> str | None:
        return row[name] if isinstance(row[name], str) and row[name] else None

    label = row.get("label") or text("hgvs_p") or text("hgvs_c") or key.replace(":", " ", 1)
    return Mutation(
        key=key,
        origin=row["origin"],
        label=label,
        hgvs_c=text("hgvs_c"),
        hgvs_p=text("hgvs_p"),
        consequence=text("consequence"),
        judgement=row["loss_judgement"],
        judgement_reason=text("loss_reason"),
        filter=row["filter"],
        somatic_posterior=None if pd.isna(row["somatic_posterior"]) else float(row["somatic_posterior"]),
        alt=counts[0],
        depth=counts[1],
    )


def _somatic(key: str, rows: list[tuple[str, pd.Series]], sample: SampleEvidence, parameters: Parameters) -> Mutation:
    """Make one somatic mutation out of its rows in all samples; a call kept in any sample keeps it in the patient."""
    own = next((row for name, row in rows if name == sample.sample), None)
    kept = [(name, row) for name, row in rows if row["filter"] in KEPT]
    shown = own if own is not None and (own["filter"] in KEPT or not kept) else (kept or rows)[0][1]
    made = _detected(_describe(key, shown, _counts(key, own, sample)), sample)
    made.called_in = [name for name, _ in kept]
    posteriors = [row["somatic_posterior"] for _, row in (kept or rows) if not pd.isna(row["somatic_posterior"])]
    made.removed = not kept
    if kept:
        real = float(max(posteriors)) if posteriors else parameters.default_somatic_posterior
    else:
        real = parameters.removed_weight * float(max(posteriors)) if posteriors else 0.0
    if made.judgement not in DAMAGING:
        made.why_not = _not_damaging(made)
    elif made.removed and real < parameters.removed_weight * parameters.min_removed_posterior:
        made.why_not = f"removed by the filter ({made.filter})"
    elif made.depth is None:
        made.unread = own is not None
        made.why_not = (
            f"called in {', '.join(made.called_in) or 'another sample'}; its reads were not counted in this sample"
        )
    else:
        made.counted = True
        elsewhere = sample.sample not in made.called_in and not made.removed
        kind = HitKind(epitope=made.judgement == "epitope_altered")
        made.hit = Hit(made.label, kind, made.alt, made.depth, min(real, 1.0), elsewhere, _bias(key, parameters))
    return made


def _leave_to_copies(
    made: Mutation, rows: list[tuple[str, pd.Series]], position: Position, sample: SampleEvidence, copies: GeneCopies
) -> None:
    """Take a junction that is the gene's own loss of copies out of the hits."""
    one = rows[0][1].get("junction")
    why = told_by_copies(one, position, sample, copies) if one is not None and (made.counted or made.unread) else None
    if why is not None:
        made.counted, made.unread, made.hit, made.why_not = False, False, None, why


def _bias(key: str, parameters: Parameters) -> float:
    """Reference bias of a variant's reads; breakpoints and losses of exons are not read as bases."""
    return parameters.reference_bias if set("".join(key.split(":")[2:])) <= set("ACGT") else 0.0


def _germline(row: pd.Series, sample: SampleEvidence, parameters: Parameters) -> Mutation:
    key = variant_key(row)
    made = _detected(_describe(key, row, _counts(key, row, sample)), sample)
    made.removed = row["filter"] not in KEPT
    fraction = np.nan
    if not pd.isna(row["normal_alt"]) and not pd.isna(row["normal_ref"]) and row["normal_alt"] + row["normal_ref"] > 0:
        fraction = row["normal_alt"] / (row["normal_alt"] + row["normal_ref"])
    if made.judgement not in DAMAGING:
        made.why_not = _not_damaging(made)
    elif made.removed:
        made.why_not = f"removed by the filter ({made.filter})"
    elif fraction < HETEROZYGOUS[0]:
        made.why_not = f"only {100 * fraction:.0f} % of the normal's reads: not a heterozygous germline variant"
    else:
        made.counted = True
        kind = HitKind(
            germline=True, homozygous=bool(fraction > HETEROZYGOUS[1]), epitope=made.judgement == "epitope_altered"
        )
        made.hit = Hit(made.label, kind, made.alt or 0, made.depth or 0, reference_bias=_bias(key, parameters))
    return made


def _not_damaging(mutation: Mutation) -> str:
    reason = f": {mutation.judgement_reason}" if mutation.judgement_reason else ""
    if mutation.judgement == "uncertain":
        return f"its effect on the protein is uncertain{reason}"
    return f"does not inactivate the copy{reason}"
