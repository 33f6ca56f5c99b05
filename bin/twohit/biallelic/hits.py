"""The hits of one gene in one sample: which mutations count, which are seen but not counted, which a filter removed."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from twohit.biallelic.arrangements import HitKind
from twohit.biallelic.breakpoints import breakpoint_rows, holds
from twohit.biallelic.evidence import PatientEvidence, SampleEvidence, variant_key
from twohit.biallelic.exons import exon_rows
from twohit.biallelic.hit_reads import counts_of, genotype_of, match_key, split_key
from twohit.biallelic.parameters import HETEROZYGOUS, Parameters
from twohit.biallelic.posterior import Hit
from twohit.biallelic.same_event import left_to_copies, once, told_by_copies
from twohit.biallelic.states import GeneCopies
from twohit.genome.contigs import Position

KEPT = ("PASS", ".")
INHERITED_FILTERS = {"germline", "called_germline", "called_loh"}  # a caller's own word for no somatic call
DAMAGING = ("loss", "epitope_altered")


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
    inherited: bool = False  # a germline call that passed, in enough of the normal's reads
    undecided: bool = False  # a rearrangement of which the tables do not tell whether it breaks the gene
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
    parameters: Parameters,
    copies: GeneCopies | None = None,
) -> list[Mutation]:
    """Collect the variants, breakpoints and lost exons of the patient in `gene`, with their reads in `sample`.

    `copies` are the gene's in this sample: a junction that they tell already is no hit of its own. A variant has one
    entry, however its contig is spelt: the germline's where it is inherited for certain, else the somatic calls'.
    """
    found = _somatic_rows(gene, position, evidence)
    inherited: dict[str, Mutation] = {}
    for row in _rows(evidence.germline, gene):
        key = match_key(variant_key(row))
        if key not in inherited:
            own = next((one for name, one in found.get(key, []) if name == sample.sample), None)
            inherited[key] = _germline(row, own, sample, parameters)
    made = []
    for key, rows in found.items():
        if any(row["origin"] == "germline" for _, row in rows):
            inherited.setdefault(key, _inherited_junction(rows, sample, parameters))
            continue
        if key in inherited and inherited[key].inherited:
            inherited[key].called_in = _called_in(rows)
            continue
        made.append(_somatic(rows, sample, parameters))
        _leave_to_copies(made[-1], rows, position, sample, copies)
    return made + list(inherited.values())


def _somatic_rows(gene: str, position: Position, evidence: PatientEvidence) -> dict[str, list[tuple[str, pd.Series]]]:
    """Somatic rows of the gene with their samples, by the variant."""
    found: dict[str, list[tuple[str, pd.Series]]] = {}
    for other in evidence.samples:
        for row in _rows(other.variants, gene):
            if row["origin"] == "somatic":
                found.setdefault(match_key(variant_key(row)), []).append((other.sample, row))
        broken = once(breakpoint_rows(gene, position, other.junctions or [], other.exons))
        for found_one in [*broken, *exon_rows(gene, other)]:
            row = pd.Series(found_one)
            found.setdefault(match_key(variant_key(row)), []).append((other.sample, row))
    return found


def _called_in(rows: list[tuple[str, pd.Series]]) -> list[str]:
    """Samples whose somatic calls keep a variant."""
    return [name for name, row in rows if row["filter"] in KEPT]


def unread_hits(mutations: list[Mutation]) -> str:
    """Words for damaging hits that were called and whose reads in the sample nothing tells; empty without such."""
    unknown = [mutation.label for mutation in mutations if mutation.unread and mutation.depth is None]
    uncovered = [mutation.label for mutation in mutations if mutation.unread and mutation.depth == 0]
    told = []
    if unknown:
        were, carry = ("was", "carry it") if len(unknown) == 1 else ("were", "carry them")
        told.append(f"{' and '.join(unknown)} {were} called, but not how many reads {carry}")
    if uncovered:
        were, covers = ("was", "it") if len(uncovered) == 1 else ("were", "them")
        told.append(f"{' and '.join(uncovered)} {were} called, but no read of this sample covers {covers}")
    return "; ".join(told)


def _rows(table: pd.DataFrame | None, gene: str) -> list[pd.Series]:
    if table is None:
        return []
    return [row for _, row in table[table["gene"] == gene].iterrows()]


def _detected(made: Mutation, sample: SampleEvidence) -> Mutation:
    """Add what forced genotyping says of the variant in this sample."""
    genotype = genotype_of(made.key, sample)
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


def _somatic(rows: list[tuple[str, pd.Series]], sample: SampleEvidence, parameters: Parameters) -> Mutation:
    """Make one somatic mutation out of its rows in all samples; a call kept in any sample keeps it in the patient."""
    own = next((row for name, row in rows if name == sample.sample), None)
    kept = [(name, row) for name, row in rows if row["filter"] in KEPT]
    shown = own if own is not None and (own["filter"] in KEPT or not kept) else (kept or rows)[0][1]
    key = variant_key(shown)
    made = _detected(_describe(key, shown, counts_of(key, own, sample)), sample)
    made.called_in = _called_in(rows)
    posteriors = [row["somatic_posterior"] for _, row in (kept or rows) if not pd.isna(row["somatic_posterior"])]
    made.removed = not kept
    real = float(max(posteriors)) if posteriors else parameters.default_somatic_posterior
    if made.removed:
        real *= parameters.removed_weight * (bool(posteriors) or not _not_meant(shown))
    if made.judgement not in DAMAGING:
        made.why_not = _not_damaging(made)
        made.undecided = made.judgement == "uncertain" and bool(kept) and shown.get("junction") is not None
    elif made.removed and real < parameters.removed_weight * parameters.min_removed_posterior:
        made.why_not = f"removed by the filter ({made.filter})"
    elif not made.depth:
        made.unread = own is not None or made.depth == 0
        why = "no read of this sample covers it" if made.depth == 0 else "its reads were not counted in this sample"
        made.why_not = f"called in {', '.join(made.called_in) or 'another sample'}; {why}"
    else:
        made.counted = True
        elsewhere = sample.sample not in made.called_in and not made.removed
        kind = HitKind(epitope=made.judgement == "epitope_altered")
        made.hit = Hit(made.label, kind, made.alt, made.depth, min(real, 1.0), elsewhere, _bias(key, parameters))
    return made


def _not_meant(row: pd.Series) -> bool:
    """Whether a call that a caller without probabilities removed is an inherited one, or a junction: of those callers
    list thousands that they do not believe in.
    """
    return row.get("junction") is not None or bool(INHERITED_FILTERS & set(row["filter"].split(";")))


def _inherited_junction(rows: list[tuple[str, pd.Series]], sample: SampleEvidence, parameters: Parameters) -> Mutation:
    """Make a germline hit of a junction that the normal has; only the sample's own file tells its reads there."""
    own = next((row for name, row in rows if name == sample.sample), None)
    of_normal = next(row for _, row in rows if row["origin"] == "germline")
    shown = of_normal.copy()
    for name in ("tumor_ref", "tumor_alt"):
        shown[name] = None if own is None else own[name]
    return _germline(shown, None, sample, parameters)


