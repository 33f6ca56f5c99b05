"""What is true and what is false in the benchmark of the somatic filter: settings, and the plan of a genome.

Shares no code with the filter or with `twohit.simulate`.
"""

from dataclasses import dataclass, field

import numpy as np

BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
COMPLEMENT = np.zeros(256, dtype=np.uint8)
COMPLEMENT[list(b"ACGTN")] = list(b"TGCAN")
CODE = {65: 0, 67: 1, 71: 2, 84: 3}
READ = 100
CONTIG = "chr1"
WINDOW = 400  # bases of a paralogue
SLOT = 320  # bases between planned sites
CLUSTER_SPAN = 60


@dataclass(frozen=True)
class Setting:
    """One simulated pair. Numbers of sites; `artefacts` by profile; fractions of true events log-uniform in `vaf`."""

    name: str
    seed: int
    tumor_depth: int = 110
    normal_depth: int = 100
    snvs: int = 120
    mnvs: int = 10
    indels: int = 30
    clusters: int = 12
    neighbours: int = 20  # true SNVs close to an artefact's site
    artefacts: dict[str, int] = field(default_factory=lambda: dict(PROFILE))
    vaf: tuple[float, float] = (0.02, 0.5)
    tumor_in_normal: float = 0.0
    contamination: float = 0.0
    germline: int = 80
    orientation: str = "oxog"

    def slots(self) -> int:
        """Planned sites."""
        single = self.snvs + self.mnvs + self.indels + self.clusters + self.germline
        return single + sum(self.artefacts.values()) + 2


PROFILE = {
    "orientation": 60,
    "strand": 40,
    "normal": 60,
    "read_end": 30,
    "low_quality": 40,
    "noise": 40,
    "paralogue": 12,
    "segdup": 10,
    "repeat": 60,
}


@dataclass
class Event:
    """A change of the sequence: truth, germline or a fraction of molecules that an artefact changes."""

    pos: int  # 0-based
    ref: str
    alt: str
    kind: str
    fraction: float
    haplotype: int = 0
    cluster: int = -1


@dataclass
class Plan:
    """The reference and all that happens on it."""

    sequence: np.ndarray
    truth: list[Event]
    germline: list[Event]
    other: list[Event]  # SNPs of the contaminating person
    artefacts: list[Event]
    repeats: list[tuple[int, str, int]]  # start, unit, number of units
    copies: list[tuple[int, np.ndarray, float, float]]  # window start, its diverged copy, share in tumour, in normal
    frequency: dict[tuple[int, str, str], float]


def other_base(rng: np.random.Generator, base: str) -> str:
    """Another base."""
    return str(rng.choice([b for b in "ACGT" if b != base]))


