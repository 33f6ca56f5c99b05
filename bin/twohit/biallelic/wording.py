"""Words for numbers: copy-number states, hits, shares, and the verdict in one sentence."""

import math

from twohit.biallelic.arrangements import FUNCTIONAL, TRANS
from twohit.biallelic.hits import DAMAGING, Mutation
from twohit.biallelic.limits import FocalLimit, Limit
from twohit.biallelic.states import GeneCopies
from twohit.biallelic.verdict import LOST

NEXT_TO_NONE = 0.01  # shares below are not told as that of a probable loss: its probability is near one half
UNSURE = 0.05  # probabilities closer to 0 or 1 than this are not called unsure
RULES = (0.05, 0.5, 0.95)  # probabilities at which verdicts change
AS_THE_REST = ("no copy-number", "one copy", "doubled genome")  # how words of a state without a change begin


def percent(share: float) -> str:
    """Write a share as a percentage with a sensible number of digits."""
    value = 100 * share
    return f"{value:.1f} %" if 0.05 <= value < 1 else f"{100 * round(share, 2):.0f} %"


def percent_up(share: float) -> str:
    """Write a limit as a percentage, rounded up: less than what is told is not promised to be seen."""
    value = round(100 * share, 6)
    return percent(math.ceil(value) / 100) if value >= 1 else f"{math.ceil(10 * value) / 10:.1f} %"


def probability_digits(p: float) -> str:
    """Write a probability with two digits, with more where two would put it on the other side of a rule."""
    digits = 2
    while digits < 6 and any((p >= rule) != (round(p, digits) >= rule) for rule in RULES):
        digits += 1
    return f"{p:.{digits}f}"


FILTER_WORDS = {  # what Mutect2's names of a filter mean
    "weak_evidence": "weak evidence",
    "base_qual": "low base quality",
    "orientation": "read orientation, as damage of the DNA makes it",
    "strand_bias": "reads of one strand only",
    "map_qual": "reads that fit elsewhere",
    "position": "at the ends of reads",
    "slippage": "slippage at a repeat",
    "normal_artifact": "seen in the normal",
    "panel_of_normals": "seen in other normals",
    "low_depth": "low depth",
}


def filter_words(names: str) -> str:
    """Words for the filters that removed a call."""
    return ", ".join(FILTER_WORDS.get(name, name.replace("_", " ")) for name in names.split(";"))


def told_words(told: dict) -> str:
    """Words for `ArmCells.told`: '48 % of 61 tumour cells', or '29 of 61 plasma cells'."""
    if told["share"] is None:
        return f"{told['n_carriers']} of {told['n_plasma']} plasma cells"
    return f"{percent(told['share'])} of {told['n_tumour_cells']} tumour cells"