def _leave_to_copies(
    made: Mutation,
    rows: list[tuple[str, pd.Series]],
    position: Position,
    sample: SampleEvidence,
    copies: GeneCopies | None,
) -> None:
    """Take a junction that is the gene's own loss of copies out of the hits."""
    one = rows[0][1].get("junction") if copies is not None else None
    why = told_by_copies(one, position, sample, copies) if one is not None and (made.counted or made.unread) else None
    if why is None and one is not None and holds(one, position):
        why = left_to_copies(one, rows[0][1]["gene"], sample)
    if why is not None:
        made.counted, made.unread, made.hit, made.why_not = False, False, None, why


def _bias(key: str, parameters: Parameters) -> float:
    """Reference bias of a variant's reads; breakpoints and losses of exons are not read as bases."""
    parts = split_key(key)
    return parameters.reference_bias if parts and set("".join(parts[2:])) <= set("ACGT") else 0.0


def _germline(row: pd.Series, own: pd.Series | None, sample: SampleEvidence, parameters: Parameters) -> Mutation:
    """Make a germline mutation; `own` is the sample's somatic call of it, if there is one, for its reads."""
    key = variant_key(row)
    counts = counts_of(key, row, sample)
    made = _detected(_describe(key, row, counts if counts[0] is not None else counts_of(key, own, sample)), sample)
    made.removed = row["filter"] not in KEPT
    fraction = np.nan
    if not pd.isna(row["normal_alt"]) and not pd.isna(row["normal_ref"]) and row["normal_alt"] + row["normal_ref"] > 0:
        fraction = row["normal_alt"] / (row["normal_alt"] + row["normal_ref"])
    made.inherited = not made.removed and not fraction < HETEROZYGOUS[0]
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
