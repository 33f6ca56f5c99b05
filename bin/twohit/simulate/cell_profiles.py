"""Expression of each type of cell: figures in assets/simulate, what is invented on top, what is drawn for a patient."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from twohit.simulate.genes import FACTS

PER_MILLION = 1e-6
MITOCHONDRIAL = "MT"  # stands for the arm of mitochondrial genes
TRANSGENE = "CAR_transgene"
TRANSGENE_CPM = 1_000.0  # in a CAR+ cell; at 4,000 counts a cell 98 % of them show it
CHECKPOINTS = ("CD274", "PDCD1", "LAG3", "TIGIT")
HOUSEKEEPING_SHARE = 0.25  # of a red-cell precursor's messengers that are not its own; the rest is haemoglobin
MYELOMA = "myeloma"
CYCLING = "cycling"  # rows of cell_states.tsv that dividing cells of any type get


@dataclass(frozen=True)
class CellType:
    """A type of cell: the profile it starts from and its counts relative to a resting T cell."""

    name: str
    profile: str
    size: float


# Sizes: activated cells hold more messenger than resting ones, secreting cells most (mean counts of 10x marrow data).
CELL_TYPES = (
    CellType("T_CD4_naive", "T_CD4", 0.8),
    CellType("T_CD4_helper", "T_CD4", 1.0),
    CellType("T_reg", "T_CD4", 1.0),
    CellType("T_CD8_naive", "T_CD8", 0.8),
    CellType("T_CD8_effector", "T_CD8", 1.0),
    CellType("NK", "NK", 0.9),
    CellType("B", "B", 0.9),
    CellType("monocyte", "monocyte", 1.4),
    CellType("dendritic", "dendritic", 1.8),
    CellType("erythroid", "", 1.2),
    CellType("plasma", "plasma", 1.6),
    CellType(MYELOMA, "plasma", 2.0),
)
T_CELLS = tuple(item.name for item in CELL_TYPES if item.name.startswith("T_"))
TYPE_NAMES = tuple(item.name for item in CELL_TYPES)


@dataclass(frozen=True)
class Profiles:
    """Profiles of all types over the same features.

    Attributes
    ----------
    genes : DataFrame
        gene, arm, position (0-1 along the arm); in the order of the genome, mitochondrial genes and transgene last.
    nuclear : array, shape (n_types, n_genes)
        Share of the nuclear messengers per gene, rows as CELL_TYPES; 0 at mitochondrial genes.
    mitochondrial : array, shape (n_genes,)
        Share of the mitochondrial messengers per gene.
    states : dict of str to dict of str to float
        Figures of cell_states.tsv in counts per million, by type.
    """

    genes: pd.DataFrame
    nuclear: np.ndarray
    mitochondrial: np.ndarray
    states: dict[str, dict[str, float]]

    def columns(self, names) -> np.ndarray:
        """Columns of genes given by symbol."""
        return self.genes.index[self.genes["gene"].isin(list(names))].to_numpy()

    def of(self, cell_type: str) -> np.ndarray:
        """Nuclear profile of a type, shape (n_genes,)."""
        return self.nuclear[TYPE_NAMES.index(cell_type)]

    def with_figures(self, profile: np.ndarray, figures: dict[str, float]) -> np.ndarray:
        """Copy of a profile in which some genes have the given counts per million."""
        changed = profile.copy()
        wanted = self.genes["gene"].map(figures).to_numpy(dtype=float)
        known = ~np.isnan(wanted)
        changed[known] = wanted[known] * PER_MILLION
        return changed


@cache
def load_profiles() -> Profiles:
    """Read the figures of assets/simulate and make the profile of every type."""
    table = pd.read_csv(FACTS / "cell_profiles.tsv", sep="\t", comment="#", keep_default_na=False, na_values=[""])
    figures = pd.read_csv(FACTS / "cell_states.tsv", sep="\t", comment="#", keep_default_na=False)
    states = {name: dict(zip(rows["gene"], rows["cpm"])) for name, rows in figures.groupby("type")}
    columns = [name for name in table.columns if name not in ("gene", "arm", "position", "source")]
    table.loc[len(table), ["gene", "arm", "source", *columns]] = [TRANSGENE, "", "invented", *[0.0] * len(columns)]
    mitochondrial = (table["arm"] == MITOCHONDRIAL).to_numpy()
    cpm = table[columns].to_numpy(dtype=float)
    nuclear = cpm * ~mitochondrial[:, None]
    nuclear /= nuclear.sum(axis=0)
    bases = dict(zip(columns, nuclear.T, strict=True))
    shared = nuclear.min(axis=1)
    bases[""] = HOUSEKEEPING_SHARE * shared / shared.sum()
    profiles = Profiles(
        table[["gene", "arm", "position"]].astype({"position": float}), np.empty((0, len(table))),
        np.where(mitochondrial, cpm[:, 0], 0.0) / cpm[mitochondrial, 0].sum(), states,
    )  # fmt: skip
    rows = [profiles.with_figures(bases[item.profile], states.get(item.name, {})) for item in CELL_TYPES]
    made = np.array([row / row.sum() for row in rows])
    return Profiles(profiles.genes, made, profiles.mitochondrial, states)


def patient_programme(profiles: Profiles, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Factor per gene by which the myeloma cells of a patient differ from plasma cells, shape (n_genes,).

    Log-normal around 1 with `spread` as standard deviation of the natural logarithm; genes whose figure in myeloma is
    given by name keep it.
    """
    factor = np.exp(rng.normal(0.0, spread, len(profiles.genes)))
    factor[profiles.columns(profiles.states[MYELOMA])] = 1.0
    return factor
