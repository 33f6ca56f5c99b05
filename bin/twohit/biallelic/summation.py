"""The exact sum behind the posterior: states, quadrature points, clone trees and alleles, for hits that are real."""

from dataclasses import replace

import numpy as np

from twohit.biallelic.arrangements import Arrangement, Locus, arrangements
from twohit.biallelic.clone_trees import same_cells
from twohit.biallelic.gathering import Gathered
from twohit.biallelic.joint_reads import Joint
from twohit.biallelic.likelihood import expected_vaf, log_missed, log_phase, log_reads
from twohit.biallelic.parameters import GRID
from twohit.biallelic.populations import SLACK, fits, linear
from twohit.biallelic.posterior import CellRelation, CopyState, Hit, Posterior, three_points
from twohit.copynumber.clonality import LocalCopies

LOG_FLOOR = -30.0  # grid points whose reads are less likely than this (natural log, against the best) are skipped
PAIR_STEPS = ((300, 4), (np.inf, 2))  # two somatic hits: depth up to which so many grid steps are far below its noise
NEGLIGIBLE = 1e-8  # of the mass so far: an arrangement that cannot reach it is skipped
GOOD_FIT = -5.0  # log likelihood of the best arrangement from which none has to be sought: no contradiction by far


class Sum:
    """The sum for hits that are all real: walks over states, quadrature points and arrangements."""

    def __init__(self, states, hits, phase, parameters, relations=None):
        self.states, self.hits, self.phase, self.parameters = states, hits, phase, parameters
        self.relations: dict[tuple[int, int], CellRelation] = relations or {}
        self.somatic = [i for i, hit in enumerate(hits) if not hit.kind.germline]
        deepest = max((hits[i].depth for i in self.somatic), default=0)
        self.step = next(step for depth, step in PAIR_STEPS if deepest <= depth) if len(self.somatic) > 1 else 1
        self.grid = GRID[:: self.step]
        self.out = Posterior(ccf=np.zeros((len(hits), len(GRID))))
        self.out.states = np.zeros(len(states))
        self.out.n_counts = sum(hit.depth > 0 for hit in hits) + sum(n > 0 for _, n in phase.values())
        self.mass = 0.0
        self.trusted = _trusted(states, parameters.copy_number_coverage)

    def run(self) -> Posterior:
        """Do the sum and normalise it; without any mass (no state fits) everything stays 0."""
        for number in sorted(range(len(self.states)), key=lambda k: -self.states[k].weight):
            state, before = self.states[number], self.mass
            locus = Locus(state.total, state.minor, state.normal, tuple(hit.kind for hit in self.hits), state.rest)
            known = arrangements(locus, self.parameters)
            ccfs = state.ccfs if "cn" in locus.founder_events else ((1.0, 1.0),)
            for ccf, weight in three_points(ccfs) if len(self.somatic) > 1 else ccfs:
                self._state(state, locus, known, ccf, state.weight * weight, number in self.trusted)
            self.out.states[number] = self.mass - before
        out = self.out
        out.evidence = self.mass
        if self.mass > 0:
            for mass in (out.share, out.touched, out.ccf, out.states):
                mass /= self.mass
            out.reading /= max(out.reading.sum(), 1e-300)
            for table in (out.mechanisms, out.together, out.trans):
                for key in table:
                    table[key] = float(table[key] / self.mass)
        return out

    def _prior(self, hit: Hit, shared: bool) -> np.ndarray:
        """Prior mass of the cell fraction on the grid; with `shared` a last one: on the copy-number change's branch."""
        p = self.parameters
        here = 1 - p.prior_absent if hit.elsewhere else 1.0
        branch = p.prior_same_branch if shared else 0.0
        subclonal = here * (1 - p.prior_clonal)
        prior = np.full(len(self.grid), subclonal * (1 - branch) / (len(self.grid) - 1))
        prior[0] = 1 - here
        prior[-1] += here * p.prior_clonal
        return np.r_[prior, subclonal * branch] if shared else prior

    def _flat(self, prior: np.ndarray) -> np.ndarray:
        """Factor that makes the prior flat over all fractions above 0; absence and a shared branch keep their mass."""
        n = len(self.grid)
        level = prior[1:n].sum() / (n - 1)
        return np.r_[1.0, level / np.maximum(prior[1:n], 1e-300), np.ones(len(prior) - n)]

    def _state(self, state: CopyState, locus: Locus, known, ccf: float, weight: float, trusted: bool) -> None:
        """Add one state at one cell fraction; purities only enter the likelihood and are summed there."""
        founders = [1.0 if event == "base" else ccf for event in locus.founder_events]
        place = state.place(ccf)
        shared = "cn" in locus.founder_events and 0 < ccf < 1
        grid = np.r_[self.grid, ccf] if shared else self.grid
        reads = {}
        for i in range(len(self.hits)):
            rows = sorted({arrangement.mutated[i] for arrangement in known})
            reads |= zip([(i, row) for row in rows], self._reads(i, rows, founders, state.purities, place, grid))
        axes = self._axes(reads)
        if axes is None:
            return
        shapes = [(-1,) + (1,) * (len(axes) - 1 - k) for k in range(len(axes))]
        values = founders + [grid[axis].reshape(shape) for axis, shape in zip(axes, shapes)]
        sizes: dict[tuple, np.ndarray] = {}
        allowed = {forest: self._fitting(forest, values, axes, sizes) for forest in {one.forest for one in known}}
        possible = {forest: bool(np.any(mask)) for forest, mask in allowed.items()}
        prior = weight / np.maximum(sum(np.asarray(mask, dtype=float) for mask in allowed.values()), 1)
        flat, priors = np.asarray(1.0), {}
        for i, axis, shape in zip(self.somatic, axes, shapes):
            own = self._prior(self.hits[i], shared)
            priors[i] = own[axis]
            prior = prior * own[axis].reshape(shape)
            flat = flat * self._flat(own)[axis].reshape(shape)
        reads = {(i, row): self._on_axis(i, table, axes) for (i, row), table in reads.items()}
        joint = Joint(reads, np.array([w for _, w in state.purities]), priors)
        phases, weighted, gathered = {}, {}, Gathered()
        bounds = [weight * arrangement.weight * joint.evidence(arrangement) for arrangement in known]
        for k in np.argsort(-np.array(bounds), kind="stable"):
            arrangement, fitting = known[k], allowed[known[k].forest]
            if not possible[arrangement.forest]:
                continue
            better = trusted and self.out.fit < min(joint.bound(arrangement), GOOD_FIT)
            matters = bounds[k] > NEGLIGIBLE * self.mass
            if not (better or matters):
                continue
            phase = self._phase(arrangement, values, state.purities, place, phases)
            if better:
                best = np.max(np.where(fitting, joint.best(arrangement) + phase, -np.inf))
                self.out.fit = max(self.out.fit, float(best))
            if matters:
                reads_of = (arrangement.forest, arrangement.mutated, arrangement.pairs if self.phase else ())
                if reads_of not in weighted:
                    weighted[reads_of] = joint.summed(arrangement) * np.exp(phase) * prior * fitting
                told = self._in_cells(arrangement, state, values) if self.relations else 1.0
                self._collect(arrangement, weighted[reads_of] * (told * arrangement.weight), gathered)
        gathered.put(self.out, values, flat, self.parameters.min_share - 1e-9)

    def _fitting(self, forest: tuple[int, ...], values: list, axes: list, sizes: dict) -> np.ndarray:
        """Where the forest fits the cell fractions; a hit on the branch of the copy-number change is nested with it."""
        mask, first = fits(forest, values, sizes), len(values) - len(axes)
        for k, axis in enumerate(axes):
            if axis[-1] == len(self.grid) and same_cells(forest, first - 1, first + k) < 0:
                mask = mask & (axis < len(self.grid)).reshape((-1,) + (1,) * (len(axes) - 1 - k))
        return mask

    def _in_cells(self, arrangement: Arrangement, state: CopyState, values: list):
        """Factor of what single cells say of events together; 1 where one is absent or the cells were not asked."""
        factor = np.asarray(1.0)
        for i, j, row in arrangement.together:
            told = self.relations.get((i, j))
            if told is None or (i < 0 and not state.changed(told.direction)):
                continue
            change = len(values) - len(self.somatic) - 1
            one = values[change] if i < 0 else linear(arrangement.carried[i], values)
            two, both = linear(arrangement.carried[j], values), linear(row, values)
            if i < 0 and state.changed(told.direction, state.outside[0]):  # all tumour cells have the change
                one, both = 1.0, two
            factor = factor * told.factor(np.asarray(both), np.asarray(one), np.asarray(two), SLACK)
        return factor

    def _on_axis(self, i: int, table: np.ndarray, axes: list) -> np.ndarray:
        """Take the grid points of a somatic hit's axis."""
        return table[:, axes[self.somatic.index(i)]] if i in self.somatic else table

    def _reads(self, i: int, rows: list, founders: list, purities, place: LocalCopies, grid: np.ndarray) -> np.ndarray:
        """Log likelihood of a hit's reads, shape (rows, purities, grid); one grid column for a germline hit."""
        hit, n = self.hits[i], len(founders)
        amount = np.array([[linear(row[: n + 1], founders)] for row in rows])
        if not hit.kind.germline:
            amount = amount + np.array([row[1 + n + self.somatic.index(i)] for row in rows])[:, None] * grid
        germline = hit.kind.germline_copies(place.normal)
        place = replace(place, reference_bias=hit.reference_bias)
        vaf = [expected_vaf(place, purity, amount, germline) for purity, _ in purities]
        if hit.missed:
            return log_missed(hit.missed, np.stack(vaf, axis=1))
        return log_reads(hit.alt, hit.depth, np.stack(vaf, axis=1), self.parameters)

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

    def _phase(self, arrangement: Arrangement, values: list, purities, place: LocalCopies, known: dict):
        """Log likelihood of the fragments that span two hits; normal cells carry a germline hit alone (mean purity).

        `known` : what was computed for the same pairs of the state before.
        """
        log = 0.0
        for i, j, both, either in arrangement.pairs:
            n_both, n_either = self.phase.get((i, j), (0, 0))
            if n_either and (i, j, both, either) not in known:
                purity = sum(value * weight for value, weight in purities)
                normal = [self.hits[k].kind.germline_copies(place.normal) for k in (i, j)]
                together = purity * np.maximum(linear(both, values), 0.0) + (1 - purity) * min(normal)
                anyone = purity * np.maximum(linear(either, values), 0.0) + (1 - purity) * max(normal)
                known[(i, j, both, either)] = log_phase(n_both, n_either, together, anyone, self.parameters)
            log = log + known.get((i, j, both, either), 0.0)
        return log

    def _collect(self, arrangement: Arrangement, mass, gathered: Gathered) -> None:
        """Add the mass of an arrangement, if it is any of the mass so far."""
        mass = np.asarray(mass)
        total = float(mass.sum())
        if total > NEGLIGIBLE * self.mass:
            self.mass += total
            gathered.add(arrangement, mass)


def _trusted(states: list[CopyState], coverage: float) -> set[int]:
    """Name the states, heaviest first, that together hold `coverage` of the copy-number weight."""
    order = sorted(range(len(states)), key=lambda k: -states[k].weight)
    before = np.cumsum([0.0] + [states[k].weight for k in order])[:-1]
    return {k for k, weight in zip(order, before) if weight < coverage}
