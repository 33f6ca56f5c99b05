"""Copy-number states of one gene over all weighted purity/ploidy solutions, as the model sums over them."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from twohit.biallelic.arrangements import few
from twohit.biallelic.covering import covering, on_contig
from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.parameters import Z90, Parameters
from twohit.biallelic.places import normal_copies, of_its_own
from twohit.biallelic.posterior import CopyState
from twohit.biallelic.solutions import ANY_PURITY, solution_purities
from twohit.copynumber.states import neutral_state
from twohit.errors import InputError
from twohit.genome.contigs import Genome, Position

DEFAULT_CCF_SD = 0.03  # for a state without an interval of its own
DEFAULT_STATES = {(2, 1): 0.70, (1, 0): 0.12, (2, 0): 0.08, (3, 1): 0.10}  # (total, minor): weight without copy number
CCF_POINTS = 9
DELETION_POINTS = 41  # the share itself is read from these
EVENTS = {"p_homozygous_loss": (0, 0), "p_loh": (1, 0), "p_copy_neutral_loh": (2, 0), "p_gain": (3, 1)}  # total, minor
OPEN_CCFS = (0.1, 0.3, 0.5, 0.7, 0.9)  # cell fractions of an event whose own is not listed, equally likely
MIN_UNLISTED = 0.01  # probability that may be missing from a solution's listed states
DOUBTFUL = 0.05  # probability of changes from which "nothing is changed" is not taken for sure
MIN_WEIGHT = 1e-4  # states below this weight are left out


@dataclass
class GeneCopies:
    """The weighted states of a gene, whether they were measured, and what to tell of them."""

    states: list[CopyState]
    measured: bool
    purity_known: bool
    normal: int
    notes: list[str] = field(default_factory=list)
    segment: pd.Series | None = None

    def summary(self) -> list[dict]:
        """States summed over solutions: total, minor, weight, mean ccf, and the likeliest state of the other cells
        where that is not their normal one; heaviest first.
        """
        table: dict[tuple[int, int], list[float]] = {}
        others: dict[tuple[int, int], dict] = {}
        for state in self.states:
            ccf = sum(value * weight for value, weight in state.ccfs)
            known = table.setdefault((state.total, state.minor), [0.0, 0.0])
            known[0] += state.weight
            known[1] += state.weight * ccf
            rest = state.rest if state.own is not None and state.rest != state.own else (None, None)
            beside = others.setdefault((state.total, state.minor), {})
            beside[rest] = beside.get(rest, 0.0) + state.weight
        rows = [
            {"total_cn": total, "minor_cn": minor, "probability": weight, "ccf": ccf / weight}
            | dict(zip(("rest_total_cn", "rest_minor_cn"), max(beside, key=beside.get), strict=True))
            for ((total, minor), (weight, ccf)), beside in zip(table.items(), others.values(), strict=True)
        ]
        return sorted(rows, key=lambda row: (-row["probability"], row["total_cn"], row["minor_cn"]))

    def given(self, posterior: np.ndarray) -> "GeneCopies":
        """The same with each state's weight after the gene's reads; as they are where no state explains these."""
        if posterior.size != len(self.states) or posterior.sum() <= 0:
            return self
        weights = posterior / posterior.sum()
        states = [replace(state, weight=float(w)) for state, w in zip(self.states, weights, strict=True)]
        return replace(self, states=[state for state in states if state.weight >= MIN_WEIGHT])


def gene_copies(
    position: Position, sample: SampleEvidence, sex: str | None, genome: Genome, parameters: Parameters
) -> GeneCopies:
    """Collect the states of a gene in one sample; without measured copies the documented default weights."""
    purities = solution_purities(sample, position)
    known = sample.purity_ploidy is not None and sample.purity_ploidy.get("purity") is not None
    notes: list[str] = []
    normals = normal_copies(position, sex, genome)
    _check_solutions(sample)
    sample = of_its_own(position, sample, sex, genome)
    rows = _state_rows(position, sample, normals[0][0], notes)
    states = []
    for normal, share in normals:
        here = rows or _default_rows(normal, len(purities))
        for solution, weight, total, minor, ccf, interval, others in here:
            solution_weight, points, doubled = purities[min(solution, len(purities) - 1)]
            own = neutral_state(doubled, normal)
            rest = others or own
            ccfs = ((1.0, 1.0),) if (total, minor) == rest else _ccf_points(total, ccf, interval)
            made = CopyState(share * weight * solution_weight, total, minor, normal, ccfs, points, solution, rest, own)
            states.append(made)
    if known and rows:
        states += _unchanged(sample, normals)
    states = [state for state in states if state.weight >= MIN_WEIGHT]
    mass = sum(state.weight for state in states)
    scaled = [replace(state, weight=state.weight / mass) for state in states]
    return GeneCopies(scaled, bool(rows), known, normals[0][0], notes, _segment(position, sample.segments))


def _unchanged(sample: SampleEvidence, normals: list[tuple[int, float]]) -> list[CopyState]:
    """States of a tumour of any purity in which nothing is changed, beside those of the solutions, which sum to one."""
    chance = float(sample.purity_ploidy.get("no_change_probability") or 0.0)
    odds = chance / max(1 - chance, 0.5)  # above one half "nothing is changed" is the solution
    return [
        CopyState(share * odds, normal, normal // 2, normal, ((1.0, 1.0),), ANY_PURITY, -1, (normal, normal // 2))
        for normal, share in normals
    ]


def changes_not_listed(sample: SampleEvidence) -> str:
    """Words where the tumour may have changes though its fit lists "nothing is changed" alone; empty where not."""
    fit = sample.purity_ploidy or {}
    nothing = fit.get("no_change_probability")
    if fit.get("purity") is not None or nothing is None or 1 - nothing < DOUBTFUL:
        return ""
    return f"with P {1 - nothing:.2f} the tumour has copy-number changes, which its fit does not list"


def _default_rows(normal: int, n_solutions: int) -> list[tuple]:
    if normal == 2:
        table = DEFAULT_STATES
    else:
        table = {(normal, 0): 1.0}
    return [(k, w, total, minor, 1.0, None, None) for k in range(n_solutions) for (total, minor), w in table.items()]


def _state_rows(position: Position, sample: SampleEvidence, normal: int, notes: list[str]) -> list[tuple]:
    """Rows (solution, probability, total, minor, ccf, interval, state of the other cells or None) that cover the gene;
    empty if nothing was measured.
    """
    known = _known_state(position, sample)
    if sample.solutions is None:
        if known is None or pd.isna(known["total_cn"]):
            return []
        chance = 1.0 if pd.isna(known["probability"]) else float(known["probability"])
        rows = _expand(0, known, chance, known)
        return rows + ([(0, 1 - chance, 2, 1, 1.0, None, None)] if chance < 1 else [])
    made = []
    alternatives = (sample.purity_ploidy or {}).get("alternatives") or []
    if _told_unknown(position, sample):
        return []
    if not covering(position, sample.solutions[sample.solutions["solution"] == 0], notes):
        return []
    if own := _own_rows(position, sample):
        return own
    for solution, table in sample.solutions.groupby("solution"):
        parts = covering(position, table, notes)
        listed = sum(float(row["probability"]) * share for row, share in parts)
        doubled = bool(alternatives) and (alternatives[int(solution)].get("wgd") or 0) > 0.5
        own = neutral_state(doubled, normal)
        rest = _unlisted(int(solution), 1 - listed, parts, known, own) if 0 < listed < 1 - MIN_UNLISTED else []
        scale = 1 / listed if listed > 0 and not rest else 1.0
        for row, share in parts:
            if row["probability"] > 0:
                made += _expand(int(solution), row, float(row["probability"]) * share * scale, known)
        made += rest
    return made


def _check_solutions(sample: SampleEvidence) -> None:
    n_alternatives = len((sample.purity_ploidy or {}).get("alternatives") or [])
    for name in ("solutions", "gene_solutions"):
        table = getattr(sample, name)
        if table is not None and len(table) and n_alternatives and table["solution"].max() >= n_alternatives:
            raise InputError(
                f"{sample.sample}.{name}.tsv: solution {table['solution'].max()} is not among the {n_alternatives} "
                f"alternatives of {sample.sample}.purity_ploidy.json; give both from one run"
            )


def _told_unknown(position: Position, sample: SampleEvidence) -> bool:
    """Whether the gene is `unknown` in the fit's own table of genes: no locus tells of it."""
    known = _known_state(position, sample) if sample.gene_states is not None else None
    return known is not None and known.get("state") == "unknown"


