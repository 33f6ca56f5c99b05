"""The entry of one gene and sample in P.biallelic.json: facts, hits, copies, limit, and the chain of evidence."""

import math
from dataclasses import asdict, replace

from twohit.biallelic.arrangements import FUNCTIONAL, PAIR_MECHANISMS
from twohit.biallelic.case import Case
from twohit.biallelic.cell_evidence import GeneInCells
from twohit.biallelic.cell_samples import NOT_TOLD
from twohit.biallelic.hits import Mutation
from twohit.biallelic.limits import Limit
from twohit.biallelic.posterior import Posterior, quantile
from twohit.biallelic.states import GeneCopies
from twohit.biallelic.verdict import LOST
from twohit.biallelic.wording import copy_number_words, mutation_words

UNSEEN_WORDS = "hits that would not have been seen"
BOUND = 1e-4  # probabilities in the evidence chain stay this far from 0 and 1, so that log odds are finite


def nothing(reason: str) -> dict:
    """Make the entry of a gene that cannot be judged at all."""
    empty = {name: None for name in _FIELDS}
    return empty | {
        "verdict": "not_assessable",
        "reason": f"Not assessable: {reason}.",
        "mechanisms": [],
        "hits": [],
        "seen_not_counted": [],
        "removed": [],
        "copy_number": {
            "measured": False,
            "words": "copy number not measured",
            "normal_copies": None,
            "states": [],
            "notes": [],
        },
        "limit": asdict(Limit(reason=reason)),
        "cells": None,
        "evidence": [],
        "withheld": 0,
        "functional": False,
    }


_FIELDS = (
    "verdict", "probability",
    "share", "share_lower", "share_upper", "share_lower_99", "share_upper_99", "share_upper_95",
    "share_intact", "share_intact_lower", "share_intact_upper", "touched_probability", "clonality", "mechanism",
    "mechanisms", "hit_1", "hit_2", "phase", "trans_probability", "same_cells_probability", "lod_share", "first_seen",
    "reason",
)  # fmt: skip


def entry_of(facts: dict, case: Case, limit: Limit, posterior: Posterior, mutations: list[Mutation]) -> dict:
    """Put an entry together; `mutations` are all that were found, those of the case count."""
    copies = case.copies
    words = copy_number_words(copies)
    changed = copies.measured and _is_hit(copies.summary()[0], copies.normal, facts["verdict"])
    names = ([words] if changed else []) + [mutation_words(mutation) for mutation in case.seen]
    if facts["mechanism"] in PAIR_MECHANISMS:
        names = names[changed:] + names[:changed]
    if facts["verdict"] in LOST and copies.summary()[0]["total_cn"] == 0 and changed:
        names = [words, words]
    keep = {name: facts.get(name) for name in _FIELDS}
    return keep | {
        "hit_1": names[0] if names else None,
        "hit_2": names[1] if len(names) > 1 else None,
        "lod_share": limit.share,
        "hits": [_hit(mutation, posterior, k) for k, mutation in enumerate(case.hits)],
        "seen_not_counted": [_seen(m) for m in mutations if not m.counted and not m.removed],
        "removed": [_seen(m) for m in mutations if m.removed],
        "copy_number": {
            "measured": copies.measured,
            "words": words,
            "normal_copies": copies.normal,
            "states": copies.summary(),
            "notes": copies.notes,
        },
        "limit": asdict(limit),
        "withheld": 0,
        "functional": facts["mechanism"] == FUNCTIONAL,
    }


def _is_hit(best: dict, normal: int, verdict: str) -> bool:
    """Whether the most probable state is a hit: an allele is gone. Gains are none; two copies of one parent are none
    where nothing else hit them.
    """
    if best["minor_cn"] > 0 or (normal == 1 and best["total_cn"] > 0):
        return False
    return best["total_cn"] < normal or verdict != "intact"


def _hit(mutation: Mutation, posterior: Posterior, k: int) -> dict:
    made = _seen(mutation)
    made["probability_real"] = mutation.hit.real
    mass = posterior.ccf[k]
    usable = mass.sum() > 0
    for name, q in (("ccf", 0.5), ("ccf_lower", 0.05), ("ccf_upper", 0.95)):
        made[name] = quantile(mass / mass.sum(), q) if usable else None
    return made


def _seen(mutation: Mutation) -> dict:
    return {
        "variant": mutation.key,
        "origin": mutation.origin,
        "label": mutation.label,
        "hgvs_c": mutation.hgvs_c,
        "hgvs_p": mutation.hgvs_p,
        "consequence": mutation.consequence,
        "loss_judgement": mutation.judgement,
        "loss_reason": mutation.judgement_reason,
        "filter": mutation.filter,
        "somatic_posterior": mutation.somatic_posterior,
        "alt_count": mutation.alt,
        "depth": mutation.depth,
        "vaf": mutation.vaf,
        "vaf_lower": mutation.vaf_lower,
        "vaf_upper": mutation.vaf_upper,
        "status": mutation.status,
        "detectable_vaf": mutation.detectable_vaf,
        "called_in": mutation.called_in,
        "counted": mutation.counted,
        "why_not": mutation.why_not,
    }


def chain(case: Case, dna: GeneCopies, cells: GeneInCells | None, with_unseen: float | None = None) -> list[dict]:
    """P(share >= s0) as the lines of evidence enter, and what each adds in log odds.

    Parameters
    ----------
    case : Case
    dna : GeneCopies
        Copies of the gene before the cells' word on them.
    cells : GeneInCells or None
    with_unseen : float, optional
        The probability with the hits that would not have been seen, where they were weighed.
    """
    unjoined = replace(case, phase={}, told={})
    steps = [("before any evidence (bound)", "prior", 0.0)]
    steps.append((copy_number_words(dna), "copy_number", replace(unjoined, copies=dna).among([]).lost()))
    if case.copies is not dna:
        steps.append((cells.words(), "cells", unjoined.among([]).lost()))
    for k, hit in enumerate(case.hits):
        steps.append((mutation_words(hit), hit.origin, unjoined.among(list(range(k + 1))).lost()))
    if case.phase:
        steps.append((_phase_words(case), "phase", case.dna_alone.lost()))
    if case.told:
        steps.append(("; ".join(one.words for one in case.told.values()), "cells", case.lost()))
    if with_unseen is not None:
        steps.append((UNSEEN_WORDS, "unseen", with_unseen))
    return _in_log_odds(steps)


def _phase_words(case: Case) -> str:
    both, either = (sum(count[k] for count in case.phase.values()) for k in (0, 1))
    if case.borrowed:
        return "phase: by fragments of other samples of the patient"
    return f"phase: {both} of {either} fragments with a hit carry both"


def _in_log_odds(steps: list[tuple[str, str, float]]) -> list[dict]:
    """The steps with their log odds and what each changed."""
    made, before = [], None
    for text, kind, p in steps:
        bounded = min(max(p, BOUND), 1 - BOUND)
        odds = math.log(bounded / (1 - bounded))
        change = 0.0 if before is None else odds - before
        made.append({"step": text, "kind": kind, "probability": p, "log_odds": odds, "change": change})
        before = odds
    return made


def cells_of(cells: GeneInCells | None) -> dict | None:
    """What the JSON tells of the gene's arm in single cells."""
    if cells is None:
        return None
    found = cells.found
    return {
        "sample": cells.sample.sample,
        "arm": cells.arm,
        **(found.told(cells.all_altered) if found else dict.fromkeys(NOT_TOLD)),
        "used": cells.used,
        "why_not": cells.why_not,
    }
