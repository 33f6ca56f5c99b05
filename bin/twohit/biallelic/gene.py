"""One gene in one sample: collect the evidence, run the model, decide, explain."""

from dataclasses import replace

from twohit.biallelic.arrangements import GERMLINE_LOH
from twohit.biallelic.cell_evidence import GeneInCells, copies_from_cells, gene_in_cells, weigh
from twohit.biallelic.cell_pairs import cell_relations, disagreement
from twohit.biallelic.doubts import why_not_excluded, why_not_judged
from twohit.biallelic.entry import PAIR_MECHANISMS, cells_of, chain, entry_of, nothing
from twohit.biallelic.evidence import PatientEvidence, SampleEvidence
from twohit.biallelic.exons import lost_exons
from twohit.biallelic.hit_reads import phase_counts
from twohit.biallelic.hits import Mutation, gene_mutations, unread_hits
from twohit.biallelic.joint import best_pair, joint_posterior, renumbered
from twohit.biallelic.largest_share import largest_carried
from twohit.biallelic.limits import limit_of_detection
from twohit.biallelic.mechanism_names import name_mechanism
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.parts import set_aside_other_parts
from twohit.biallelic.posterior import Posterior
from twohit.biallelic.states import MIN_WEIGHT, GeneCopies, Position, changes_not_listed, gene_copies, normal_copies
from twohit.biallelic.too_many import too_many_hits
from twohit.biallelic.unseen import UNSEEN, missed_hits, name_unseen
from twohit.biallelic.verdict import LOST, clonality, contradicts, decide
from twohit.biallelic.wording import verdict_sentence
from twohit.errors import InputError
from twohit.genome.contigs import Genome, plain


def judge(
    gene: str,
    position: Position | None,
    sample: SampleEvidence,
    evidence: PatientEvidence,
    genome: Genome,
    parameters: Parameters,
) -> dict:
    """Judge one gene in one sample; the result is an entry of `verdicts` in P.biallelic.json."""
    base = {
        "patient": evidence.patient,
        "sample": sample.sample,
        "timepoint": sample.timepoint,
        "day": sample.day,
        "gene": gene,
    }
    if position is None:
        return base | nothing("the gene is in none of the tables: not in the annotation, or on no contig of the genome")
    if plain(position.chrom) not in genome.lengths:
        return base | nothing(f"the gene is on {position.chrom}, which is no chromosome of {genome.name}")
    if doubt := why_not_judged(position, sample, evidence):
        return base | nothing(doubt)
    if normal_copies(position, evidence.sex, genome)[0][0] == 0:
        return base | nothing("the gene is on Y and the patient is female")
    parameters = _fitted(sample, parameters)
    dna = gene_copies(position, sample, evidence.sex, genome, parameters)
    _check_states(gene, dna, sample)
    cells = gene_in_cells(position, sample, evidence, genome)
    copies = _with_cells(dna, cells, sample)
    mutations = gene_mutations(gene, position, sample, evidence, parameters, copies)
    elsewhere = set_aside_other_parts(mutations, position, dna, sample)
    counted = [mutation for mutation in mutations if mutation.counted]
    phase = phase_counts(gene, sample, [mutation.key for mutation in counted])
    told = cell_relations(gene, counted, cells)
    posterior, used = best_pair(copies.states, [mutation.hit for mutation in counted], phase, parameters, told)
    crowded = too_many_hits(copies.states, counted, phase, parameters)
    for k, mutation in enumerate(counted):
        if k not in used:
            mutation.counted = False
            mutation.why_not = "more hits than the model joins; the pair that explains most is used"
    hits = [counted[k] for k in used]
    counts = _among(used, phase)
    told = renumbered(told, used)
    seen = [mutation for mutation in hits if mutation.hit.depth == 0 or mutation.hit.alt > 0]
    given = copies.given(posterior.states)
    limit = limit_of_detection(gene, sample, given, bool(seen), parameters, genome.arm_at(position))
    exons = lost_exons(gene, sample, copies)
    if exons:
        copies.notes = [*copies.notes, f"{exons}; not weighed"]
    unread, guessed = unread_hits(mutations), _guessed(copies, hits, counts, posterior, parameters)
    unlisted = changes_not_listed(sample)
    if doubt := why_not_excluded(sample) or exons or unread or guessed or elsewhere or unlisted:
        limit = replace(limit, share=None, reason=doubt)
    crowded = "" if unlisted else crowded
    sure = _sure_part(copies, hits, counts, posterior, parameters)
    conflict = not unlisted and (bool(crowded) or contradicts(sure, parameters))
    dna_alone = joint_posterior(copies.states, [mutation.hit for mutation in hits], counts, parameters)
    opposed = disagreement(dna_alone, told)
    unknown = sample.cells is not None or (not copies.measured and not hits)
    missed = missed_hits(gene, sample, copies, limit, parameters, genome.arm_at(position))
    if missed is not None:
        posterior = _with_unseen(posterior, copies, hits, counts, parameters, told, missed)
    # a hit that is there, in nobody knows how many cells, or changes that are not listed: only a loss without them has
    # a probability
    open_hit = (unread or elsewhere or unlisted) and posterior.at_least(parameters.min_share) < parameters.probable_at
    unknown = unknown or bool(guessed or open_hit)
    facts = _facts(posterior, limit, conflict or bool(opposed), unknown, copies, hits, bool(seen), parameters)
    facts["share_upper_95"] = _largest(facts, copies, hits, counts, told, parameters)
    facts["reason"] = _reason(facts, copies, limit, seen, cells, sample)
    if crowded or (opposed and not conflict):
        why = crowded or opposed
        facts["reason"] += f" {why[0].upper()}{why[1:]}."
    made = entry_of(facts, copies, limit, posterior, hits, seen, mutations)
    made["cells"] = cells_of(cells)
    with_unseen = None if missed is None else posterior.at_least(parameters.min_share)
    made["evidence"] = chain(dna, copies, cells, hits, counts, told, parameters, with_unseen)
    return base | name_mechanism(made)


