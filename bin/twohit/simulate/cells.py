"""Draw the cells of one sample: who they are, what they express, what a droplet makes of it."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import scipy.sparse as sp

from twohit.simulate.cell_course import CAR_TYPES, RESTING, CellPlan, allocate
from twohit.simulate.cell_genes import NORMAL
from twohit.simulate.cell_profiles import (
    CELL_TYPES,
    CHECKPOINTS,
    CYCLING,
    MYELOMA,
    TRANSGENE,
    TRANSGENE_CPM,
    TYPE_NAMES,
    Profiles,
)

BARCODE_LENGTH = 16
CHUNK = 512  # cells drawn at once: bounds the dense intermediates to some 60 MB
DAMAGED_SIZE = 0.25  # messenger left in a broken cell
DAMAGED_MITO = (0.40, 0.70)  # mitochondrial share of its counts: what leaks out is cytoplasm
EMPTY_COUNTS = (40.0, 140.0)  # mean counts of a droplet without a cell; below 200 features for certain
AMBIENT_SPREAD = 0.3  # natural log; droplets do not hold the same volume
KIND_COLUMNS = ["type", "population", "car", "cycling"]  # cells alike in these share an expected profile


@dataclass(frozen=True)
class CellNoise:
    """How far counts are from their expectation; spreads are standard deviations of the natural logarithm.

    Attributes
    ----------
    umis : float
        Median counts of a cell of size 1.
    library_sd : float
        Spread of library sizes within a type.
    dispersion, dispersion_sd : float
        Median and spread over genes of the negative-binomial dispersion: variance = mean + dispersion x mean^2.
    batch_sd : float
        Spread of a gene's factor between samples, the same for all cells of a sample.
    programme_sd : float
        Spread of a gene's factor between this patient's myeloma cells and plasma cells.
    ambient : (float, float)
        Range of a sample's ambient counts, as a share of the counts of its median cell.
    doublets, low_quality : float
        Share of barcodes with a second cell; barcodes without a whole cell for each with one.
    mito_share, mito_size : float
        Mean of the mitochondrial share of a cell, and how many counts that share is worth (beta distribution).
    dosage_exponent : float
        1: messenger follows the copies; less: the cell compensates.
    """

    umis: float = 4_000.0
    library_sd: float = 0.35
    dispersion: float = 0.25
    dispersion_sd: float = 0.5
    batch_sd: float = 0.08
    programme_sd: float = 0.35
    ambient: tuple[float, float] = (0.05, 0.10)
    doublets: float = 0.035
    low_quality: float = 0.04
    mito_share: float = 0.05
    mito_size: float = 100.0
    dosage_exponent: float = 1.0


@dataclass(frozen=True)
class CellWorld:
    """What all samples of a patient share.

    Attributes
    ----------
    doses : dict of str to array, shape (n_genes,)
        From `messenger_doses`.
    programme : array, shape (n_genes,)
        From `patient_programme`.
    dispersion : array, shape (n_genes,)
    """

    profiles: Profiles
    doses: dict[str, np.ndarray]
    programme: np.ndarray
    dispersion: np.ndarray
    noise: CellNoise = field(default_factory=CellNoise)


@dataclass(frozen=True)
class DrawnCells:
    """A sample: `counts` (n_barcodes, n_genes) and one row of `cells` a barcode.

    `cells` has barcode, type, population, car, cycling, quality (good, damaged, empty), doublet (type of the second
    cell); type is that of the first cell, empty strings where there is none. `ambient` is the share drawn.
    """

    plan: CellPlan
    cells: pd.DataFrame
    counts: sp.csr_matrix
    ambient: float


def draw_sample(plan: CellPlan, n_cells: int, world: CellWorld, rng: np.random.Generator) -> DrawnCells:
    """Draw a sample of `n_cells` whole cells and the barcodes without one that come with them."""
    noise = world.noise
    cells = draw_identities(plan, n_cells, noise, rng)
    partners = cells.iloc[np.flatnonzero(cells["second"] >= 0)]
    second = cells.iloc[partners["second"].to_numpy()]
    drawn = pd.concat([cells, second], ignore_index=True)
    row = np.concatenate([np.arange(len(cells)), partners.index.to_numpy()])
    kind, kinds = _kinds(drawn)
    batch = np.exp(rng.normal(0.0, noise.batch_sd, len(world.programme)))
    profile = np.array([expected_profile(world, plan, *key) for key in kinds]) * batch
    size, mito = _sizes(drawn, noise, rng)
    share = float(rng.uniform(*noise.ambient))
    weight = np.bincount(kind, size * (1 - mito), minlength=len(kinds))
    soup = weight @ profile + (size * mito).sum() * world.profiles.mitochondrial
    volume = share * noise.umis * np.exp(rng.normal(0.0, AMBIENT_SPREAD, len(drawn)))
    empty = (drawn["quality"] == "empty").to_numpy()
    volume[empty] = rng.uniform(*EMPTY_COUNTS, empty.sum())
    volume[len(cells) :] = 0.0  # one droplet, one volume
    counts = _draw_counts(world, profile, kind, size, mito, soup / soup.sum(), volume, rng)
    counts = sp.csr_matrix((np.ones(len(row), dtype=counts.dtype), (row, np.arange(len(row))))) @ counts
    counts.sort_indices()
    cells["doublet"] = ""
    cells.loc[partners.index, "doublet"] = second["type"].to_numpy()
    cells.insert(0, "barcode", _barcodes(len(cells), rng))
    return DrawnCells(plan, cells.drop(columns="second"), counts, share)


def draw_identities(plan: CellPlan, n_cells: int, noise: CellNoise, rng: np.random.Generator) -> pd.DataFrame:
    """Draw who the barcodes of a sample are, in random order.

    Returns
    -------
    DataFrame
        type, population, car, cycling (bool), quality, second (row of the cell that shares the droplet, -1: none).
    """
    types = np.repeat(np.array(TYPE_NAMES, dtype=object), allocate(plan.shares, n_cells))
    population = np.full(n_cells, "", dtype=object)
    tumour = np.flatnonzero(types == MYELOMA)
    if len(tumour):
        names = np.array(list(plan.populations), dtype=object)
        population[tumour] = np.repeat(names, allocate(list(plan.populations.values()), len(tumour)))
    car = np.isin(types, CAR_TYPES) & (rng.random(n_cells) < plan.car)
    rate = np.array([plan.cycling.get(name, RESTING) for name in types])
    cells = pd.DataFrame({
        "type": types, "population": population, "car": car, "cycling": rng.random(n_cells) < rate, "quality": "good"
    })  # fmt: skip
    n_low = round(noise.low_quality * n_cells)
    broken = cells.iloc[rng.integers(n_cells, size=n_low - n_low // 2)].assign(quality="damaged")
    nothing = {"type": "", "population": "", "car": False, "cycling": False, "quality": "empty"}
    empty = pd.DataFrame([nothing] * (n_low // 2), columns=cells.columns).astype(cells.dtypes)
    cells = pd.concat([cells, broken, empty], ignore_index=True)
    cells = cells.iloc[rng.permutation(len(cells))].reset_index(drop=True)
    good = np.flatnonzero(cells["quality"] == "good")
    cells["second"] = -1
    first = rng.choice(good, size=round(noise.doublets * n_cells), replace=False)
    cells.loc[first, "second"] = rng.choice(good, size=len(first))
    return cells


def _kinds(drawn: pd.DataFrame) -> tuple[np.ndarray, list[tuple]]:
    """Code of each cell's kind, and the kinds; barcodes without a cell are of the first kind with size 0."""
    codes, kinds = pd.MultiIndex.from_frame(drawn[KIND_COLUMNS]).factorize()
    return codes, list(kinds)


