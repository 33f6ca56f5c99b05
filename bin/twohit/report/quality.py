"""The quality of all samples of a run as one MultiQC table."""

from collections.abc import Iterable
from pathlib import Path

from twohit import schemas
from twohit.errors import InputError
from twohit.tables import read_json, read_table, write_json

# key in S.alignment_qc.json, S.purity_ploidy.json or P.cell_qc.tsv, title, meaning, format
COLUMNS = (
    ("kind", "Kind", "DNA, cells, or a patient of whom nothing but the clinical course is given", None),
    ("reads", "Reads", "reads in the alignment", "{:,.0f}"),
    ("mapped_fraction", "Mapped", "share of reads that are mapped", "{:.1%}"),
    ("duplicate_fraction", "Duplicates", "share of mapped reads that are duplicates", "{:.1%}"),
    ("on_target_fraction", "On target", "share of bases on target", "{:.1%}"),
    ("mean_target_depth", "Depth", "mean usable depth on target", "{:.0f}x"),
    ("fraction_30x", ">= 30x", "share of target bases with at least 30 usable reads", "{:.1%}"),
    ("purity", "Purity", "share of tumour cells", "{:.2f}"),
    ("ploidy", "Ploidy", "mean copies of the tumour genome", "{:.2f}"),
    ("n_cells", "Cells", "single cells kept", "{:,.0f}"),
    ("median_umis", "Counts", "median counts of a cell", "{:,.0f}"),
    ("median_features", "Genes", "median genes seen in a cell", "{:,.0f}"),
)


def write_quality(folders: Iterable[Path], out: Path) -> None:
    """Gather the quality of every sample below the patients' folders.

    Parameters
    ----------
    folders : iterable of Path
        Result folders of patients, each with dna/.
    out : Path
        File to write; its name ends in _mqc.json for MultiQC to find it. A column that no sample has is left out.

    Raises
    ------
    InputError
        If a folder is not there.
    """
    data: dict[str, dict] = {}
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder; give the result folder of a patient")
        mine = _of_dna(folder) | _of_cells(folder)
        data |= mine or {folder.name: {"kind": "clinical"}}
    used = {key for row in data.values() for key in row}
    content = {
        "id": "twohit_samples",
        "section_name": "Samples",
        "description": "Alignment quality, purity and ploidy of each sample; what was not measured is empty.",
        "plot_type": "table",
        "pconfig": {"id": "twohit_samples_table", "title": "Samples", "namespace": "twohit"},
        "headers": {
            key: {"title": title, "description": meaning, "scale": False} | ({"format": form} if form else {})
            for key, title, meaning, form in COLUMNS
            if key in used
        },
        "data": dict(sorted(data.items())),
    }
    write_json(content, out)


def _of_dna(folder: Path) -> dict[str, dict]:
    data: dict[str, dict] = {}
    for end in ("alignment_qc", "purity_ploidy"):
        for path in sorted(folder.glob(f"dna/*.{end}.json")):
            told = read_json(path)
            row = data.setdefault(path.name.removesuffix(f".{end}.json"), {"kind": "DNA"})
            row |= {key: told[key] for key, *_ in COLUMNS if told.get(key) is not None}
    return data


def _of_cells(folder: Path) -> dict[str, dict]:
    data = {}
    for path in sorted(folder.glob("cells/*.cell_qc.tsv")):
        for row in read_table(path, schemas.CELL_QC).to_dict("records"):
            told = {key: row[key] for key, *_ in COLUMNS if key in row and row[key] == row[key]}
            data[row["sample"]] = {"kind": "cells"} | told
    return data
