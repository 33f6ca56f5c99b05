"""Likelihood of the reads of all hits of a gene together, in one state of its copies."""

import numpy as np

from twohit.biallelic.arrangements import Arrangement


class Joint:
    """Likelihoods of all hits together, over the purities, which all hits share.

    Parameters
    ----------
    logs : dict of (int, tuple) to array, shape (purities, points)
        Log likelihood of each hit's reads for each row of mutated copies, on the points of the hit's own axis.
    weights : array, shape (purities,)
    priors : dict of int to array, shape (points,)
        Prior on the axis of each somatic hit; a germline hit has one point and no prior.
    """

    def __init__(self, logs: dict, weights: np.ndarray, priors: dict):
        self.logs, self.weights, self.somatic = logs, weights, list(priors)
        self.likelihoods = {key: np.exp(table) for key, table in logs.items()}
        self.top = {key: float(table.max()) for key, table in logs.items()}
        self.alone = {key: table @ priors.get(key[0], np.ones(1)) for key, table in self.likelihoods.items()}

    def bound(self, arrangement: Arrangement) -> float:
        """Log likelihood that no point of the arrangement exceeds."""
        return sum(self.top[pair] for pair in enumerate(arrangement.mutated))

    def evidence(self, arrangement: Arrangement) -> float:
        """Probability of the reads if cell fractions were free: no smaller than where they have to fit a tree."""
        total = self.weights
        for pair in enumerate(arrangement.mutated):
            total = total * self.alone[pair]
        return float(total.sum())

    def summed(self, arrangement: Arrangement) -> np.ndarray:
        """Likelihood summed over the purities; shape is that of the axes."""
        weights, tables = self.weights, []
        for i, row in enumerate(arrangement.mutated):
            if i in self.somatic:
                tables.append(self.likelihoods[(i, row)])
            else:
                weights = weights * self.likelihoods[(i, row)][:, 0]
        if len(tables) == 2:
            return (weights[:, None] * tables[0]).T @ tables[1]
        return weights @ tables[0] if tables else np.asarray(weights.sum())

    def best(self, arrangement: Arrangement) -> np.ndarray:
        """Best log likelihood over the purities; shape is that of the axes."""
        best = -np.inf
        for k in range(len(self.weights)):
            total, axis = np.asarray(0.0), 0
            for i, row in enumerate(arrangement.mutated):
                values = self.logs[(i, row)][k]
                if i in self.somatic:
                    axis += 1
                    values = values.reshape((-1,) + (1,) * (len(self.somatic) - axis))
                else:
                    values = values[0]
                total = total + values
            best = np.maximum(best, total)
        return np.asarray(best)