def state_words(total: int, minor: int, normal: int = 2, rest: tuple[int, int] | None = None) -> str:
    """Name a copy-number state, major + minor copies in brackets; `rest`: the tumour's own neutral state, if known."""
    name = f"({total - minor}+{minor})"
    if total == 0:
        return f"homozygous deletion {name}" if normal == 2 else f"deletion of the only copy {name}"
    if rest is not None and rest[0] > normal:
        if (total, minor) == rest:
            return f"doubled genome, no other change {name}"
        if total == rest[0] and not minor:
            return f"copy-neutral LOH of a doubled genome {name}"
        if total < rest[0]:
            kept = ", both alleles kept" if minor else ""
            loh = "LOH, " if normal == 2 and not minor else ""
            return f"{loh}{rest[0] - total} of {rest[0]} copies of a doubled genome lost{kept} {name}"
    if (total, minor) == (normal, normal // 2):
        return f"no copy-number change {name}" if normal == 2 else f"one copy, as normal {name}"
    if normal == 1:
        return f"gain {name}"
    if minor == 0:
        return f"{ {1: 'deletion of one copy', 2: 'copy-neutral LOH'}.get(total, 'LOH with gain') } {name}"
    return f"gain {name}" if total > 2 else f"changed {name}"


def copy_number_words(copies: GeneCopies) -> str:
    """Name the most probable state, its cell fraction, and a rival of weight."""
    if not copies.measured:
        return "copy number not measured"
    table = copies.summary()
    best = table[0]
    text = _state(best, copies)
    if best["ccf"] < 0.9 and len(_sexes(best, copies)) < 2 and not text.startswith(AS_THE_REST):
        text += f" in {percent(best['ccf'])} of tumour cells{_beside(best, copies)}"
    if best["probability"] < 1 - UNSURE and len(table) > 1:
        other = _state(table[1], copies)
        text += f", P {best['probability']:.2f}; or {other}, P {table[1]['probability']:.2f}"
    return text


def _beside(row: dict, copies: GeneCopies) -> str:
    """Name what the other cells have where they have lost an allele too."""
    rest = _rest(row, copies, copies.normal)
    lost = rest is not None and copies.normal == 2 and rest[1] == 0
    return f", beside {state_words(*rest)} in the others" if lost else ""


def _state(row: dict, copies: GeneCopies) -> str:
    """Name one state of `GeneCopies.summary`; by both sexes where the sex is not known and the name rests on it."""
    words = {n: state_words(row["total_cn"], row["minor_cn"], n, _rest(row, copies, n)) for n in _sexes(row, copies)}
    if len(set(words.values())) < 2:
        return words.get(copies.normal) or next(iter(words.values()))
    return f"{words[2]} in a woman, {words[1]} in a man"


def _sexes(row: dict, copies: GeneCopies) -> set[int]:
    """Copies of a normal cell under which a state of `GeneCopies.summary` is held possible."""
    return {one.normal for one in copies.states if (one.total, one.minor) == (row["total_cn"], row["minor_cn"])}


def _rest(row: dict, copies: GeneCopies, normal: int) -> tuple[int, int] | None:
    """The neutral state of the tumours that have a state of `GeneCopies.summary`; None where solutions differ."""
    here = (row["total_cn"], row["minor_cn"], normal)
    rests = {one.rest for one in copies.states if (one.total, one.minor, one.normal) == here}
    return rests.pop() if len(rests) == 1 else None


def mutation_words(mutation: Mutation) -> str:
    """Name a mutation with its origin and its reads in this sample."""
    text = f"germline {mutation.label}" if mutation.origin == "germline" else mutation.label
    return f"{text} ({mutation.alt}/{mutation.depth} reads)" if mutation.depth else text


def verdict_sentence(facts: dict, copies: GeneCopies, limit: Limit, hits: list[Mutation]) -> str:
    """Say the verdict in one sentence a clinician can read, with what is left unexplained.

    Parameters
    ----------
    facts : dict
        verdict, probability, share and its interval, share_intact, mechanism, phase, touched (P of at least one copy).
    copies : GeneCopies
    limit : Limit
    hits : list of Mutation
        Those that count and are seen in the sample.
    """
    return {
        "biallelic": _lost,
        "probable_biallelic": _lost,
        "monoallelic": _one,
        "intact": _intact,
        "not_assessable": _open,
        "conflict": _conflict,
    }[facts["verdict"]](facts, copies, limit, hits)


def removed_words(entry: dict) -> str:
    """Say which damaging hits a filter took out of a gene that is not called lost; empty where there is none.

    Parameters
    ----------
    entry : dict
        An entry of `verdicts`, what must be withheld already taken out.
    """
    harmful = [hit for hit in entry["removed"] if hit["loss_judgement"] in DAMAGING and hit["alt_count"]]
    if entry["verdict"] in LOST or not any(not hit["counted"] for hit in harmful):
        return ""
    named = "; ".join(
        f"{hit['label']} ({hit['alt_count']}/{hit['depth']} reads, {filter_words(hit['filter'])})"
        for hit in harmful
        if not hit["counted"]
    )
    return f" Removed by the filter and not counted: {named}."


def _cells(facts: dict) -> str:
    low, high = percent(facts["share_lower"]), percent(facts["share_upper"])
    if facts["share"] < NEXT_TO_NONE:
        return f"up to {high} of tumour cells"
    between = f" ({low} to {high})" if low != high else ""
    return f"{percent(facts['share'])} of tumour cells{between}"


def _lost(facts: dict, copies: GeneCopies, limit: Limit, hits: list[Mutation]) -> str:
    sure = facts["verdict"] == "biallelic"
    doubt = "" if sure else f" (P {probability_digits(facts['probability'])})"
    if facts["mechanism"] == FUNCTIONAL:
        what = (
            "Functional biallelic loss of the target" if sure else "Functional biallelic loss of the target is probable"
        )
        text = f"{what}{doubt} in {_cells(facts)}"
    else:
        text = f"Both alleles {'lost' if sure else 'probably lost'}{doubt} in {_cells(facts)}"
    text += f": {facts['mechanism']}"
    if hits:
        text += f" ({'; '.join(_named_hits(copies, hits))})"
    if facts["mechanism"] == FUNCTIONAL:
        text += ", the protein may be there but the target is hidden"
    if not sure:
        text += f"; unsure because {_doubt(facts, copies, hits)}"
    if facts["share_intact"] >= 0.05 and facts["share"] >= NEXT_TO_NONE:
        text += f". {percent(1 - round(facts['share'], 2))} of tumour cells keep at least one intact copy"
    return text + "."


def _doubt(facts: dict, copies: GeneCopies, hits: list[Mutation]) -> str:
    table = copies.summary()
    if facts["mechanism"] in (None, TRANS) and facts["phase"] == "unknown" and len(hits) > 1:
        return "no read shows whether the two mutations are on the same copy"
    unsure = [m.label for m in hits if m.hit is not None and m.hit.real < 0.95]
    if unsure:
        return f"it is not certain that {' and '.join(unsure)} {'are' if len(unsure) > 1 else 'is'} real"
    if len({state.normal for state in copies.states}) > 1:
        return "the sex is not known, so neither is the number of copies of X"
    if not copies.measured:
        return "copy number was not measured"
    if table[0]["probability"] < 1 - UNSURE:
        return f"copy number is ambiguous ({copy_number_words(copies)})"
    return "reads do not show in which cells the hits are"


def _excluded(limit: Limit) -> str:
    text = f"a loss of both alleles in {percent_up(limit.share)} of tumour cells or more would have been seen"
    return text + (f" ({focal_words(limit.focal)})" if limit.focal is not None else "")


def focal_words(focal: FocalLimit) -> str:
    """Say how short a loss would have been seen."""
    if focal.length is None:
        return "but deletions shorter than the segment may be missed"
    missed = f"below {bases(focal.length)} even one in all tumour cells may be missed, in fewer cells a longer one"
    return f"but short deletions: {missed}"


def bases(length: int) -> str:
    """Write a length with two digits that count."""
    rounded = float(f"{length:.2g}")
    unit, size = ("Mb", 1e6) if rounded >= 1e6 else ("kb", 1e3)
    value = rounded / size
    return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"


def _named_hits(copies: GeneCopies, hits: list[Mutation]) -> list[str]:
    named = [mutation_words(mutation) for mutation in hits]
    words = copy_number_words(copies)
    changed = copies.measured and not words.startswith(AS_THE_REST)
    return ([words] if changed else []) + named


def _one(facts: dict, copies: GeneCopies, limit: Limit, hits: list[Mutation]) -> str:
    what = "; ".join(_named_hits(copies, hits)) or "one allele hit"
    end = f"no second hit; {_excluded(limit)}"
    if facts["phase"] == "cis":
        end = f"the mutations are on the same allele (cis), the other allele is intact; {_excluded(limit)}"
    elif len(hits) == 1 and hits[0].origin == "germline" and facts["germline_lost"]:
        end = f"the tumour lost the copy with the germline hit and keeps the intact one; {_excluded(limit)}"
    elif facts["n_hits"] > 1 or (hits and len(_named_hits(copies, hits)) > 1):
        end = f"{_few_cells(facts)}; {_excluded(limit)}"
    return f"One allele hit, the other kept: {what}; {end}."


def _few_cells(facts: dict) -> str:
    """Words for two hits that meet in no cell, or in fewer than count."""
    if facts["share"] is None or facts["share"] < NEXT_TO_NONE:
        return "an intact copy stays in the cells"
    return f"both are lost in {_cells(facts)}, below the {percent(facts['min_share'])} that count"


def _intact(facts: dict, copies: GeneCopies, limit: Limit, hits: list[Mutation]) -> str:
    named = _named_hits(copies, hits)
    end = _excluded(limit)
    if facts["touched_probability"] > UNSURE:
        seen = f" ({'; '.join(named)})" if named else ""
        chance = f"P {probability_digits(facts['touched_probability'])}"
        return f"Not both alleles lost; loss of one is {_likely(facts['touched_probability'])} ({chance}){seen}; {end}."
    if not named:
        return f"No loss found; {end}."
    best = copies.summary()[0]
    if best["minor_cn"] == 0 and best["total_cn"] > 1 and copies.normal == 2:
        kept = f"one parental allele is gone, but {best['total_cn']} intact copies stay"
        return f"{named[0][0].upper()}{named[0][1:]} without a mutation: {kept}; {end}."
    return f"No allele lost ({'; '.join(named)}); {end}."


def _likely(probability: float) -> str:
    return "probable" if probability >= 0.5 else "not excluded"


def _open(facts: dict, copies: GeneCopies, limit: Limit, hits: list[Mutation]) -> str:
    named = "; ".join(_named_hits(copies, hits))
    seen = f" Seen: {named}." if named else ""
    if facts["probability"] is not None and facts["probability"] > facts["excluded_at"]:
        chance, doubt = probability_digits(facts["probability"]), _doubt(facts, copies, hits)
        return f"A loss of both alleles is possible (P {chance}) but not shown: {doubt}.{seen}"
    if limit.share is None:
        return f"A loss of both alleles cannot be excluded: {limit.reason}.{seen}"
    if limit.share >= 1:
        return (
            f"A loss of both alleles cannot be excluded: depth ({_depth(limit)}) or purity is too low to see any.{seen}"
        )
    return (
        f"No loss of both alleles is seen, but in fewer than {percent_up(limit.share)} of tumour cells it would be "
        f"missed ({_depth(limit)}).{seen}"
    )


def _depth(limit: Limit) -> str:
    return f"mean depth {limit.depth_mean:.0f}x, 5th percentile {limit.depth_min:.0f}x"


def _conflict(facts: dict, copies: GeneCopies, limit: Limit, hits: list[Mutation]) -> str:
    named = "; ".join([copy_number_words(copies)] + [mutation_words(mutation) for mutation in hits])
    check = "Check purity, copy number, sample identity and these reads"
    return f"The evidence contradicts itself and is not averaged: {named}. {check}."