def plan(setting: Setting) -> Plan:
    """Lay out a genome and its events."""
    rng = np.random.default_rng(setting.seed)
    length = (setting.slots() + 4) * SLOT + 2 * WINDOW * setting.artefacts["segdup"]
    gc = 0.42
    weights = [(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2]
    sequence = rng.choice(BASES, length, p=weights)
    made = Plan(sequence, [], [], [], [], [], [], {})
    kinds = ["snv"] * setting.snvs + ["mnv"] * setting.mnvs + ["indel"] * setting.indels
    kinds += ["cluster"] * setting.clusters + ["germline"] * setting.germline
    kinds += [kind for kind, n in setting.artefacts.items() for _ in range(n)]
    order = rng.permutation(len(kinds))
    places = []
    for slot, index in enumerate(order):
        start = 2 * SLOT + slot * SLOT + int(rng.integers(0, SLOT // 2))
        places.append((kinds[index], start))
    for kind, start in places:  # sequences first: repeats and second copies
        if kind == "repeat":
            _plant_repeat(made, start, rng)
    spare = 2 * SLOT + (len(kinds) + 1) * SLOT
    for kind, start in places:
        if kind in ("paralogue", "segdup"):
            spare = _plant_copy(made, kind, start, spare, rng)
    near = [start for kind, start in places if kind in ("normal", "strand", "orientation", "read_end", "paralogue")]
    for number, (kind, start) in enumerate(places):
        _add_event(made, setting, kind, start, number, rng)
    for start in rng.choice(near, min(setting.neighbours, len(near)), replace=False) if near else []:
        _add_true_snv(made, setting, int(start) + int(rng.integers(12, 70)) * int(rng.choice([-1, 1])), rng)
    made.truth.sort(key=lambda e: e.pos)
    return made


def _fraction(setting: Setting, rng: np.random.Generator) -> float:
    low, high = setting.vaf
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _base(made: Plan, pos: int) -> str:
    return chr(made.sequence[pos])


def _add_true_snv(made: Plan, setting: Setting, pos: int, rng, fraction=None, haplotype=None, cluster=-1) -> None:
    if any(abs(event.pos - pos) < 3 for event in [*made.truth[-6:], *made.germline[-2:], *made.artefacts[-2:]]):
        return
    ref = _base(made, pos)
    fraction = _fraction(setting, rng) if fraction is None else fraction
    haplotype = int(rng.integers(2)) if haplotype is None else haplotype
    made.truth.append(Event(pos, ref, other_base(rng, ref), "snv", fraction, haplotype, cluster))


def _add_event(made: Plan, setting: Setting, kind: str, pos: int, number: int, rng: np.random.Generator) -> None:
    ref = _base(made, pos)
    if kind == "snv":
        _add_true_snv(made, setting, pos, rng)
    elif kind == "mnv":
        refs = ref + _base(made, pos + 1)
        alt = other_base(rng, refs[0]) + other_base(rng, refs[1])
        made.truth.append(Event(pos, refs, alt, "mnv", _fraction(setting, rng), int(rng.integers(2))))
    elif kind == "indel":
        made.truth.append(_indel(made, pos, _fraction(setting, rng), rng))
    elif kind == "cluster":
        fraction, haplotype = _fraction(setting, rng), int(rng.integers(2))
        for offset in np.sort(rng.choice(CLUSTER_SPAN // 4, int(rng.integers(2, 6)), replace=False)) * 4:
            _add_true_snv(made, setting, pos + int(offset), rng, fraction, haplotype, number)
    elif kind == "germline":
        p = float(rng.beta(0.5, 0.8))
        alt = other_base(rng, ref)
        made.frequency[pos, ref, alt] = min(max(p, 0.001), 0.999)
        for person in (made.germline, made.other):
            for haplotype in (0, 1):
                if rng.random() < p:
                    person.append(Event(pos, ref, alt, "germline", 1.0, haplotype))
    elif kind == "repeat":
        if rng.random() < 0.2:  # a true indel of one unit
            start, unit, _ = next(r for r in made.repeats if r[0] == pos)
            before = _base(made, start - 1)
            pair = (before + unit, before) if rng.random() < 0.6 else (before, before + unit)
            made.truth.append(Event(start - 1, *pair, "indel", _fraction(setting, rng), int(rng.integers(2))))
    elif kind in ("orientation", "strand", "normal", "read_end", "low_quality", "noise"):
        _add_artefact(made, setting, kind, pos, rng)


def _indel(made: Plan, pos: int, fraction: float, rng: np.random.Generator) -> Event:
    """An indel of 1 to 12 bases at a place where it cannot be shifted."""
    size = int(min(12, rng.geometric(0.35)))
    ref = "".join(_base(made, pos + i) for i in range(size + 1))
    haplotype = int(rng.integers(2))
    if rng.random() < 0.6:
        while ref[0] == ref[-1] or _base(made, pos + size + 1) == ref[1]:
            pos += 1
            ref = "".join(_base(made, pos + i) for i in range(size + 1))
        return Event(pos, ref, ref[0], "indel", fraction, haplotype)
    while True:
        added = "".join(rng.choice(list("ACGT"), size))
        if added[-1] != ref[0] and added[0] != _base(made, pos + 1):
            return Event(pos, ref[0], ref[0] + added, "indel", fraction, haplotype)


def _add_artefact(made: Plan, setting: Setting, kind: str, pos: int, rng: np.random.Generator) -> None:
    ref = _base(made, pos)
    fraction = {"noise": 0.012, "low_quality": 0.06}.get(kind, 0.0) or float(0.02 + 0.4 * rng.beta(1.2, 7))
    alt = other_base(rng, ref)
    if kind == "orientation":
        wanted = {"oxog": {"G": "T", "C": "A"}, "ffpe": {"C": "T", "G": "A"}}[setting.orientation]
        while _base(made, pos) not in wanted:
            pos += 1
        ref = _base(made, pos)
        alt = wanted[ref]
    made.artefacts.append(Event(pos, ref, alt, kind, fraction, int(rng.integers(2))))


def _plant_repeat(made: Plan, start: int, rng: np.random.Generator) -> None:
    unit = str(rng.choice(["A", "T", "CA", "TG", "AAT"], p=[0.35, 0.35, 0.12, 0.12, 0.06]))
    units = int(rng.integers(7, 15)) if len(unit) == 1 else int(rng.integers(5, 11))
    text = np.frombuffer((unit * units).encode(), dtype=np.uint8)
    made.sequence[start : start + len(text)] = text
    for at, beside in ((start - 1, -1), (start + len(text), 0)):
        while chr(made.sequence[at]) in (unit[beside], unit[0], unit[-1]):
            made.sequence[at] = rng.choice(BASES)
    made.repeats.append((start, unit, units))


def _plant_copy(made: Plan, kind: str, start: int, spare: int, rng: np.random.Generator) -> int:
    """Reads of a similar sequence: not in the reference (paralogue), or of a third copy where it has two (segdup)."""
    low = start - WINDOW // 2
    window = made.sequence[low : low + WINDOW].copy()
    if kind == "segdup":
        second = _diverge(window, 0.012, rng)
        made.sequence[spare : spare + WINDOW] = second
        spare += WINDOW + 50
    copy = _diverge(window, float(rng.uniform(0.008, 0.03)), rng)
    share = float(rng.uniform(0.03, 0.22))
    made.copies.append((low, copy, share, share * float(np.exp(rng.normal(0, 0.35)))))
    return spare


def _diverge(window: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    copy = window.copy()
    for at in np.flatnonzero(rng.random(len(copy)) < rate):
        copy[at] = ord(other_base(rng, chr(copy[at])))
    return copy
