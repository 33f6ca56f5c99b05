"""The events of a patient: from arm states, verdicts and FISH of one sample, and joined over samples."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scipy.special import betainc

YES, NO, NOT_ASSESSABLE = "yes", "no", "not_assessable"
STATUSES = (YES, NO, NOT_ASSESSABLE)
CLONALITIES = ("clonal", "subclonal")
PRESENT, ABSENT = 0.8, 0.2  # probability of an event from which it is yes; up to which it is no
CLONAL_CCF = 0.9  # as for mutations and verdicts
MAX_LIMIT = 0.2  # share of tumour cells in which a mutation must be visible before its absence counts, as for verdicts
SEX_CHROMOSOMES = ("X", "Y")  # left out: what is normal there depends on sex
LOST_BOTH = ("biallelic", "probable_biallelic")
HIT = (*LOST_BOTH, "monoallelic")
OPEN = ("conflict", "not_assessable")
RANK = (*HIT, "intact", *OPEN)  # of several samples the first counts
ARM_EVENT = re.compile(r"(?P<block>del|cnloh|gain)(?P<arm>\d{1,2}[pq])")
FISH_EVENT = re.compile(r"FISH:(?P<probe>.+):(?:loss|gain|fusion)")
GENE_EVENT = re.compile(r"(?P<gene>.+):(?P<block>biallelic|any_hit|mutated)")
DETAIL = re.compile(r"(?P<gene>.+?):(?P<kind>verdict|mechanism):(?P<word>.+)")


@dataclass(frozen=True)
class Event:
    """One event of one patient.

    Attributes
    ----------
    status : str
        yes, no or not_assessable.
    clonality : str or None
        clonal or subclonal, when status is yes and it is told.
    probability : float or None
        P(the patient has it); None when nothing can be said.
    limit : float or None
        Smallest share of tumour cells in which it would have been seen.
    """

    status: str
    clonality: str | None = None
    probability: float | None = None
    limit: float | None = None


def kind_of(name: str) -> str:
    """Kind of an event by its name: arm, fish, verdict, mechanism, gene or other."""
    if ARM_EVENT.fullmatch(name):
        return "arm"
    if FISH_EVENT.fullmatch(name):
        return "fish"
    found = DETAIL.fullmatch(name)
    if found:
        return found["kind"]
    return "gene" if GENE_EVENT.fullmatch(name) else "other"


def called(chance: float | None) -> str:
    """Status of a probability."""
    if chance is None or ABSENT < chance < PRESENT:
        return NOT_ASSESSABLE
    return YES if chance >= PRESENT else NO


def by_ccf(status: str, ccf: float | None) -> str | None:
    """Clonality of an event by its share of tumour cells."""
    if status != YES or ccf is None:
        return None
    return "clonal" if ccf >= CLONAL_CCF else "subclonal"


def arm_events(arms: Iterable[Mapping], purity_known: bool) -> dict[str, Event]:
    """Events of one sample's ARMS rows: delARM, cnlohARM and gainARM of every autosomal arm.

    Parameters
    ----------
    arms : iterable of mapping
        Rows of schema ARMS, numbers as float or None.
    purity_known : bool
        False: nothing can be said, every event is not_assessable.
    """
    found = {}
    for row in arms:
        if row["arm"][:-1] in SEX_CHROMOSOMES:
            continue
        for kind, chance in _arm_chances(row).items():
            chance = chance if purity_known else None
            status = called(chance)
            everywhere = row.get("rest_total_cn") == "1" and kind == "del"  # the other cells have one copy
            found[f"{kind}{row['arm']}"] = Event(status, by_ccf(status, 1.0 if everywhere else row["ccf"]), chance)
    return found


def _arm_chances(row: Mapping) -> dict[str, float | None]:
    none, loh, neutral = (row[name] for name in ("p_homozygous_loss", "p_loh", "p_copy_neutral_loh"))
    lost = None if None in (none, loh, neutral) else min(max(none + loh - neutral, 0.0), 1.0)
    return {"del": lost, "cnloh": neutral, "gain": row["p_gain"]}


def gene_events(row: Mapping, told: Mapping | None = None) -> dict[str, Event]:
    """Events of one row of a BIALLELIC table.

    Parameters
    ----------
    row : mapping
        gene, verdict, probability, clonality, mechanism, lod_share.
    told : mapping, optional
        The same verdict in P.biallelic.json: adds the probability of any hit, of each mechanism, and the mutations.

    Returns
    -------
    dict of str to Event
        GENE:biallelic, GENE:any_hit, GENE:verdict:WORD, GENE:mechanism:WORDS, with `told` also GENE:mutated.
    """
    gene, verdict, limit = row["gene"], row["verdict"], row["lod_share"]
    clonality = row["clonality"] if verdict in LOST_BOTH and row["clonality"] in CLONALITIES else None
    found = {f"{gene}:verdict:{verdict}": Event(YES, clonality)}
    if verdict in OPEN:
        found |= {f"{gene}:{name}": Event(NOT_ASSESSABLE) for name in ("biallelic", "any_hit")}
    else:
        both, hit = verdict in LOST_BOTH, verdict in HIT
        chance = float(both) if row["probability"] is None else row["probability"]
        touched = (told or {}).get("touched_probability")
        touched = max(chance, float(hit) if touched is None else touched)
        found[f"{gene}:biallelic"] = Event(YES if both else NO, clonality, chance, limit)
        # the table tells the clonality of the loss of both only
        found[f"{gene}:any_hit"] = Event(YES if hit else NO, clonality, touched, limit)
        found |= _mechanisms(row, told, clonality)
    if told is not None:
        found[f"{gene}:mutated"] = _mutated(told)
    return found


def _mechanisms(row: Mapping, told: Mapping | None, clonality: str | None) -> dict[str, Event]:
    """Events of mechanisms: the named one is yes when both are lost; the others carry their probability."""
    chances = {one["name"]: one["probability"] for one in (told or {}).get("mechanisms", [])}
    called_one = row["mechanism"] if row["verdict"] in LOST_BOTH else None
    if called_one:
        chances.setdefault(called_one, row["probability"])
    return {
        f"{row['gene']}:mechanism:{name}": Event(YES, clonality, chance)
        if name == called_one
        else Event(NO, None, chance)
        for name, chance in chances.items()
    }


def _mutated(told: Mapping) -> Event:
    """A damaging somatic mutation that counts; absent only where it would have been seen."""
    limit = (told.get("limit") or {}).get("mutation")
    hits = [hit for hit in told.get("hits", []) if hit.get("counted") and hit.get("origin") == "somatic"]
    missed = 1.0
    for hit in hits:
        missed *= 1 - (hit.get("probability_real") or 0.0)
    if not hits and (limit is None or limit > MAX_LIMIT):
        return Event(NOT_ASSESSABLE)
    status = called(1 - missed)
    ccfs = [hit["ccf"] for hit in hits if hit.get("ccf") is not None]
    return Event(status, by_ccf(status, max(ccfs, default=None)), 1 - missed, limit)


def fish_events(rows: Iterable[Mapping]) -> dict[str, Event]:
    """Events of FISH rows of one day, FISH:PROBE:ABNORMALITY: against the laboratory's cutoff, not without one."""
    found = {}
    for row in rows:
        name = f"FISH:{row['probe']}:{row['abnormality']}"
        if row["status"] is None:
            found[name] = Event(NOT_ASSESSABLE)
            continue
        cells = row["cells_scored"]
        count = cells * row["percent_abnormal"] / 100
        cutoff = min(max(row["cutoff_percent"] / 100, 0.0), 1.0)
        chance = float(1 - betainc(count + 0.5, cells - count + 0.5, cutoff))  # Jeffreys' prior
        found[name] = Event(YES if row["status"] == "above_cutoff" else NO, None, chance)
    return found


