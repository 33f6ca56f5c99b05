"""Clonality of a tumour's mutations from files: variants, solutions and purity in, the CLONALITY table out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.copynumber.clonality import (
    CLONAL_PRIOR,
    UNKNOWN_PURITY,
    CcfPosterior,
    LocalCopies,
    ccf_posterior,
    purity_points,
    weigh_solutions,
)
from twohit.copynumber.profile import normal_copies
from twohit.copynumber.states import neutral_state
from twohit.errors import InputError
from twohit.genome.contigs import plain
from twohit.tables import read_json, read_table, write_table

PRIOR_MUTATIONS = (2.0, 2.0)  # pseudo-counts of clonal and subclonal mutations when their shares are learnt
LEARNING_ROUNDS = 4
LEARN_FROM = 5  # mutations below which the prior stays as it is
MAX_LEARN = 400  # mutations are enough to learn two numbers from


class CopyNumber:
    """Copies at any locus under every solution, read from S.solutions.tsv and S.purity_ploidy.json."""

    def __init__(self, solutions: Path, purity_ploidy: Path):
        """Read and check both files; the error names the file that does not fit."""
        self.table = read_table(solutions, schemas.SOLUTIONS)
        self.fit = read_json(purity_ploidy)
        self.alternatives = self.fit.get("alternatives")
        if not isinstance(self.alternatives, list) or not self.alternatives:
            raise InputError(f"{purity_ploidy}: has no 'alternatives'; give the file that segment_copy_number.py wrote")
        for number, alternative in enumerate(self.alternatives):
            if not isinstance(alternative, dict) or not {"purity", "ploidy", "wgd", "weight"} <= set(alternative):
                raise InputError(f"{purity_ploidy}: alternative {number} lacks purity, ploidy, wgd or weight")
        last = self.table["solution"].max() if len(self.table) else -1
        if last >= len(self.alternatives):
            raise InputError(
                f"{solutions}: solution {last} is not among the {len(self.alternatives)} of {purity_ploidy}"
            )
        self.purity_known = self.alternatives[0]["purity"] is not None
        self.overdispersion = float(self.fit.get("overdispersion") or 0.002)
        self.sex = self.fit.get("sex") or "female"
        self.flat = np.full(UNKNOWN_PURITY.size, 1 / UNKNOWN_PURITY.size)
        self._by_place = {
            key: group.sort_values("start")
            for key, group in self.table.groupby([self.table["solution"], self.table["chrom"].map(plain)])
        }

    def at(self, chrom: str, pos: int) -> list[LocalCopies]:
        """Copies at a position; the nearest segment of the contig when it lies between two; empty if there is none."""
        out = []
        for number, alternative in enumerate(self.alternatives):
            group = self._by_place.get((number, plain(chrom)))
            if group is None:
                return []
            gap = np.maximum(np.maximum(group["start"].to_numpy() - pos, pos - group["end"].to_numpy()), 0)
            row = group.iloc[int(gap.argmin())]
            normal = normal_copies(plain(chrom), self.sex)
            if normal == 0:
                return []
            points, weight = self._purity(alternative)
            minor = row["minor_cn"]
            out.append(
                LocalCopies(
                    float(alternative["weight"]), points, weight, int(row["total_cn"]),
                    0 if pd.isna(minor) else int(minor), float(row["ccf"]),
                    *neutral_state(bool(alternative["wgd"]), normal), normal,
                )
            )  # fmt: skip
        return out

    def _purity(self, alternative: dict) -> tuple[np.ndarray, np.ndarray]:
        if not self.purity_known:
            return UNKNOWN_PURITY, self.flat
        low, high = alternative.get("purity_lower"), alternative.get("purity_upper")
        spread = alternative.get("purity_sd") or ((high - low) / 3.29 if low is not None and high is not None else 0.02)
        return purity_points(float(alternative["purity"]), float(spread))


def estimate_clonality(
    tumor: str, out: Path, solutions: Path, purity_ploidy: Path, vcf: Path | None = None, variants: Path | None = None
) -> pd.DataFrame:
    """Write the CLONALITY table of a tumour's somatic mutations (also those a filter removed).

    Raises
    ------
    InputError
        Files that do not fit their schema or each other, or a VCF without the tumour's sample.
    """
    copies = CopyNumber(solutions, purity_ploidy)
    calls = read_vcf(vcf, tumor) if vcf is not None else read_variants(variants)
    posteriors = mutation_posteriors(calls, copies)
    rows = [_row(call, posterior) for call, posterior in zip(calls.itertuples(), posteriors, strict=True)]
    table = pd.DataFrame(rows, columns=schemas.CLONALITY.names)
    write_table(table, schemas.CLONALITY, out)
    return table


def mutation_posteriors(calls: pd.DataFrame, copies: CopyNumber) -> list[CcfPosterior | None]:
    """Posterior of each mutation; the share of clonal ones (and an unknown purity) is learnt from those that passed."""
    local = [copies.at(call.chrom, call.pos) for call in calls.itertuples()]
    usable = [
        bool(there) and pd.notna(call.ref_count) and call.ref_count + call.alt_count > 0
        for call, there in zip(calls.itertuples(), local, strict=True)
    ]
    counts = calls[["ref_count", "alt_count"]].to_numpy(dtype=float)
    passed = calls["passed"].to_numpy(dtype=bool)
    teachers = [i for i in range(len(calls)) if usable[i] and passed[i]][:MAX_LEARN]
    if not copies.purity_known and teachers:
        copies.flat = _learn_purity(counts, local, teachers, copies)
        local = [copies.at(call.chrom, call.pos) for call in calls.itertuples()]
    prior = _learn_clonal_share(counts, local, teachers, copies.overdispersion)
    local = _vote(counts, local, teachers, prior, copies)
    return [
        ccf_posterior(*counts[i], local[i], prior, copies.overdispersion) if usable[i] else None
        for i in range(len(calls))
    ]


def _learn_clonal_share(counts, local, teachers: list[int], overdispersion: float) -> float:
    """Share of clonal mutations by EM, with a little prior."""
    prior = CLONAL_PRIOR
    if len(teachers) < LEARN_FROM:
        return prior
    for _ in range(LEARNING_ROUNDS):
        spikes = []
        for i in teachers:
            posterior = ccf_posterior(*counts[i], local[i], prior, overdispersion)
            # Mass at the last grid point beyond what the uniform part puts there.
            spikes.append(max(posterior.marginal[-1] - posterior.marginal[-2], 0.0))
        prior = (PRIOR_MUTATIONS[0] + sum(spikes)) / (sum(PRIOR_MUTATIONS) + len(teachers))
    return float(np.clip(prior, 0.05, 0.95))


def _vote(counts, local, teachers: list[int], prior: float, copies: CopyNumber) -> list[list[LocalCopies]]:
    """Give the solutions the weights that the mutations leave them."""
    if len(copies.alternatives) < 2 or not teachers:
        return local
    evidence = [ccf_posterior(*counts[i], local[i], prior, copies.overdispersion).log_evidence for i in teachers]
    weights = weigh_solutions(np.array([float(a["weight"]) for a in copies.alternatives]), np.array(evidence))
    return [[replace(c, weight=float(w)) for c, w in zip(there, weights, strict=False)] for there in local]


def _learn_purity(counts, local, teachers: list[int], copies: CopyNumber) -> np.ndarray:
    """Posterior of the purity from mutations alone, on UNKNOWN_PURITY: where the clonal ones would pile up."""
    value = np.zeros(UNKNOWN_PURITY.size)
    for q, purity in enumerate(UNKNOWN_PURITY):
        point = (np.array([purity]), np.array([1.0]))
        for i in teachers:
            here = [replace(c, purity=point[0], purity_weight=point[1]) for c in local[i]]
            posterior = ccf_posterior(*counts[i], here, CLONAL_PRIOR, copies.overdispersion)
            value[q] += np.logaddexp.reduce(posterior.log_evidence + np.log([c.weight for c in here]))
    weight = np.exp(value - value.max())
    return weight / weight.sum()


def _row(call, posterior: CcfPosterior | None) -> tuple:
    known = pd.notna(call.ref_count) and call.ref_count + call.alt_count > 0
    vaf = float(call.alt_count / (call.ref_count + call.alt_count)) if known else None
    place = (call.chrom, call.pos, call.ref, call.alt, call.gene, vaf)
    if posterior is None:
        return (*place, None, None, None, None, None)
    low, high = posterior.interval()
    return (*place, posterior.mean_multiplicity, posterior.median, low, high, posterior.clonal_probability)


def read_variants(path: Path) -> pd.DataFrame:
    """Somatic rows of a VARIANTS table as chrom, pos, ref, alt, gene, ref_count, alt_count, passed; one row a
    variant.
    """
    table = read_table(path, schemas.VARIANTS)
    table = table[table["origin"] == "somatic"].drop_duplicates(["chrom", "pos", "ref", "alt"]).reset_index(drop=True)
    out = table[["chrom", "pos", "ref", "alt", "gene"]].copy()
    out["ref_count"] = table["tumor_ref"].astype("float64")
    out["alt_count"] = table["tumor_alt"].astype("float64")
    out["passed"] = table["filter"] == "PASS"
    return out


def read_vcf(path: Path, tumor: str) -> pd.DataFrame:
    """Alleles of a somatic VCF with their reads in the tumour (FORMAT/AD), in the same columns.

    Raises
    ------
    InputError
        Not a VCF, no such sample, no AD.
    """
    import pysam

    rows = []
    pysam.set_verbosity(0)  # a missing index is no error here: the file is read from its start
    try:
        with pysam.VariantFile(str(path)) as records:
            if tumor not in records.header.samples:
                have = ", ".join(records.header.samples) or "none"
                raise InputError(
                    f"{path}: has no sample {tumor!r} (it has {have}); give the tumour's name with --tumor"
                )
            if "AD" not in records.header.formats:
                raise InputError(f"{path}: has no FORMAT/AD; call with Mutect2, or give --variants")
            for record in records:
                depths = record.samples[tumor].get("AD") or ()
                passed = set(record.filter.keys()) <= {"PASS"}
                for k, alt in enumerate(record.alts or (), 1):
                    known = len(depths) > k and depths[0] is not None and depths[k] is not None
                    counts = (depths[0], depths[k]) if known else (None, None)
                    rows.append((record.chrom, record.pos, record.ref, alt, None, *counts, passed))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a readable VCF ({error}); make it again") from error
    names = ["chrom", "pos", "ref", "alt", "gene", "ref_count", "alt_count", "passed"]
    return pd.DataFrame(rows, columns=names).astype({"ref_count": "float64", "alt_count": "float64"})
