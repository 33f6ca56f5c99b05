"""Sizes of a simulated patient: presets, every number can be overridden."""

from dataclasses import dataclass, fields, replace

from twohit.errors import InputError
from twohit.simulate.cell_matrix import FORMATS, MIXED

AUTOSOMES = tuple(str(number) for number in range(1, 23))


@dataclass(frozen=True)
class Preset:
    """What to simulate and how much of it; lengths in bases, depths in fold of unique fragments over the targets."""

    name: str
    karyotype: str = "hypodiploid"  # doubled or twins
    chromosomes: tuple[str, ...] = (*AUTOSOMES, "X")
    sex: str = "female"
    scale: float = 8e-4  # compact bases for each real base of an arm
    min_arm: int = 20_000
    target_per_arm: int = 5_200
    gene_cds: tuple[int, int] = (600, 1_500)  # coding bases of an invented gene
    panel_cds: tuple[int, int] = (900, 1_500)
    focal_cds: int = 4_200  # coding bases of the gene that is lost by a focal deletion
    snps_per_arm: int = 110
    focal_snps: int = 18
    min_het_per_arm: int = 20
    private_per_arm: int = 2  # rare germline variants that are not in the common list
    passengers: int = 80
    artefact_sites: int = 40  # recurrent artefact positions outside the panel
    purity: float = 0.85
    tumor_depth: float = 110.0
    normal_depth: float = 200.0
    contamination: float = 0.01
    tumor_in_normal: float = 0.0
    duplicate_rate: float = 0.10
    lanes: int = 2
    timepoints: int = 1
    early_purity: float = 0.5
    chunk_fragments: int = 20_000
    cell_samples: int = 8  # samples of single cells of the study's course; 0: none
    cells_per_sample: int = 450
    cell_umis: int = 4_000  # median counts of a resting cell
    cell_format: str = "folder"  # or h5, h5ad, mixed
    cell_bams: int = 1  # samples with barcoded reads, the most telling first; 0: none
    cell_reads: int = 0  # samples that come as FASTQ, the most telling first, in place of matrix and BAM
    clinical: int = 1  # 0: no clinical tables


PRESETS = {
    "demo": Preset("demo"),
    "tiny": Preset(
        "tiny",
        chromosomes=("1", "11", "12", "13", "16", "17", "X"),
        scale=1e-4,
        min_arm=10_000,
        target_per_arm=2_400,
        gene_cds=(300, 600),
        panel_cds=(450, 750),
        focal_cds=1_500,
        snps_per_arm=36,
        focal_snps=10,
        min_het_per_arm=14,
        private_per_arm=1,
        normal_depth=100.0,
        passengers=20,
        artefact_sites=12,
        chunk_fragments=10_000,
        cell_samples=3,
        cells_per_sample=150,
        cell_format="mixed",
    ),
    "large": Preset(
        "large",
        scale=8e-3,
        min_arm=100_000,
        target_per_arm=48_000,
        snps_per_arm=320,
        min_het_per_arm=100,
        private_per_arm=20,
        passengers=600,
        artefact_sites=400,
        chunk_fragments=50_000,
        cells_per_sample=4_707,  # the study's mean: 37,658 cells in all
    ),
    "doubled": Preset("doubled", karyotype="doubled", purity=0.75, cell_samples=0, clinical=0),
    "twins": Preset("twins", karyotype="twins", purity=0.80, cell_samples=2, clinical=0),
}


def make_preset(name: str, **overrides) -> Preset:
    """Take a preset and override its sizes; overrides that are None are ignored.

    Raises
    ------
    InputError
        For an unknown preset or a size out of its range.
    """
    if name not in PRESETS:
        raise InputError(f"--preset {name}: unknown; give one of {', '.join(PRESETS)}")
    known = {item.name for item in fields(Preset)}
    wanted = {key: value for key, value in overrides.items() if value is not None and key in known}
    preset = replace(PRESETS[name], **wanted)
    _check(preset)
    return preset


def _check(preset: Preset) -> None:
    ranges = {
        "purity": (0.0, 1.0), "early_purity": (0.0, 1.0), "contamination": (0.0, 0.5), "tumor_in_normal": (0.0, 0.5),
        "duplicate_rate": (0.0, 0.9), "lanes": (1, 8), "timepoints": (1, 2), "tumor_depth": (1, 20_000),
        "normal_depth": (0, 20_000), "snps_per_arm": (1, 100_000), "passengers": (0, 100_000),
        "cell_samples": (0, 8), "cells_per_sample": (50, 100_000), "cell_umis": (100, 100_000), "cell_bams": (0, 8),
        "cell_reads": (0, 8),
        "clinical": (0, 1),
    }  # fmt: skip
    for name, (low, high) in ranges.items():
        value = getattr(preset, name)
        if not low <= value <= high:
            raise InputError(f"--{name.replace('_', '-')} {value}: out of range; give {low} to {high}")
    if preset.cell_format not in (*FORMATS, MIXED):
        known = ", ".join((*FORMATS, MIXED))
        raise InputError(f"--cell-format {preset.cell_format}: unknown; give one of {known}")
    if preset.sex not in ("female", "male"):
        raise InputError(f"--sex {preset.sex}: unknown; give female or male")
    if preset.min_het_per_arm > preset.snps_per_arm:
        raise InputError(
            f"--min-het-per-arm {preset.min_het_per_arm}: more than --snps-per-arm {preset.snps_per_arm}; lower it"
        )
