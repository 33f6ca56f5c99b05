"""The exact sum behind the posterior: states, quadrature points, clone trees and alleles, for hits that are real."""

import itertools

import numpy as np

from twohit.biallelic.arrangements import Arrangement, Locus, arrangements, own_population, same_cells
from twohit.biallelic.likelihood import expected_vaf, log_phase, log_reads
from twohit.biallelic.parameters import GRID
from twohit.biallelic.posterior import CopyState, Hit, Posterior, three_points
from twohit.copynumber.clonality import LocalCopies

SLACK = (GRID[1] - GRID[0]) / 2 + 1e-9  # cell fractions fit each other within half a grid step
LOG_FLOOR = -40.0  # grid points whose reads are less likely than this (natural log, against the best) are skipped
PAIR_STEP = 2  # with two somatic hits every second grid point is used


class Sum:
    """The sum for hits that are all real: walks over states, quadrature points and arrangements."""

    def __init__(self, states, hits, phase, parameters):
        self.states, self.hits, self.phase, self.parameters = states, hits, phase, parameters
        self.somatic = [i for i, hit in enumerate(hits) if not hit.kind.germline]
        self.step = PAIR_STEP if len(self.somatic) > 1 else 1
        self.grid = GRID[:: self.step]
        self.priors = [self._prior(hits[i]) for i in self.somatic]
        self.flat = [self._flat(prior) for prior in self.priors]
        self.out = Posterior(ccf=np.zeros((len(hits), len(GRID))))
        self.out.n_counts = sum(hit.depth > 0 for hit in hits) + sum(n > 0 for _, n in phase.values())
        self.mass = 0.0
        self.trusted = _trusted(states, parameters.copy_number_coverage)

    def run(self) -> Posterior:
        """Do the sum and normalise it; without any mass (no state fits) everything stays 0."""
        for number, state in enumerate(self.states):
            locus = Locus(state.total, state.minor, state.normal, tuple(hit.kind for hit in self.hits), state.rest)
            known = arrangements(locus, self.parameters)
            ccfs = state.ccfs if "cn" in locus.founder_events else ((1.0, 1.0),)
            for ccf, weight in three_points(ccfs) if len(self.somatic) > 1 else ccfs:
                self._state(state, locus, known, ccf, state.weight * weight, number in self.trusted)
        out = self.out
        if self.mass > 0:
            for mass in (out.share, out.touched, out.ccf):
                mass /= self.mass
            out.reading /= max(out.reading.sum(), 1e-300)
            for table in (out.mechanisms, out.together, out.trans):
                for key in table:
                    table[key] = float(table[key] / self.mass)
        return out

    def _prior(self, hit: Hit) -> np.ndarray:
        """Prior mass of the cell fraction on the grid."""
        p = self.parameters
        here = 1 - p.prior_absent if hit.elsewhere else 1.0
        prior = np.full(len(self.grid), here * (1 - p.prior_clonal) / (len(self.grid) - 1))
        prior[0] = 1 - here
        prior[-1] += here * p.prior_clonal
        return prior

    @staticmethod
    def _flat(prior: np.ndarray) -> np.ndarray:
        """Factor that makes the prior flat over all fractions above 0; absence keeps its mass."""
        level = prior[1:].sum() / (len(prior) - 1)
        return np.r_[1.0, level / np.maximum(prior[1:], 1e-300)]

    def _state(self, state: CopyState, locus: Locus, known, ccf: float, weight: float, trusted: bool) -> None:
        """Add one state at one cell fraction; purities only enter the likelihood and are summed there."""
        founders = [1.0 if event == "base" else ccf for event in locus.founder_events]
        place = state.place(ccf)
        reads = {
            (i, row): self._reads(i, row, founders, state.purities, place)
            for i, row in {(i, row) for arrangement in known for i, row in enumerate(arrangement.mutated)}
        }
        axes = self._axes(reads)
        if axes is None:
            return
        shapes = [(-1,) + (1,) * (len(axes) - 1 - k) for k in range(len(axes))]
        values = founders + [self.grid[axis].reshape(shape) for axis, shape in zip(axes, shapes)]
        fits = {forest: _fits(forest, values) for forest in {arrangement.forest for arrangement in known}}
        prior = weight / np.maximum(sum(np.asarray(mask, dtype=float) for mask in fits.values()), 1)
        flat = np.asarray(1.0)
        for k, axis in enumerate(axes):
            prior = prior * self.priors[k][axis].reshape(shapes[k])
            flat = flat * self.flat[k][axis].reshape(shapes[k])
        for arrangement in known:
            fitting = fits[arrangement.forest]
            if not np.any(fitting):
                continue
            logs = [reads[(i, row)] for i, row in enumerate(arrangement.mutated)]
            phase = self._phase(arrangement, values, state.purities, place)
            if trusted:
                best = _best(logs, self.somatic, axes) + phase
                self.out.fit = max(self.out.fit, float(np.max(np.where(fitting, best, -np.inf))))
            likelihood = _summed(logs, self.somatic, axes, np.array([w for _, w in state.purities])) * np.exp(phase)
            mass = np.where(fitting, likelihood, 0.0) * prior * arrangement.weight
            self._collect(arrangement, locus, values, mass, flat)

    def _reads(self, i: int, row: tuple, founders: list, purities, place: LocalCopies) -> np.ndarray:
        """Log likelihood of a hit's reads, shape (purities, grid); one grid column for a germline hit."""
        hit, n = self.hits[i], len(founders)
        amount = np.array([_linear(row[: n + 1], founders)])
        if not hit.kind.germline:
            amount = amount + row[1 + n + self.somatic.index(i)] * self.grid
        germline = hit.kind.germline_copies(place.normal)
        vaf = [expected_vaf(place, purity, amount, germline) for purity, _ in purities]
        return log_reads(hit.alt, hit.depth, np.array(vaf), self.parameters)

    def _axes(self, reads: dict) -> list | None:
        """Grid points of each somatic hit that its reads allow under any arrangement; None if there are none."""
        axes = []
        for i in self.somatic:
            tables = [table.max(axis=0) for (k, _), table in reads.items() if k == i]
            if not tables:
                return None
            best = np.maximum.reduce(tables)
            axes.append(np.flatnonzero(best > max(best.max() + LOG_FLOOR, -700.0)))
            if len(axes[-1]) == 0:
                return None
        return axes

    def _phase(self, arrangement: Arrangement, values: list, purities, place: LocalCopies):
        """Log likelihood of the fragments that span two hits; normal cells carry a germline hit alone (mean purity)."""
        log = 0.0
        for i, j, both, either in arrangement.pairs:
            n_both, n_either = self.phase.get((i, j), (0, 0))
            if n_either:
                purity = sum(value * weight for value, weight in purities)
                normal = [self.hits[k].kind.germline_copies(place.normal) for k in (i, j)]
                together = purity * np.maximum(_linear(both, values), 0.0) + (1 - purity) * min(normal)
                anyone = purity * np.maximum(_linear(either, values), 0.0) + (1 - purity) * max(normal)
                log = log + log_phase(n_both, n_either, together, anyone, self.parameters)
        return log

    def _collect(self, arrangement: Arrangement, locus: Locus, values, mass, flat) -> None:
        mass = np.asarray(mass)
        total = float(mass.sum())
        if total <= 0:
            return
        self.mass += total
        s0 = self.parameters.min_share - 1e-9
        share = _on_grid(_linear(arrangement.lost, values), mass)
        _bin(self.out.share, share, mass)
        _bin(self.out.reading, share, mass * flat)
        _bin(self.out.touched, _on_grid(_linear(arrangement.touched, values), mass), mass)
        for i, row in enumerate(arrangement.carried):
            _bin(self.out.ccf[i], _on_grid(_linear(row, values), mass), mass)
        loss = np.where(share >= s0, mass, 0.0)
        for name, row in arrangement.mechanisms:
            part = _on_grid(_linear(row, values), mass) / np.maximum(share, 1e-9)
            table = self.out.mechanisms
            table[name] = table.get(name, 0.0) + float((loss * part).sum())
        self._collect_pairs(arrangement, locus, values, mass, s0)

    def _collect_pairs(self, arrangement, locus, values, mass, s0) -> None:
        """Add up which events share cells, and which hits share a copy."""
        names = [None if event == "base" else -1 for event in locus.founder_events] + self.somatic
        events = [event for event, name in enumerate(names) if name is not None]
        for a, b in itertools.combinations(events, 2):
            node = same_cells(arrangement.forest, a, b)
            amount = _on_grid(values[node], mass) if node >= 0 else np.zeros(mass.shape)
            self._tally(self.out.together, (names[a], names[b]), np.where(amount >= s0, mass, 0.0))
        germline = [i for i, hit in enumerate(self.hits) if hit.kind.germline]
        for i, a in itertools.product(germline, events):
            amount = _on_grid(values[a], mass)
            key = (min(i, names[a]), max(i, names[a]))
            self._tally(self.out.together, key, np.where(amount >= s0, mass, 0.0))
        for i, j, both, _ in arrangement.pairs:
            self._tally(self.out.trans, (i, j), np.where(_on_grid(_linear(both, values), mass) <= 1e-9, mass, 0.0))

    @staticmethod
    def _tally(table: dict, key: tuple[int, int], mass: np.ndarray) -> None:
        table[key] = table.get(key, 0.0) + float(mass.sum())