def join_samples(samples: Iterable[dict[str, Event]]) -> dict[str, Event]:
    """Events of a patient from those of the samples: yes in one is yes; no needs one assessable sample."""
    joined: dict[str, Event] = {}
    for sample in samples:
        for name, event in sample.items():
            joined[name] = _joined(joined[name], event) if name in joined else event
    return _one_verdict(joined)


def _joined(one: Event, two: Event) -> Event:
    status = min(one.status, two.status, key=STATUSES.index)
    told = [c for c in CLONALITIES if c in (one.clonality, two.clonality)]
    return Event(
        status,
        told[0] if told and status == YES else None,
        _first(max, one.probability, two.probability),
        _first(min, one.limit, two.limit),
    )


def _first(choose, *values: float | None) -> float | None:
    known = [value for value in values if value is not None]
    return choose(known) if known else None


def _one_verdict(events: dict[str, Event]) -> dict[str, Event]:
    """Keep one verdict a gene: that of the sample with the most lost; a sample that could be assessed before others."""
    best: dict[str, str] = {}
    for name in events:
        found = DETAIL.fullmatch(name)
        if found and found["kind"] == "verdict":
            gene, word = found["gene"], found["word"]
            best[gene] = min(word, best.get(gene, word), key=RANK.index)
    keep = {f"{gene}:verdict:{word}" for gene, word in best.items()}
    return {name: event for name, event in events.items() if kind_of(name) != "verdict" or name in keep}
