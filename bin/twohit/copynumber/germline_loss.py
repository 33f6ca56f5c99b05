"""Which allele of each heterozygous germline variant a tumour lost: states of all solutions, weighed by its reads."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.copynumber.clonality import SEQUENCING_ERROR, LocalCopies, biased, log_likelihood
from twohit.copynumber.local_copies import CopyNumber
from twohit.copynumber.mutations import KEY, read_genotypes
from twohit.tables import read_table, write_table

MIN_NORMAL_READS = 8  # below, a heterozygous variant is not told from a homozygous one
HETEROZYGOUS = (0.2, 0.8)  # VAF in the normal
KINDS = ("variant", "reference", "both", "none")


def germline_loss(
    tumor: str, out: Path, solutions: Path, purity_ploidy: Path, germline: Path, genotypes: Path | None = None
) -> pd.DataFrame:
    """Write the GERMLINE_LOSS table: heterozygous germline variants and the allele that the tumour kept.

    Raises
    ------
    InputError
        Files that do not fit their schema or each other.
    """
    copies = CopyNumber(solutions, purity_ploidy, tumor)
    variants = read_germline(germline)
    if genotypes is not None:
        reads = read_genotypes(genotypes, tumor).set_index(KEY)
        known = reads.reindex(pd.MultiIndex.from_frame(variants[KEY])).to_numpy(dtype=float)
        for k, name in enumerate(("ref_count", "alt_count")):
            variants[name] = np.where(np.isnan(known[:, k]), variants[name], known[:, k])
    rows = [_row(variant, copies) for variant in variants.itertuples()]
    table = pd.DataFrame(rows, columns=schemas.GERMLINE_LOSS.names)
    write_table(table, schemas.GERMLINE_LOSS, out)
    return table


def read_germline(path: Path) -> pd.DataFrame:
    """Heterozygous germline rows of a VARIANTS table: chrom, pos, ref, alt, gene, the tumour's reads."""
    table = read_table(path, schemas.VARIANTS)
    table = table[table["origin"] == "germline"].drop_duplicates(KEY).reset_index(drop=True)
    ref, alt = (table[name].astype("float64").to_numpy() for name in ("normal_ref", "normal_alt"))
    depth = np.nan_to_num(ref + alt)
    vaf = np.nan_to_num(alt) / np.maximum(depth, 1)
    keep = (depth >= MIN_NORMAL_READS) & (vaf >= HETEROZYGOUS[0]) & (vaf <= HETEROZYGOUS[1])
    out = table.loc[keep, [*KEY, "gene"]].reset_index(drop=True)
    for name, source in (("ref_count", "tumor_ref"), ("alt_count", "tumor_alt")):
        out[name] = table.loc[keep, source].astype("float64").to_numpy()
    return out


def allele_probabilities(
    ref: float, alt: float, states: list[LocalCopies], overdispersion: float
) -> tuple[dict[str, float], float]:
    """Probability of each kind of loss, and the expected share of tumour cells with one.

    Either allele may be the rarer one, with equal prior. Germline VAF under a state, a variant copies in the aberrant
    clone (share c) and b in the other tumour cells: (p (c a + (1 - c) b) + (1 - p)) / (p T + 2 (1 - p)).

    Parameters
    ----------
    ref, alt : float
        The tumour's reads; NaN where unknown (then the states alone speak).
    states : list of LocalCopies
        Weights sum to one.

    Returns
    -------
    (dict of str to float, float)
        Keys are KINDS; they sum to one.
    """
    mass, share = dict.fromkeys(KINDS, 0.0), 0.0
    logs = [(state, a, b, _log_reads(ref, alt, state, a, b, overdispersion)) for state, a, b in _placed(states)]
    top = max(value for *_, value in logs)
    for state, a, b, value in logs:
        weight = 0.5 * state.weight * float(np.exp(value - top))
        kind = _kind(state, a, b)
        mass[kind] += weight
        outside = state.neutral_minor > 0  # the other cells have both alleles
        share += weight * (state.share * (kind != "both") + (1 - state.share) * (not outside))
    total = sum(mass.values())
    return {kind: value / total for kind, value in mass.items()}, share / total


def _placed(states: list[LocalCopies]) -> list[tuple[LocalCopies, int, int]]:
    """Each state twice: the variant on the rarer allele, and on the other one."""
    out = []
    for state in states:
        out.append((state, state.minor, state.neutral_minor))
        out.append((state, state.total - state.minor, state.neutral_total - state.neutral_minor))
    return out


def _log_reads(ref: float, alt: float, state: LocalCopies, a: int, b: int, overdispersion: float) -> float:
    if not ref + alt > 0:
        return 0.0
    p = state.purity
    mutated = p * (state.share * a + (1 - state.share) * b) + (1 - p)
    vaf = mutated / np.maximum(p * state.mean_total + state.normal * (1 - p), 1e-9)
    vaf = biased(np.clip(vaf, 0.0, 1.0), state.reference_bias)
    vaf = SEQUENCING_ERROR + (1 - 2 * SEQUENCING_ERROR) * vaf
    value = log_likelihood(ref, alt, vaf, overdispersion)
    return float(np.logaddexp.reduce(value + np.log(np.maximum(state.purity_weight, 1e-300))))


def _kind(state: LocalCopies, variant_copies: int, of_the_others: int) -> str:
    """Allele that is left; where no copy is, in cells of which all others have one allele, that of these."""
    total = state.total
    if total == 0 and state.neutral_minor == 0 and state.share < 1:
        total, variant_copies = state.neutral_total, of_the_others
    if total == 0:
        return "none"
    if variant_copies == 0:
        return "reference"
    return "variant" if variant_copies == total else "both"


def _row(variant, copies: CopyNumber) -> tuple:
    ref, alt = variant.ref_count, variant.alt_count
    vaf = float(alt / (ref + alt)) if ref + alt > 0 else None
    place = (variant.chrom, variant.pos, variant.ref, variant.alt, variant.gene, vaf)
    states = copies.all_at(variant.chrom, variant.pos)
    if not states or states[0].normal != 2:  # one copy in a normal cell: not heterozygous
        return (*place, None, None, None, None, None)
    chance, share = allele_probabilities(ref, alt, states, copies.overdispersion)
    kept = max(KINDS, key=lambda kind: chance[kind])
    told = [min(chance[kind], 1.0) for kind in ("variant", "reference", "both")]
    return (*place, kept, *told, min(share, 1.0))