def _guessed(copies, hits: list[Mutation], counts: dict, posterior: Posterior, parameters: Parameters) -> str:
    """Words where a loss rests on which copy the tumour kept of a germline hit that it has no reads of; else empty.

    They go where nothing may tell a germline variant, so they name none.
    """
    guess = parameters.excluded_at < posterior.at_least(parameters.min_share) < parameters.biallelic_at
    if not guess or all(mutation.hit.depth for mutation in hits):
        return ""
    read = [k for k, mutation in enumerate(hits) if mutation.hit.depth]
    without = joint_posterior(copies.states, [hits[k].hit for k in read], _among(read, counts), parameters)
    if without.at_least(parameters.min_share) >= parameters.probable_at:
        return ""
    return "a hit has no reads in this sample, so which copy the tumour kept is not known"


def _among(index: list[int], counts: dict) -> dict:
    """Phase counts among the hits of `index`, which are numbered anew."""
    return {(index.index(i), index.index(j)): n for (i, j), n in counts.items() if i in index and j in index}


def _check_states(gene: str, dna: GeneCopies, sample: SampleEvidence) -> None:
    """Refuse tables that leave a gene no state to judge it by."""
    if not dna.states:
        table = "solutions" if sample.gene_solutions is None else "gene_solutions"
        raise InputError(
            f"{sample.sample}.{table}.tsv: {gene}: no state has a probability of {MIN_WEIGHT:g} or more, the weight of "
            "its solution included; give its states, or leave the gene out of the table"
        )


def _with_unseen(seen: Posterior, copies, hits, counts, parameters: Parameters, told, missed) -> Posterior:
    """Posterior with the hits that would have been missed; what they add has a name of its own."""
    made = joint_posterior(copies.states, [mutation.hit for mutation in hits], counts, parameters, told, missed)
    name_unseen(made, seen, parameters)
    return made


def _reason(facts, copies, limit, seen, cells: GeneInCells | None, sample: SampleEvidence) -> str:
    told = f" {cells.words()[0].upper()}{cells.words()[1:]}." if cells is not None and cells.found is not None else ""
    if sample.cells is not None:
        return f"Without DNA no mutation can be seen, and none excluded.{told}"
    return verdict_sentence(facts, copies, limit, seen) + told


def _with_cells(dna: GeneCopies, cells: GeneInCells | None, sample: SampleEvidence) -> GeneCopies:
    """Copies of the gene with what the cells say of them."""
    if sample.cells is not None:
        return copies_from_cells(cells, dna)
    return weigh(dna, cells.found, cells.all_altered) if cells is not None and cells.used and dna.measured else dna


def _fitted(sample: SampleEvidence, parameters: Parameters) -> Parameters:
    """Parameters with the sample's own overdispersion and reference bias where its copy-number fit gives them."""
    fit = sample.purity_ploidy or {}
    own, bias = fit.get("site_overdispersion", fit.get("overdispersion")), fit.get("reference_bias")
    if isinstance(own, int | float):
        parameters = replace(parameters, overdispersion=max(float(own), parameters.min_overdispersion))
    return replace(parameters, reference_bias=float(bias)) if isinstance(bias, int | float) else parameters


def _sure_part(copies: GeneCopies, hits: list[Mutation], counts: dict, posterior: Posterior, parameters: Parameters):
    """Posterior of the hits that are certainly real: only they can contradict anything."""
    sure = [k for k, mutation in enumerate(hits) if mutation.hit.real >= parameters.biallelic_at]
    if len(sure) == len(hits):
        return posterior
    return joint_posterior(copies.states, [hits[k].hit for k in sure], _among(sure, counts), parameters)