def expected_profile(
    world: CellWorld, plan: CellPlan, cell_type: str, population: str, car: bool, cycling: bool
) -> np.ndarray:
    """Nuclear messengers a cell of a kind is expected to make per count of its size, shape (n_genes,).

    It adds up to 1 before state, programme and dose are applied, and is not scaled afterwards: a lost arm is lost
    messenger.
    """
    profiles = world.profiles
    if not cell_type:
        return np.zeros(len(world.programme))
    profile = profiles.of(cell_type)
    if cycling:
        profile = profiles.with_figures(profile, profiles.states[CYCLING])
    if car:
        profile = profiles.with_figures(profile, {TRANSGENE: TRANSGENE_CPM})
    profile = profile * world.doses[population or NORMAL]
    profile[profiles.columns(CHECKPOINTS)] *= plan.checkpoint
    return profile * world.programme if cell_type == MYELOMA else profile


def _sizes(drawn: pd.DataFrame, noise: CellNoise, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Counts a cell is expected to give at a profile that adds up to 1, and the mitochondrial share of them."""
    relative = drawn["type"].map({item.name: item.size for item in CELL_TYPES}).fillna(0.0).to_numpy(dtype=float)
    size = noise.umis * relative * np.exp(rng.normal(0.0, noise.library_sd, len(drawn)))
    mito = rng.beta(noise.mito_share * noise.mito_size, (1 - noise.mito_share) * noise.mito_size, len(drawn))
    damaged = (drawn["quality"] == "damaged").to_numpy()
    size[damaged] *= DAMAGED_SIZE
    mito[damaged] = rng.uniform(*DAMAGED_MITO, damaged.sum())
    return size, mito


def _draw_counts(world, profile, kind, size, mito, soup, volume, rng) -> sp.csr_matrix:
    """Negative-binomial counts of every cell, with Poisson counts of the ambient messengers, chunk by chunk."""
    shape, parts = 1 / world.dispersion, []
    for start in range(0, len(kind), CHUNK):
        part = slice(start, start + CHUNK)
        own = profile[kind[part]] * (size[part] * (1 - mito[part]))[:, None]
        own += (size[part] * mito[part])[:, None] * world.profiles.mitochondrial
        own *= rng.standard_gamma(shape, size=own.shape) * world.dispersion
        own += volume[part][:, None] * soup
        parts.append(sp.csr_matrix(rng.poisson(own).astype(np.int32)))
    return sp.vstack(parts, format="csr")


def _barcodes(n: int, rng: np.random.Generator) -> np.ndarray:
    """Unique barcodes as 10x writes them, in random order."""
    names: dict[str, None] = {}
    while len(names) < n:
        letters = np.array(list("ACGT"))[rng.integers(4, size=(n - len(names), BARCODE_LENGTH))]
        names.update(dict.fromkeys("".join(row) + "-1" for row in letters))
    return np.array(list(names), dtype=object)


def draw_dispersion(n_genes: int, noise: CellNoise, rng: np.random.Generator) -> np.ndarray:
    """Negative-binomial dispersion of each gene, shape (n_genes,)."""
    return noise.dispersion * np.exp(rng.normal(0.0, noise.dispersion_sd, n_genes))