def _trusted(states: list[CopyState], coverage: float) -> set[int]:
    """Name the states, heaviest first, that together hold `coverage` of the copy-number weight."""
    order = sorted(range(len(states)), key=lambda k: -states[k].weight)
    before = np.cumsum([0.0] + [states[k].weight for k in order])[:-1]
    return {k for k, weight in zip(order, before) if weight < coverage}


def _summed(logs: list, somatic: list[int], axes: list, weights: np.ndarray) -> np.ndarray:
    """Sum the hits' joint likelihood over the purities, which all hits share; shape is that of the axes."""
    tables = [np.exp(logs[i][:, axis]) for i, axis in zip(somatic, axes)]
    for i, table in enumerate(logs):
        if i not in somatic:
            weights = weights * np.exp(table[:, 0])
    if len(tables) == 2:
        return (weights[:, None] * tables[0]).T @ tables[1]
    return weights @ tables[0] if tables else np.asarray(weights.sum())


def _best(logs: list, somatic: list[int], axes: list) -> np.ndarray:
    """Return the best joint log likelihood over the purities; shape is that of the axes."""
    rest = sum(table[:, 0] for i, table in enumerate(logs) if i not in somatic) + np.zeros(len(logs[0]) if logs else 1)
    best = -np.inf
    for k, base in enumerate(rest):
        total = base
        for n, (i, axis) in enumerate(zip(somatic, axes)):
            total = total + logs[i][k, axis].reshape((-1,) + (1,) * (len(axes) - 1 - n))
        best = np.maximum(best, total)
    return np.asarray(best)


def _linear(row, values):
    return row[0] + sum(a * value for a, value in zip(row[1:], values) if a)


def _fits(forest: tuple[int, ...], values):
    """Whether every population of the forest has a size of 0 or more (within half a grid step)."""
    fine = np.asarray(True)
    for row in own_population(forest):
        fine = fine & (np.asarray(_linear(row, values)) >= -SLACK)
    return np.broadcast_to(fine, np.broadcast_shapes(fine.shape, *(np.shape(value) for value in values)))


def _on_grid(amount, mass: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.clip(amount, 0.0, 1.0), mass.shape)


def _bin(target: np.ndarray, amount: np.ndarray, mass: np.ndarray) -> None:
    place = np.rint(amount * (len(GRID) - 1)).astype(int)
    target += np.bincount(place.ravel(), weights=mass.ravel(), minlength=len(GRID))
