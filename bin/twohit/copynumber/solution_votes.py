"""Weights of the purity/ploidy solutions after the mutations have voted."""

import numpy as np

VOTE_CAP = 3.0  # nats one mutation may say for or against a solution
VOTE_TEMPER = 0.5  # share of the votes that counts: multiplicity priors are rough


def weigh_solutions(weights: np.ndarray, log_evidence: np.ndarray) -> np.ndarray:
    """Weights of the solutions after the mutations' vote.

    A mutation on two copies of a doubled (4, 2) lies above every VAF that the undoubled twin's (2, 1) allows. The
    priors of multiplicities are rough, so a mutation may say `VOTE_CAP` nats at most and all votes are tempered by
    `VOTE_TEMPER`.

    Parameters
    ----------
    weights : array of float, shape (k,)
    log_evidence : array of float, shape (n, k)
        `CcfPosterior.log_evidence` of each mutation.
    """
    votes = np.asarray(log_evidence, dtype=float).reshape(-1, len(weights))
    votes = np.maximum(votes - votes.max(axis=1, keepdims=True), -VOTE_CAP) if len(votes) else votes
    value = np.log(np.maximum(weights, 1e-300)) + VOTE_TEMPER * votes.sum(axis=0)
    value = np.exp(value - value.max())
    return value / value.sum()
