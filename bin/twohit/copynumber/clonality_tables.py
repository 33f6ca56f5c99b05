"""Files of estimate_clonality.py: CLONALITY of each tumour, CLUSTERS of the patient, purity checks."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.copynumber.ccf_clusters import CLUSTER_GRID
from twohit.copynumber.clonality import CcfPosterior
from twohit.copynumber.counts import warning
from twohit.copynumber.mutation_purity import purity_from_mutations, purity_report, voted_solutions
from twohit.copynumber.mutations import KEY
from twohit.copynumber.patient_clonality import FEWEST_SHOWN, PatientClonality, TumorFiles, patient_clonality
from twohit.copynumber.solution_votes import weigh_solutions
from twohit.tables import write_json, write_table

SHOWN = 5  # mutations that a warning names


def estimate_clonality(
    tumor: str,
    out: Path,
    solutions: Path,
    purity_ploidy: Path,
    vcf: Path | None = None,
    variants: Path | None = None,
    votes: Path | None = None,
) -> pd.DataFrame:
    """Write the CLONALITY table of one tumour's somatic mutations (also those a filter removed).

    Raises
    ------
    InputError
        Files that do not fit their schema or each other, or a VCF without the tumour's sample.
    """
    files = [TumorFiles(tumor, solutions, purity_ploidy, vcf, variants)]
    return estimate_patient(files, [out], votes=[votes] if votes is not None else None)[0]


def estimate_patient(
    files: list[TumorFiles],
    outs: list[Path],
    clusters: Path | None = None,
    purity_checks: list[Path] | None = None,
    votes: list[Path] | None = None,
) -> list[pd.DataFrame]:
    """Write the CLONALITY table of each tumour; CLUSTERS, each tumour's purity check and votes when paths are given."""
    result = patient_clonality(files)
    tables = [clonality_table(result, number) for number in range(len(files))]
    for table, out in zip(tables, outs, strict=True):
        write_table(table, schemas.CLONALITY, out)
    if clusters is not None:
        write_table(clusters_table(result), schemas.CLUSTERS, clusters)
    for number, path in enumerate(purity_checks or []):
        write_json(check_purity(result, number), path)
    for number, path in enumerate(votes or []):
        write_table(votes_table(result, number), schemas.SOLUTION_VOTES, path)
    return tables


def votes_table(result: PatientClonality, number: int) -> pd.DataFrame:
    """SOLUTION_VOTES of one tumour; no row where copy number has one solution."""
    tumor = result.tumors[number]
    rows = [
        (*(result.mutations.at[i, name] for name in KEY), result.mutations.at[i, "gene"], solution, float(value))
        for i, said in zip(tumor.voters, tumor.votes, strict=True)
        for solution, value in enumerate(said)
    ]
    return pd.DataFrame(rows, columns=schemas.SOLUTION_VOTES.names)


def check_purity(result: PatientClonality, number: int) -> dict:
    """Purity of one tumour from its mutations that passed, beside that of copy number; solutions after the vote."""
    tumor = result.tumors[number]
    use = tumor.shown(result.mutations["passed"].to_numpy(dtype=bool))
    told = purity_from_mutations(tumor.counts[use], [tumor.local[i] for i in use], tumor.copies.overdispersion)
    report = purity_report(told, {**tumor.copies.fit, "sample": tumor.sample}, int(use.size))
    if tumor.voters.size:
        weights = weigh_solutions(np.array([float(a["weight"]) for a in tumor.copies.alternatives]), tumor.votes)
        report["solutions"], warnings = voted_solutions(tumor.copies.fit, weights, int(tumor.voters.size))
        report["warnings"] += warnings
    report["warnings"] += _lost_warning(result, number)
    return report


def _lost_warning(result: PatientClonality, number: int) -> list[dict]:
    """Name the mutations that reads show where no tumour cell has a copy left."""
    tumor = result.tumors[number]
    seen = np.flatnonzero(tumor.lost & tumor.own & (tumor.counts[:, 1] >= FEWEST_SHOWN))
    if not seen.size:
        return []
    named = ", ".join("{chrom}:{pos}".format(**result.mutations.loc[i]) for i in seen[:SHOWN])
    text = (
        f"no tumour cell has a copy left where {seen.size} of the mutations {'is' if seen.size == 1 else 'are'} "
        f"({named}), so no cell fraction is given: false calls, or the loss of both copies there is wrong; look at the "
        "reads and the segments"
    )
    return [warning("mutations_without_copies", int(seen.size), text)]


def clonality_table(result: PatientClonality, number: int) -> pd.DataFrame:
    """CLONALITY table of one tumour: the mutations listed for it."""
    tumor = result.tumors[number]
    rows = []
    for i, mutation in enumerate(result.mutations.itertuples()):
        if not tumor.own[i]:
            continue
        ref, alt = tumor.counts[i]
        vaf = float(alt / (ref + alt)) if ref + alt > 0 else None
        posterior = result.posteriors[number][i]
        told = (None,) * 5 if posterior is None else (
            posterior.mean_multiplicity, posterior.median, *posterior.interval(), posterior.clonal_probability
        )  # fmt: skip
        rows.append(
            (*(getattr(mutation, name) for name in KEY), mutation.gene, vaf, *told, *_cluster(result, i, posterior))
        )
    return pd.DataFrame(rows, columns=schemas.CLONALITY.names)


def _cluster(result: PatientClonality, i: int, posterior: CcfPosterior | None) -> tuple[int | None, float | None]:
    """Most probable cluster of a mutation (0 the clonal one) and its probability; none where it fits none."""
    if posterior is None or result.member is None:
        return None, None
    best = int(result.member[i].argmax())
    if best == result.member.shape[1] - 1:
        return None, None
    return best, float(min(result.member[i, best], 1.0))


def clusters_table(result: PatientClonality) -> pd.DataFrame:
    """CLUSTERS table: the fraction of each cluster in each tumour, with its interval."""
    rows = []
    if result.mixture is not None:
        count = np.nansum(result.member, axis=0)
        for cluster in range(result.mixture.n_subclones + 1):
            for s, tumor in enumerate(result.tumors):
                ends = (1.0, 1.0, 1.0) if cluster == 0 else _quantiles(result.mixture.fraction[cluster - 1, s])
                rows.append((cluster, tumor.sample, float(count[cluster]), *ends))
    return pd.DataFrame(rows, columns=schemas.CLUSTERS.names)


def _quantiles(mass: np.ndarray) -> tuple[float, float, float]:
    cumulated = np.cumsum(mass) / mass.sum()
    return tuple(float(CLUSTER_GRID[min(np.searchsorted(cumulated, q), mass.size - 1)]) for q in (0.5, 0.05, 0.95))