def _largest(
    facts: dict, copies: GeneCopies, hits: list[Mutation], counts: dict, told: dict, parameters: Parameters
) -> float | None:
    """Largest both-lost share the reads allow (95 %), were the hits known from other samples present here.

    A share is never larger than the cell fraction of a hit it needs, so the smallest of those bounds it too.
    """
    absent = [k for k, mutation in enumerate(hits) if mutation.hit.elsewhere]
    if facts["probability"] is None or not absent:
        return facts["share_upper_95"]
    made = joint_posterior(
        copies.states, [mutation.hit for mutation in hits], counts, replace(parameters, prior_absent=0.0), told
    )
    bounds = [largest_carried(copies.states, hits[k].hit, parameters) for k in absent]
    return max(made.quantile(0.95), min(bounds))


def _facts(posterior, limit, conflict, unknown, copies, hits, any_seen, parameters) -> dict:
    p = None if conflict or unknown else posterior.at_least(parameters.min_share)
    verdict = "not_assessable" if unknown and not conflict else decide(posterior, limit, conflict, parameters)
    mechanisms = sorted(posterior.mechanisms.items(), key=lambda item: (-item[1], item[0]))
    best = next((name for name, _ in mechanisms if name != UNSEEN), None) if verdict in LOST else None
    facts = {"verdict": verdict, "probability": p, "excluded_at": parameters.excluded_at}
    for name, q in (("share", 0.5), ("share_upper_95", 0.95)):
        facts[name] = None if p is None else posterior.quantile(q)
    low, high = (None, None) if p is None else posterior.interval()
    facts["share_lower"], facts["share_upper"] = low, high
    facts["share_lower_99"] = None if p is None else min(low, posterior.quantile(0.005))
    facts["share_upper_99"] = None if p is None else max(high, posterior.quantile(0.995))
    for name, other in (("", "share"), ("_lower", "share_upper"), ("_upper", "share_lower")):
        facts[f"share_intact{name}"] = None if p is None else 1 - facts[other]
    facts["touched_probability"] = None if p is None else posterior.touched_at_least(parameters.min_share)
    facts["clonality"] = clonality(posterior, verdict, parameters)
    facts["mechanism"] = best
    facts["mechanisms"] = [{"name": name, "probability": mass} for name, mass in mechanisms if mass >= 0.001]
    facts["phase"] = _phase(posterior, hits, best)
    facts["trans_probability"] = max(posterior.trans.values(), default=None) if len(hits) > 1 else None
    facts["same_cells_probability"] = _same_cells(posterior, copies, hits, best) if any_seen else None
    facts["n_hits"] = len(hits)
    facts["germline_lost"] = _germline_lost(copies, hits)
    return facts


def _phase(posterior: Posterior, hits: list[Mutation], mechanism: str | None) -> str | None:
    """Phase of the two mutations: cis, trans, unknown; not_needed where a loss does not rest on two mutations."""
    if len(hits) < 2:
        return "not_needed" if mechanism else None
    if mechanism is not None and mechanism not in PAIR_MECHANISMS:
        return "not_needed"
    chance = max(posterior.trans.values(), default=None)
    if chance is None:
        return "unknown"
    return "trans" if chance >= 0.95 else "cis" if chance <= 0.05 else "unknown"


def _same_cells(posterior: Posterior, copies: GeneCopies, hits: list[Mutation], mechanism: str | None) -> float | None:
    """P(both hits of the mechanism are in the same cells); without a mechanism that of two mutations, else of the lost
    copy and a mutation; None where there is only one hit.
    """
    pairs = posterior.together
    if mechanism in PAIR_MECHANISMS or (mechanism is None and len(hits) > 1):
        wanted = [pair for pair in pairs if pair[0] >= 0]
    elif mechanism is None and copies.summary()[0]["minor_cn"] > 0:
        return None
    elif mechanism == GERMLINE_LOH:
        wanted = [pair for pair in pairs if pair[0] == -1 and hits[pair[1]].origin == "germline"]
    else:
        wanted = [pair for pair in pairs if pair[0] == -1 and hits[pair[1]].origin == "somatic"] or list(pairs)
    return max((pairs[pair] for pair in wanted), default=None)


def _germline_lost(copies: GeneCopies, hits: list[Mutation]) -> bool:
    """Whether the tumour's reads of a germline hit show that its copy went with the lost allele."""
    best = copies.summary()[0]
    germline = [mutation for mutation in hits if mutation.origin == "germline" and mutation.vaf is not None]
    return bool(germline) and best["minor_cn"] == 0 and germline[0].vaf < 0.5
