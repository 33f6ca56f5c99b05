"""Sets of genes: read from GMT, and scored cell by cell against genes of like expression."""

from pathlib import Path

import numpy as np
import scipy.sparse as sp

from twohit.cells.gene_names import GeneFinder
from twohit.errors import UNREADABLE, InputError
from twohit.places import ASSETS

BUILT_IN = ASSETS / "cells" / "gene_sets.gmt"
EXHAUSTION, CYTOTOXIC = "EXHAUSTION", "CYTOTOXIC"
SCORED = {"exhaustion": EXHAUSTION, "cytotoxicity": CYTOTOXIC}
BINS = 25  # groups of genes of like mean expression (Tirosh et al. 2016, doi:10.1126/science.aad0501)
CONTROLS = 50  # genes a gene of the set is compared with, at most
LEAST_FOUND = 3  # genes of a set that the matrix must have, for a score


def read_gene_sets(path: str | Path = BUILT_IN) -> dict[str, list[str]]:
    """Read a GMT: a set a line, name, description, genes.

    Raises
    ------
    InputError
        Unreadable, no set in it, a line without genes, or a name that occurs twice.
    """
    path, sets = Path(path), {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UNREADABLE as error:
        raise InputError(f"{path}: cannot be read ({error}); give gene sets as GMT") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, *rest = [word.strip() for word in line.rstrip("\r").split("\t")]
        genes = list(dict.fromkeys(word for word in rest[1:] if word))
        if not name or not genes:
            raise InputError(
                f"{path}: row {number}: no genes; a line of a GMT is name, description, genes, tabs between"
            )
        if name in sets:
            raise InputError(f"{path}: row {number}: set {name} occurs twice; keep one")
        sets[name] = genes
    if not sets:
        raise InputError(f"{path}: holds no gene set; give lines of name, description, genes, tabs between")
    return sets


def score_cells(expression: sp.csr_matrix, finder: GeneFinder, genes: list[str]) -> np.ndarray | None:
    """Mean log-normalised expression of a set, less that of control genes of like mean expression.

    Controls are taken at even steps of each group of genes, so that nothing is drawn at random.

    Returns
    -------
    array, shape (n_cells,), or None with fewer than LEAST_FOUND genes in the matrix
    """
    found = np.unique(np.concatenate([finder.columns(gene) for gene in genes]))
    if len(found) < LEAST_FOUND or not expression.shape[0]:
        return None
    mean = np.asarray(expression.mean(axis=0)).ravel()
    order = np.argsort(mean, kind="stable")
    groups = np.array_split(order, min(BINS, max(1, expression.shape[1] // 2)))
    controls = []
    for group in groups:
        wanted = np.isin(group, found).sum()
        others = group[~np.isin(group, found)]
        if wanted and len(others):
            step = np.unique(np.linspace(0, len(others) - 1, min(CONTROLS, len(others))).astype(int))
            controls.append((wanted, others[step]))
    if not controls:
        return None
    score = np.asarray(expression[:, found].mean(axis=1)).ravel()
    total = sum(weight for weight, _ in controls)
    for weight, columns in controls:
        score = score - weight / total * np.asarray(expression[:, columns].mean(axis=1)).ravel()
    return score
