"""The known truth of one tumour sample: a folder of standard files, a VCF, or the simulator's truth.json.

A folder may hold any of: `*.vcf`, `*.vcf.gz` (somatic variants, several are joined), one `*.bed` (where the truth is
complete), `segments.tsv` (chrom start end total_cn minor_cn, if wished ccf), `genes.tsv` (gene verdict, if wished
share), `sample.json` (purity, ploidy).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.alignment.intervals import Intervals, read_bed
from twohit.errors import InputError
from twohit.schemas import VERDICTS
from twohit.tables import Column, Table, read_json, read_table
from twohit.validation.alleles import read_vcf

SEGMENTS = Table(
    "true segments",
    "copy number of the reference material",
    (
        Column("chrom", "str", "contig"),
        Column("start", "int", "first base, 1-based", minimum=1),
        Column("end", "int", "last base"),
        Column("total_cn", "int", "copies in the tumour cells", minimum=0),
        Column("minor_cn", "int", "copies of the rarer allele", minimum=0),
        Column("ccf", "probability", "share of tumour cells", nullable=True, optional=True),
    ),
    ordered=(("start", "end"), ("minor_cn", "total_cn")),
    filled=True,
)
GENES = Table(
    "true verdicts",
    "verdicts of the reference material",
    (
        Column("gene", "str", "gene"),
        Column("verdict", "str", "the true one", choices=VERDICTS),
        Column("share", "probability", "share of tumour cells without an intact copy", nullable=True, optional=True),
    ),
    filled=True,
)


@dataclass(frozen=True)
class Truth:
    """What is known of a tumour; None: that part is not known.

    Attributes
    ----------
    variants : DataFrame, optional
        chrom, pos, ref, alt, vaf (NaN: not told); single substitutions, insertions, deletions.
    regions : dict of str to array, optional
        Where the list of variants is complete (0-based, half open).
    segments, genes : DataFrame, optional
        As SEGMENTS and GENES.
    purity, ploidy : float, optional
    """

    variants: pd.DataFrame | None = None
    regions: Intervals | None = None
    segments: pd.DataFrame | None = None
    genes: pd.DataFrame | None = None
    purity: float | None = None
    ploidy: float | None = None


def read_truth(path: Path, sample: str) -> Truth:
    """Read the truth of a sample.

    Raises
    ------
    InputError
        If nothing at `path` is a truth, or a file of it is damaged.
    """
    if path.is_dir():
        return _from_folder(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file or folder; give a folder, a VCF or a truth.json")
    if path.suffix == ".json":
        return _from_simulator(path, sample)
    if path.name.endswith((".vcf", ".vcf.gz")):
        return Truth(variants=read_vcf(path))
    raise InputError(f"{path}: is no folder, VCF or truth.json; give one of these")


def _from_folder(folder: Path) -> Truth:
    vcfs = sorted([*folder.glob("*.vcf"), *folder.glob("*.vcf.gz")])
    beds = sorted(folder.glob("*.bed"))
    if len(beds) > 1:
        names = ", ".join(bed.name for bed in beds)
        raise InputError(f"{folder}: has {len(beds)} BED files ({names}); keep the one where the truth is complete")
    tables = {name: folder / f"{name}.tsv" for name in ("segments", "genes")}
    about = folder / "sample.json"
    if not vcfs and not any(table.is_file() for table in tables.values()) and not about.is_file():
        raise InputError(f"{folder}: has no *.vcf(.gz), segments.tsv, genes.tsv or sample.json; put the truth there")
    told = read_json(about) if about.is_file() else {}
    return Truth(
        variants=pd.concat([read_vcf(vcf) for vcf in vcfs], ignore_index=True) if vcfs else None,
        regions=read_bed(beds[0]) if beds else None,
        segments=read_table(tables["segments"], SEGMENTS) if tables["segments"].is_file() else None,
        genes=read_table(tables["genes"], GENES) if tables["genes"].is_file() else None,
        purity=_number(told, "purity", about),
        ploidy=_number(told, "ploidy", about),
    )


def _number(told: dict, name: str, path: Path) -> float | None:
    value = told.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value) or value < 0:
        raise InputError(f"{path}: {name} is {value!r}; give a number")
    return float(value)


def _from_simulator(path: Path, sample: str) -> Truth:
    told = read_json(path)
    if not {"variants", "samples", "genes"} <= set(told):
        raise InputError(f"{path}: is not a truth.json of simulate_patient.py; give one, or a folder with a truth")
    own = next((row for row in told["samples"] if row["sample"] == sample and row["kind"] == "tumor"), None)
    if own is None:
        raise InputError(f"{path}: knows no tumour {sample}; give the truth of this patient, or --sample")
    somatic = [row for row in told["variants"] if row["origin"] == "somatic"]
    variants = pd.DataFrame(
        {name: [row[name] for row in somatic] for name in ("chrom", "pos", "ref", "alt", "vaf")}
    ).astype({"vaf": float})
    first = sum(row["kind"] == "tumor" for row in told["samples"]) == 1
    return Truth(
        variants=variants if first else None,  # allele fractions are those of the patient's one tumour
        segments=pd.DataFrame(own["segments"]),
        genes=pd.DataFrame(told["genes"])[["gene", "verdict", "share"]] if first else None,
        purity=own["purity"] * (1 - own["contamination"]),
        ploidy=own["ploidy"],
    )
