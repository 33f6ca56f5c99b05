"""One gene in one sample: collect the evidence, run the model, decide, explain."""

from dataclasses import replace

from twohit.biallelic.case import Case, guessed, sure_part, undecided
from twohit.biallelic.cell_evidence import GeneInCells, copies_from_cells, gene_in_cells, weigh
from twohit.biallelic.cell_pairs import cell_relations, disagreement
from twohit.biallelic.doubts import of_no_gene, uncalled, unexplained, why_not_excluded, why_not_judged
from twohit.biallelic.entry import cells_of, chain, entry_of, nothing
from twohit.biallelic.evidence import PatientEvidence, SampleEvidence
from twohit.biallelic.exons import lost_exons
from twohit.biallelic.facts import facts_of
from twohit.biallelic.hit_reads import borrowed_phase, phase_counts
from twohit.biallelic.hits import gene_mutations, unread_hits
from twohit.biallelic.limits import limit_of_detection
from twohit.biallelic.mechanism_names import name_mechanism
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.parts import set_aside_other_parts
from twohit.biallelic.places import normal_copies
from twohit.biallelic.posterior import Posterior
from twohit.biallelic.states import MIN_WEIGHT, GeneCopies, changes_not_listed, gene_copies
from twohit.biallelic.too_many import too_many_hits
from twohit.biallelic.unseen import missed_hits, name_unseen
from twohit.biallelic.verdict import contradicts
from twohit.biallelic.wording import verdict_sentence
from twohit.errors import InputError
from twohit.genome.contigs import Genome, Position, plain


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
    if doubt := _why_not_asked(position, sample, evidence, genome):
        return base | nothing(doubt)
    parameters = _fitted(sample, parameters)
    dna = gene_copies(position, sample, evidence.sex, genome, parameters)
    _check_states(gene, dna, sample)
    cells = gene_in_cells(position, sample, evidence, genome)
    copies = _with_cells(dna, cells, sample)
    mutations = gene_mutations(gene, position, sample, evidence, parameters, copies)
    elsewhere = set_aside_other_parts(mutations, position, dna, sample)
    every = _every_hit(gene, sample, evidence, copies, cells, mutations, parameters)
    case, posterior = every.best_pair()
    place = genome.arm_at(position)
    limit = limit_of_detection(gene, sample, copies.given(posterior.states), bool(case.seen), parameters, place)
    if exons := lost_exons(gene, sample, copies):
        copies.notes = [*copies.notes, f"{exons}; not weighed"]
    unlisted, guess = changes_not_listed(sample), guessed(case, posterior)
    open_hit = unread_hits(mutations) or undecided(case, mutations) or elsewhere or unlisted or uncalled(sample)
    open_hit = open_hit or unexplained(position, sample) or of_no_gene(position, sample, evidence)
    if doubt := why_not_excluded(sample) or exons or guess or open_hit:
        limit = replace(limit, share=None, reason=doubt)
    conflict, against = _contradiction(every, case, posterior, bool(unlisted))
    missed = missed_hits(gene, sample, copies, limit, parameters, place)
    if missed is not None:
        seen_only, posterior = posterior, case.posterior(missed)
        name_unseen(posterior, seen_only, parameters)  # what they add has a name of its own
    lost = posterior.at_least(parameters.min_share)
    # a hit that is there, or may be, in nobody knows how many cells: only a loss without it has a probability
    unmeasured = sample.cells is not None or (not copies.measured and not case.hits)
    unknown = unmeasured or guess or (open_hit and lost < parameters.probable_at)
    facts = facts_of(case, posterior, limit, conflict, bool(unknown))
    facts["reason"] = _reason(facts, case, limit, cells, sample) + against
    made = entry_of(facts, case, limit, posterior, mutations)
    made["cells"] = cells_of(cells)
    made["evidence"] = chain(case, dna, cells, None if missed is None else lost)
    return base | name_mechanism(made)


def _why_not_asked(
    position: Position | None, sample: SampleEvidence, evidence: PatientEvidence, genome: Genome
) -> str | None:
    """Why the model is not asked at all; None where it is."""
    if position is None:
        return "the gene is in none of the tables: not in the annotation, or on no contig of the genome"
    if plain(position.chrom) not in genome.lengths:
        return f"the gene is on {position.chrom}, which is no chromosome of {genome.name}"
    if doubt := why_not_judged(position, sample, evidence):
        return doubt
    if normal_copies(position, evidence.sex, genome)[0][0] == 0:
        return "the gene is on Y and the patient is female"
    return None


def _check_states(gene: str, dna: GeneCopies, sample: SampleEvidence) -> None:
    """Refuse tables that leave a gene no state to judge it by."""
    if not dna.states:
        table = "solutions" if sample.gene_solutions is None else "gene_solutions"
        raise InputError(
            f"{sample.sample}.{table}.tsv: {gene}: no state has a probability of {MIN_WEIGHT:g} or more, the weight of "
            "its solution included; give its states, or leave the gene out of the table"
        )


def _every_hit(gene: str, sample, evidence: PatientEvidence, copies, cells, mutations, parameters) -> Case:
    """The case with all hits that count, however many; phase that no fragment shows here is that of other samples."""
    counted = [mutation for mutation in mutations if mutation.counted]
    keys = [mutation.key for mutation in counted]
    phase = phase_counts(gene, sample, keys)
    borrowed = borrowed_phase(gene, [one for one in evidence.samples if one is not sample], keys, phase)
    told = cell_relations(gene, counted, cells)
    return Case(copies, counted, phase | borrowed, told, parameters, bool(borrowed))


def _contradiction(every: Case, case: Case, posterior: Posterior, unlisted: bool) -> tuple[bool, str]:
    """Whether nothing explains the evidence, and a sentence where its own does not tell why.

    Where changes are not listed, copies contradict nothing: `every` hit, and those of `case`, may lie on others.
    """
    crowded, contradicted = "", False
    if not unlisted:
        crowded = too_many_hits(every.copies.states, every.hits, every.phase, every.parameters)
        contradicted = contradicts(sure_part(case, posterior), case.parameters)
    opposed = disagreement(case.dna_alone.posterior(), case.told)
    why = crowded or ("" if contradicted else opposed)
    return bool(crowded or contradicted or opposed), f" {_sentence(why)}" if why else ""


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _reason(facts: dict, case: Case, limit, cells: GeneInCells | None, sample: SampleEvidence) -> str:
    told = f" {_sentence(cells.words())}" if cells is not None and cells.found is not None else ""
    if sample.cells is not None:
        return f"Without DNA no mutation can be seen, and none excluded.{told}"
    return verdict_sentence(facts, case.copies, limit, case.seen) + told


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
