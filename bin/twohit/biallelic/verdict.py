"""The rules that turn a posterior and a limit of detection into one of six words (architecture, "The verdict")."""

from scipy.stats import chi2

from twohit.biallelic.limits import Limit
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.posterior import Posterior

LOST = ("biallelic", "probable_biallelic")


def contradicts(posterior: Posterior, parameters: Parameters) -> bool:
    """Whether no arrangement within the trusted copy-number weight explains the reads."""
    if posterior.n_counts == 0:
        return False
    return -2 * posterior.fit > chi2.isf(parameters.conflict_p, posterior.n_counts)


def decide(posterior: Posterior, limit: Limit, conflict: bool, parameters: Parameters) -> str:
    """Choose the verdict."""
    p = posterior.at_least(parameters.min_share)
    if conflict:
        return "conflict"
    if p >= parameters.biallelic_at:
        return "biallelic"
    if p >= parameters.probable_at:
        return "probable_biallelic"
    if p > parameters.excluded_at or limit.share is None or limit.share > parameters.max_limit:
        return "not_assessable"
    if posterior.at_least(max(parameters.min_share, limit.share)) > parameters.excluded_at:
        return "not_assessable"
    return "monoallelic" if posterior.touched_at_least(parameters.min_share) >= 1 - parameters.excluded_at else "intact"


def clonality(posterior: Posterior, verdict: str, parameters: Parameters) -> str | None:
    """Say clonal or subclonal for a loss, None otherwise."""
    if verdict not in LOST:
        return None
    return "clonal" if posterior.at_least(parameters.clonal_share) >= 0.5 else "subclonal"