def _own_rows(position: Position, sample: SampleEvidence) -> list[tuple]:
    """Rows of a gene whose states the fit tells one by one: breakpoints and focal losses are summed out there."""
    if sample.gene_solutions is None:
        return []
    table = sample.gene_solutions
    same = (table["start"] == position.start) & (table["end"] == position.end)
    rows = on_contig(table[same], position)
    return [
        (int(row["solution"]), row["probability"], int(row["total_cn"]),
         int(min(row["minor_cn"], row["total_cn"] - row["minor_cn"])), row["ccf"], (row["ccf_lower"], row["ccf_upper"]),
         _others(int(row["total_cn"]), row))
        for row in rows.to_dict("records")
    ]  # fmt: skip


def _unlisted(solution: int, mass: float, parts: list, known: pd.Series | None, own: tuple[int, int]) -> list[tuple]:
    """Give the probability the solutions table leaves out to the events of the gene table, cell fraction open.

    What its events leave is the chance that nothing is changed: `own`, the tumour's own neutral state. The event that
    the gene table's state is, that of the best solution by copy number alone, is no alternative of another solution.
    """
    if known is None or "p_loh" not in known or known[list(EVENTS)].isna().any():
        return []
    chances = {state: float(known[name]) for name, state in EVENTS.items()}
    chances[(1, 0)] = max(chances[(1, 0)] - chances[(2, 0)], 0.0)  # p_loh includes copy-neutral LOH
    chances[own] = max(1 - sum(chances.values()), 0.0)
    told = [row for row, _ in parts]
    for row in told if solution == 0 else [*told, known]:
        chances.pop(_event_state(row), None)
    total = sum(chances.values())
    if total <= 0:
        return []
    # All copies lost where all cells have one allele left, as listed: on top of that, not beside normal cells.
    clonal = [_event_state(row) for row in told if not pd.isna(row["minor_cn"]) and row["ccf"] >= 1]
    base = next((state for state in clonal if state in ((1, 0), (2, 0))), None)
    return [
        (solution, mass * chance / total / len(OPEN_CCFS), *state, ccf, (ccf, ccf), base if state == (0, 0) else None)
        for state, chance in chances.items()
        for ccf in OPEN_CCFS
        if chance > 0
    ]


