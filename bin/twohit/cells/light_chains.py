"""Light chains of plasma cells, who of them is the tumour's, and which translocation their genes speak for.

The model is in docs/methods/53_cell_antigens.md.
"""

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from twohit.cells.antigens import SPREAD_GENERAL, SURE, fold, mean_of
from twohit.cells.cell_changes import Z90
from twohit.cells.on_off_share import fit_share
from twohit.cells.plasma_input import PlasmaInput
from twohit.cells.shares import LOWER, UPPER, share_interval

KAPPA, LAMBDA = ("IGKC",), ("IGLC1", "IGLC2", "IGLC3", "IGLC7")
OWN, OTHER = 18.0, 2.0  # beta of the share of a cell's own chain: 0.9 of its light chains, the rest ambient
CALLED = 0.95
HIGHEST, LOWEST = 0.8, 1 / 3  # kappa share of plasma cells of many clones: kappa over lambda at most 4, at least 1/2
NORMAL_KAPPA = 0.6  # of normal plasma cells
GRID = (np.arange(200) + 0.5) / 200
ON_FROM = 0.5  # share of plasma cells that a translocation's gene must be on in
STRONG = 3.0  # how many times the other cells' mean, for a gene that all cells express a little


def light_chains(data: PlasmaInput) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Chains of each sample and of each cell, and who is malignant by them.

    Returns
    -------
    (DataFrame, array of str or None, array)
        LIGHT_CHAINS; kappa or lambda of each plasma cell; probability of malignancy by chain, nan where silent.
    """
    kappa, lambda_ = data.values(list(KAPPA)), data.values(list(LAMBDA))
    chain = np.full(len(data.cells), None, dtype=object)
    if kappa is not None and lambda_ is not None:
        p_kappa = p_of_kappa(kappa, lambda_)
        seen = kappa + lambda_ > 0
        chain[seen & (p_kappa >= CALLED)] = "kappa"
        chain[seen & (p_kappa <= 1 - CALLED)] = "lambda"
    mine = [data.plasma(sample) for sample in range(len(data.samples))]
    counted = [tuple(int((chain[index] == name).sum()) for name in ("kappa", "lambda")) for index in mine]
    judged = [restriction(*pair) for pair in counted]
    tumour = _tumour_chain(judged, counted)
    rows, malignant = [], np.full(len(data.cells), np.nan)
    for sample, (index, pair, (status, probability)) in enumerate(zip(mine, counted, judged)):
        row = data.row(sample) | {"n_cells": len(index), "n_kappa": pair[0], "n_lambda": pair[1]}
        row |= dict(zip(("kappa_share", "kappa_share_lower", "kappa_share_upper"),
                        map(float, share_interval(pair[0], sum(pair)))))  # fmt: skip
        row |= {"status": status, "probability": probability}
        if tumour is not None and sum(pair):
            share, lower, upper = malignant_share(pair, tumour)
            row |= {"malignant_share": share, "malignant_share_lower": lower, "malignant_share_upper": upper}
            malignant[index] = _by_chain(chain[index], tumour, share)
        rows.append(row)
    return pd.DataFrame(rows), chain, malignant


def p_of_kappa(kappa: np.ndarray, lambda_: np.ndarray) -> np.ndarray:
    """Probability that a cell makes kappa: beta-binomial of the shares of its light chains, either chain as likely."""
    n = np.round(kappa + lambda_).astype(int)
    k = np.round(kappa).astype(int)
    return expit(stats.betabinom.logpmf(k, n, OWN, OTHER) - stats.betabinom.logpmf(k, n, OTHER, OWN))


def restriction(n_kappa: int, n_lambda: int) -> tuple[str, float | None]:
    """Whether plasma cells are restricted to a chain, by kappa over lambda above 4 or below 1/2 (Rajkumar 2014)."""
    if n_kappa + n_lambda == 0:
        return "cannot_tell", None
    share = stats.beta(n_kappa + 0.5, n_lambda + 0.5)
    chances = {"kappa": share.sf(HIGHEST), "lambda": share.cdf(LOWEST)}
    chances["polyclonal"] = max(0.0, 1 - sum(chances.values()))
    best = max(chances, key=lambda name: chances[name])
    return (best if chances[best] >= SURE else "cannot_tell"), float(chances[best])


def _tumour_chain(judged: list, counted: list) -> str | None:
    """Chain of the tumour: of the restricted sample with the most plasma cells; it is the same in all samples."""
    known = [(sum(pair), status) for (status, _), pair in zip(judged, counted) if status in ("kappa", "lambda")]
    return max(known)[1] if known else None


def malignant_share(pair: tuple[int, int], tumour: str) -> tuple[float, float, float]:
    """Share of plasma cells that are the tumour: normal ones make kappa in 60 %, tumour cells one chain only."""
    own, other = pair if tumour == "kappa" else pair[::-1]
    normal = NORMAL_KAPPA if tumour == "kappa" else 1 - NORMAL_KAPPA
    chance = GRID + (1 - GRID) * normal
    log_post = own * np.log(chance) + other * np.log(1 - chance)
    weight = np.exp(log_post - log_post.max())
    total = np.cumsum(weight / weight.sum())
    return tuple(float(GRID[np.searchsorted(total, q)]) for q in (0.5, LOWER, UPPER))


def _by_chain(chain: np.ndarray, tumour: str, share: float) -> np.ndarray:
    normal = NORMAL_KAPPA if tumour == "kappa" else 1 - NORMAL_KAPPA
    p_own = share / (share + (1 - share) * normal)
    return np.array([np.nan if name is None else p_own if name == tumour else 0.0 for name in chain], dtype=float)


def plasma_cells(data: PlasmaInput, chain: np.ndarray, by_chain: np.ndarray) -> pd.DataFrame:
    """PLASMA_CELLS: copy number says who is malignant, the light chain may contradict it or stand alone."""
    mine = np.concatenate([data.plasma(sample) for sample in range(len(data.samples))]).astype(int)
    cells = data.cells.iloc[mine]
    clone = cells["clone"].to_numpy(dtype=object)
    named = np.array([isinstance(name, str) for name in clone], dtype=bool)
    sure = cells["clone_probability"].astype(float).fillna(1.0).to_numpy()
    by_copies = np.where(named, np.where(clone == "normal", 1 - sure, sure), np.nan)
    chains = by_chain[mine]
    both = by_copies * np.where(np.isnan(chains), 1.0, np.where(chains == 0, 0.0, 1.0))
    probability = np.where(np.isnan(by_copies), chains, both)
    return pd.DataFrame(
        {
            "cell": cells["cell"].to_numpy(),
            "sample": data.samples["sample"].to_numpy()[cells["sample"].to_numpy()],
            "light_chain": chain[mine],
            "clone": clone,
            "malignant_probability": probability,
        }
    )


def class_table(data: PlasmaInput, genes: pd.DataFrame) -> pd.DataFrame:
    """PLASMA_CLASSES: genes of translocations, on where most plasma cells express them far above other cells."""
    rows = []
    for item in genes.itertuples():
        values = data.values([item.gene])
        for sample in range(len(data.samples)):
            mine = data.plasma(sample)
            row = data.row(sample) | {"gene": item.gene, "event": item.event, "n_cells": len(mine)}
            if values is None or not len(mine):
                rows.append(row | {"status": "cannot_tell"})
                continue
            rows.append(row | _class_of(data, values, mine, sample, item.rate))
    return pd.DataFrame(rows)


def _class_of(data: PlasmaInput, values: np.ndarray, mine: np.ndarray, sample: int, rate: float) -> dict:
    fit = fit_share(
        values[mine], data.cells["size"].to_numpy()[mine], data.background(values, sample), (rate, SPREAD_GENERAL)
    )
    others = data.others(sample)
    mean = mean_of(data, values, mine)
    ratio = fold(mean, mean_of(data, values, others)) if len(others) else (np.nan,) * 3
    row = {}
    for name, three in (("expressing", (fit.share, fit.lower, fit.upper)), ("mean_per_10k", mean), ("fold", ratio)):
        row |= dict(zip((name, f"{name}_lower", f"{name}_upper"), three))
    on, weak = fit.above(ON_FROM), p_below(ratio, STRONG)
    chance = on if weak is None else on * (1 - weak)
    status = "on" if chance >= SURE else "off" if chance <= 1 - SURE else "cannot_tell"
    return row | {"status": status, "probability": max(chance, 1 - chance)}


def p_below(ratio: tuple[float, float, float], limit: float) -> float | None:
    """Probability that a ratio is below a limit, by its interval: log-normal, exponential where nothing was counted."""
    value, _, upper = ratio
    if not np.isfinite(upper):
        return None
    if value <= 0:
        return float(1 - (1 - UPPER) ** (limit / upper))
    return float(stats.norm.cdf(np.log(limit / value) / max(np.log(upper / value) / Z90, 1e-9)))
