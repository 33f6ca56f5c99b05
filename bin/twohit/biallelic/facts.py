"""What the posterior of one gene in one sample comes to: the verdict and the numbers that are told beside it."""

from twohit.biallelic.arrangements import GERMLINE_LOH, PAIR_MECHANISMS
from twohit.biallelic.case import Case, largest_share
from twohit.biallelic.limits import Limit
from twohit.biallelic.posterior import Posterior
from twohit.biallelic.unseen import UNSEEN
from twohit.biallelic.verdict import LOST, clonality, decide

LEAST_TOLD = 0.001  # probability of a mechanism below which it is not told


def facts_of(case: Case, posterior: Posterior, limit: Limit, conflict: bool, unknown: bool) -> dict:
    """Verdict, probability, share, mechanism, phase of a gene; numbers are None where nothing can be said.

    Parameters
    ----------
    case : Case
        With the hits that count.
    posterior : Posterior
        Of the case, with the hits that would not have been seen.
    limit : Limit
    conflict : bool
        Nothing explains the evidence.
    unknown : bool
        What was not measured leaves the gene open.
    """
    known = not (conflict or unknown)
    verdict = "not_assessable" if unknown and not conflict else decide(posterior, limit, conflict, case.parameters)
    mechanisms = sorted(posterior.mechanisms.items(), key=lambda item: (-item[1], item[0]))
    best = next((name for name, _ in mechanisms if name != UNSEEN), None) if verdict in LOST else None
    least = case.parameters.min_share
    return {
        "verdict": verdict,
        "probability": posterior.at_least(least) if known else None,
        "excluded_at": case.parameters.excluded_at,
        "min_share": least,
        **(_shares(case, posterior) if known else dict.fromkeys(_SHARES)),
        "touched_probability": posterior.touched_at_least(least) if known else None,
        "clonality": clonality(posterior, verdict, case.parameters),
        "mechanism": best,
        "mechanisms": [{"name": name, "probability": mass} for name, mass in mechanisms if mass >= LEAST_TOLD],
        "phase": _phase(case, posterior, best),
        "trans_probability": max(posterior.trans.values(), default=None) if len(case.hits) > 1 else None,
        "same_cells_probability": _same_cells(case, posterior, best) if case.seen else None,
        "n_hits": len(case.hits),
        "germline_lost": _germline_lost(case),
    }


_SHARES = (
    "share", "share_lower", "share_upper", "share_lower_99", "share_upper_99", "share_upper_95",
    "share_intact", "share_intact_lower", "share_intact_upper",
)  # fmt: skip


def _shares(case: Case, posterior: Posterior) -> dict:
    """Share of tumour cells that lost both alleles, and that kept one, with intervals (90, 99, upper 95 %)."""
    low, high = posterior.interval()
    share, bound = posterior.quantile(0.5), largest_share(case)
    return {
        "share": share,
        "share_lower": low,
        "share_upper": high,
        "share_lower_99": min(low, posterior.quantile(0.005)),
        "share_upper_99": max(high, posterior.quantile(0.995)),
        "share_upper_95": posterior.quantile(0.95) if bound is None else bound,
        "share_intact": 1 - share,
        "share_intact_lower": 1 - high,
        "share_intact_upper": 1 - low,
    }


def _phase(case: Case, posterior: Posterior, mechanism: str | None) -> str | None:
    """Phase of the two mutations: cis, trans, unknown; not_needed where a loss does not rest on two mutations."""
    if len(case.hits) < 2:
        return "not_needed" if mechanism else None
    if mechanism is not None and mechanism not in PAIR_MECHANISMS:
        return "not_needed"
    chance = max(posterior.trans.values(), default=None)
    if chance is None:
        return "unknown"
    return "trans" if chance >= 0.95 else "cis" if chance <= 0.05 else "unknown"


def _same_cells(case: Case, posterior: Posterior, mechanism: str | None) -> float | None:
    """P(both hits of the mechanism are in the same cells); without a mechanism that of two mutations, else of the lost
    copy and a mutation; None where there is only one hit.
    """
    pairs, hits = posterior.together, case.hits
    if mechanism in PAIR_MECHANISMS or (mechanism is None and len(hits) > 1):
        wanted = [pair for pair in pairs if pair[0] >= 0]
    elif mechanism is None and case.copies.summary()[0]["minor_cn"] > 0:
        return None
    elif mechanism == GERMLINE_LOH:
        wanted = [pair for pair in pairs if pair[0] == -1 and hits[pair[1]].origin == "germline"]
    else:
        wanted = [pair for pair in pairs if pair[0] == -1 and hits[pair[1]].origin == "somatic"] or list(pairs)
    return max((pairs[pair] for pair in wanted), default=None)


def _germline_lost(case: Case) -> bool:
    """Whether the tumour's reads of a germline hit show that its copy went with the lost allele."""
    best = case.copies.summary()[0]
    germline = [mutation for mutation in case.hits if mutation.origin == "germline" and mutation.vaf is not None]
    return bool(germline) and best["minor_cn"] == 0 and germline[0].vaf < 0.5
