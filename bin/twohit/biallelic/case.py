"""One gene in one sample as the model is asked about it: copies, hits and what joins them; and the sums that answer."""

from dataclasses import dataclass, replace

from twohit.biallelic.arrangements import HitKind
from twohit.biallelic.hits import Mutation
from twohit.biallelic.joint import Relations, best_pair, joint_posterior, renumbered
from twohit.biallelic.largest_share import largest_carried
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.posterior import Hit, Posterior
from twohit.biallelic.states import GeneCopies
from twohit.biallelic.unseen import Missed

Phase = dict[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Case:
    """What the model is given.

    `phase` : for hits i < j, fragments with both and with either.
    `told` : what single cells say of two events: hits i < j, or -1 (the copy-number change) and a hit.
    `borrowed` : the phase of a pair is that of other samples.
    """

    copies: GeneCopies
    hits: list[Mutation]
    phase: Phase
    told: Relations
    parameters: Parameters
    borrowed: bool = False

    @property
    def seen(self) -> list[Mutation]:
        """Hits that reads of the sample show, or that have none to show them."""
        return [mutation for mutation in self.hits if mutation.hit.depth == 0 or mutation.hit.alt > 0]

    @property
    def dna_alone(self) -> "Case":
        """The case without what single cells say of two events."""
        return replace(self, told={})

    def among(self, index: list[int]) -> "Case":
        """The case with the hits of `index` only, which are numbered anew."""
        phase = {(index.index(i), index.index(j)): n for (i, j), n in self.phase.items() if i in index and j in index}
        return replace(self, hits=[self.hits[k] for k in index], phase=phase, told=renumbered(self.told, index))

    def posterior(self, missed: Missed | None = None) -> Posterior:
        """Sum over everything that is not known; with `missed` also over hits that would not have been seen."""
        hits = [mutation.hit for mutation in self.hits]
        return joint_posterior(self.copies.states, hits, self.phase, self.parameters, self.told, missed)

    def lost(self) -> float:
        """P(at least s0 of the tumour cells lost both alleles)."""
        return self.posterior().at_least(self.parameters.min_share)

    def best_pair(self) -> tuple["Case", Posterior]:
        """The case with the two somatic hits that explain most, and its posterior; the others count no more."""
        hits = [mutation.hit for mutation in self.hits]
        posterior, used = best_pair(self.copies.states, hits, self.phase, self.parameters, self.told)
        for k, mutation in enumerate(self.hits):
            if k not in used:
                mutation.counted = False
                mutation.why_not = "more hits than the model joins; the pair that explains most is used"
        return self.among(used), posterior


def sure_part(case: Case, posterior: Posterior) -> Posterior:
    """Posterior of the hits that are certainly real: only they can contradict anything."""
    sure = [k for k, mutation in enumerate(case.hits) if mutation.hit.real >= case.parameters.biallelic_at]
    return posterior if len(sure) == len(case.hits) else case.dna_alone.among(sure).posterior()


def guessed(case: Case, posterior: Posterior) -> str:
    """Words where a loss rests on which copy the tumour kept of a germline hit that it has no reads of; else empty.

    They go where nothing may tell a germline variant, so they name none.
    """
    parameters = case.parameters
    open_still = parameters.excluded_at < posterior.at_least(parameters.min_share) < parameters.biallelic_at
    read = [k for k, mutation in enumerate(case.hits) if mutation.hit.depth]
    if not open_still or len(read) == len(case.hits):
        return ""
    if case.dna_alone.among(read).lost() >= parameters.probable_at:
        return ""
    return "a hit has no reads in this sample, so which copy the tumour kept is not known"


def undecided(case: Case, mutations: list[Mutation]) -> str:
    """Words for rearrangements that may break the gene, where a loss could not be excluded if they did; else empty."""
    names = []
    for one in mutations:
        if one.undecided:
            hit = Hit(one.label, HitKind(), one.alt or 0, one.depth or 0, case.parameters.default_somatic_posterior)
            hits = [*(mutation.hit for mutation in case.hits), hit]
            posterior, _ = best_pair(case.copies.states, hits, case.phase, case.parameters, case.told)
            if posterior.at_least(case.parameters.min_share) > case.parameters.excluded_at:
                names.append(one.label)
    return f"whether the gene is broken by {' and '.join(names)} is not known" if names else ""


def largest_share(case: Case) -> float | None:
    """Largest both-lost share the reads allow (95 %), were the hits known from other samples present here.

    A share is never larger than the cell fraction of a hit it needs, so the smallest of those bounds it too. None
    where no hit is known from another sample.
    """
    absent = [mutation.hit for mutation in case.hits if mutation.hit.elsewhere]
    if not absent:
        return None
    present = replace(case, parameters=replace(case.parameters, prior_absent=0.0))
    bounds = [largest_carried(case.copies.states, hit, case.parameters) for hit in absent]
    return max(present.posterior().quantile(0.95), min(bounds))
