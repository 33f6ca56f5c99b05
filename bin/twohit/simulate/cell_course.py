"""The eight samples of single cells: when they are taken, which cells they hold, and why."""

from dataclasses import dataclass

import numpy as np

from twohit.simulate.blueprint import EARLY_SHARES, LATE_SHARES
from twohit.simulate.cell_profiles import TYPE_NAMES

CAR_TYPES = ("T_CD4_helper", "T_CD8_effector")  # what the product's cells become
RESTING = 0.02  # share of dividing cells in any type, unless a sample says otherwise
# Which samples are taken when fewer than eight are asked for: relapse, its B cells, the start, then the others.
BY_IMPORTANCE = ("S7", "S6", "S1", "S2", "S8", "S3", "S4", "S5")


@dataclass(frozen=True)
class CellPlan:
    """One sample of cells.

    Attributes
    ----------
    shares : tuple of float
        Share of each type in the order of TYPE_NAMES; they add up to 1.
    populations : dict of str to float or None
        Shares of the tumour's populations among its myeloma cells.
    car : float
        Share of CAR+ cells among the types the product's cells become.
    checkpoint : float
        Factor of the figures of checkpoints (never above the first sample's in the study).
    cycling : dict of str to float
        Share of dividing cells by type.
    why : str
        What of the study the numbers follow.
    """

    name: str
    timepoint: str
    day: int
    fraction: str
    shares: tuple[float, ...]
    populations: dict[str, float] | None
    car: float
    checkpoint: float
    cycling: dict[str, float]
    why: str

    def share(self, cell_type: str) -> float:
        """Share of a type."""
        return self.shares[TYPE_NAMES.index(cell_type)]


_ACTIVE = {"T_CD4_helper": 0.35, "T_reg": 0.35, "T_CD8_effector": 0.10}
_TUMOUR = {"myeloma": 0.06}
# Columns of shares: CD4 naive, CD4 helper, Treg, CD8 naive, CD8 effector, NK, B, monocyte, dendritic, erythroid,
# plasma, myeloma. Figures that the study gives: B cells 3 % (S3), 18 % (S6), 3 % (S7); the rest is invented.
CELL_PLANS = (
    CellPlan(
        "S1", "enrolment", -10, "CD138-", (0.12, 0.14, 0.03, 0.08, 0.20, 0.08, 0.02, 0.22, 0.03, 0.08, 0, 0),
        None, 0.0, 1.6, {}, "CD138-negative fraction: no plasma cell; checkpoints are highest here",
    ),
    CellPlan(
        "S2", "week_2", 14, "BMMC", (0.03, 0.27, 0.08, 0.02, 0.26, 0.05, 0.01, 0.17, 0.02, 0.06, 0, 0.03),
        EARLY_SHARES, 0.40, 0.6, _ACTIVE | {"myeloma": 0.04},
        "few myeloma cells, CAR+ cells, CD4 helper and regulatory T cells up and dividing; B cells gone",
    ),
    CellPlan(
        "S3", "month_1", 30, "BMMC", (0.06, 0.16, 0.04, 0.04, 0.30, 0.08, 0.03, 0.18, 0.02, 0.09, 0, 0),
        None, 0.0, 0.6, {}, "B cells 3 %, no myeloma cell until month 8",
    ),
    CellPlan(
        "S4", "month_3", 90, "BMMC", (0.07, 0.14, 0.03, 0.05, 0.26, 0.09, 0.08, 0.18, 0.02, 0.076, 0.004, 0),
        None, 0.0, 0.6, {}, "partial response; first normal plasma cells",
    ),
    CellPlan(
        "S5", "month_5", 150, "BMMC", (0.08, 0.13, 0.03, 0.06, 0.22, 0.09, 0.13, 0.17, 0.02, 0.064, 0.006, 0),
        None, 0.0, 0.6, {}, "B cells come back",
    ),
    CellPlan(
        "S6", "month_8", 240, "BMMC", (0.09, 0.13, 0.03, 0.06, 0.19, 0.08, 0.18, 0.15, 0.02, 0.062, 0.008, 0),
        None, 0.0, 0.6, {}, "B cells 18 %, no myeloma cell",
    ),
    CellPlan(
        "S7", "relapse", 280, "BMMC", (0.05, 0.09, 0.02, 0.04, 0.14, 0.05, 0.03, 0.12, 0.01, 0.05, 0, 0.40),
        LATE_SHARES, 0.0, 0.6, _TUMOUR, "relapse: many myeloma cells of the clones of the DNA, B cells 3 %",
    ),
    CellPlan(
        "S8", "infusion_2_week_2", 324, "BMMC", (0.03, 0.10, 0.03, 0.02, 0.14, 0.05, 0.02, 0.11, 0.01, 0.04, 0, 0.45),
        LATE_SHARES, 0.0, 0.6, _TUMOUR, "two weeks after infusion 2: no response, no CAR+ cell seen",
    ),
)  # fmt: skip


def choose_plans(n: int) -> list[CellPlan]:
    """Return the n most telling samples, in the order of time."""
    wanted = BY_IMPORTANCE[:n]
    return [plan for plan in CELL_PLANS if plan.name in wanted]


def allocate(shares, n: int) -> np.ndarray:
    """Whole numbers nearest to `shares` of n that add up to n (largest remainder), shape (len(shares),).

    Not drawn at random, so that a small sample shows the shares it is meant to show.
    """
    exact = np.asarray(shares, dtype=float) / np.sum(shares) * n
    counts = np.floor(exact + 1e-9).astype(int)
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: n - counts.sum()]] += 1
    return counts