def _event_state(row: pd.Series) -> tuple[int, int]:
    """State that stands for the event of a row in `EVENTS`; its own state where it is none of them."""
    if pd.isna(row["total_cn"]):
        return -1, -1
    total, minor = int(row["total_cn"]), 0 if pd.isna(row["minor_cn"]) else int(row["minor_cn"])
    return (min(total, 2), 0) if minor == 0 else (total, minor)


def _expand(solution: int, row: pd.Series, chance: float, known: pd.Series | None) -> list[tuple]:
    """Make a row's states: an unknown minor copy number becomes every possible one, equally likely (many: `few`)."""
    total = int(row["total_cn"])
    ccf = 1.0 if pd.isna(row["ccf"]) else float(row["ccf"])
    interval = None
    if known is not None and not known[["total_cn", "ccf_lower", "ccf_upper"]].isna().any():
        low, high = float(known["ccf_lower"]), float(known["ccf_upper"])
        minors_known = not pd.isna(known["minor_cn"]) and not pd.isna(row["minor_cn"])
        same = known["total_cn"] == total and (not minors_known or known["minor_cn"] == row["minor_cn"])
        if same and low <= ccf <= high:
            interval = (low, high)
    if pd.isna(row["minor_cn"]):  # none is another thing than few, so that it stands for itself
        most = total // 2
        minors = [(0, 1 / (most + 1)), *((m, w * most / (most + 1)) for m, w in few(range(1, most + 1)))]
    else:
        minors = [(min(int(row["minor_cn"]), total - int(row["minor_cn"])), 1.0)]
        if minors[0][0] < 0:
            raise InputError(
                f"a segment at {row['chrom']}:{row['start']} has minor_cn {row['minor_cn']} of total_cn {total}"
            )
    others = _others(total, row)
    return [(solution, chance * weight, total, minor, ccf, interval, others) for minor, weight in minors]


def _others(total: int, row) -> tuple[int, int] | None:
    """State of the other tumour cells beside `total` copies as a table has it; None where it is their normal one."""
    if pd.isna(row.get("rest_total_cn")):
        return None
    rest = int(row["rest_total_cn"]), int(row["rest_minor_cn"])
    if total > 0 and rest[0] == 0:
        raise InputError(
            f"a state at {row['chrom']}:{row['start']} has {total} copies beside cells with none (rest_total_cn 0), "
            "from which no cell comes; correct the table or make it again"
        )
    return rest


def _known_state(position: Position, sample: SampleEvidence) -> pd.Series | None:
    """Best-solution state of the gene with its intervals: from the gene table, else from its segment."""
    if sample.gene_states is not None:
        table = sample.gene_states
        same = (table["start"] == position.start) & (table["end"] == position.end)
        rows = on_contig(table[same], position)
        if len(rows):
            return rows.iloc[0]
    return _segment(position, sample.segments)


def _segment(position: Position, segments: pd.DataFrame | None) -> pd.Series | None:
    if segments is None:
        return None
    parts = covering(position, segments, [])
    return parts[0][0] if parts else None


def _ccf_points(total: int, ccf: float, interval: tuple[float, float] | None) -> tuple[tuple[float, float], ...]:
    """Equally likely points of a cell fraction: a normal with its own width on each side, cut to 0-1."""
    n = DELETION_POINTS if total == 0 else CCF_POINTS
    low, high = interval or (ccf - Z90 * DEFAULT_CCF_SD, ccf + Z90 * DEFAULT_CCF_SD)
    if low >= high:  # one of OPEN_CCFS
        return ((ccf, 1.0),)
    z = norm.ppf((np.arange(n) + 0.5) / n)
    values = ccf + np.where(z < 0, (ccf - low) / Z90 * z, (high - ccf) / Z90 * z)
    return tuple((float(value), 1 / n) for value in np.clip(values, 0.0, 1.0))
