"""What the page shows of single cells and of the clinical course, as rows and pictures."""

import pandas as pd

from twohit import schemas
from twohit.biallelic.cell_reading import PLASMA, read_optional
from twohit.biallelic.evidence import PatientEvidence
from twohit.biallelic.fish_comparison import DISCORDANT
from twohit.cells.genotype_input import ALL
from twohit.cells.genotype_words import mutation_lines
from twohit.report.pictures import Pictures
from twohit.schemas import CELL_EVENT_PAIRS
from twohit.tables import empty

CELL_PICTURES = (  # stem below cells/ (P is the patient), caption
    ("P.umap", "Cells by type and by sample"),
    ("P.umap_features", "Cells by cluster, by CAR, by expression of each antigen"),
    ("P.cell_quality", "Quality of the cells kept"),
    ("P.composition", "Cell types in each sample"),
    ("P.checkpoints", "T cells that express checkpoints"),
    ("P.t_cell_states", "States of T cells"),
    ("P.cell_expression", "Targets and markers in plasma cells"),
    ("P.antigens", "Share of plasma cells that express each antigen, dropout and ambient counts taken out"),
    ("copy_number/cell_copy_number", "Dose of each chromosome arm in each plasma cell, by clone"),
    ("copy_number/bulk_concordance", "Bulk tumour and plasma cells side by side along the genome"),
    ("copy_number/cell_clones", "Clones of plasma cells, the order of their changes, and their shares of each sample"),
    ("copy_number/cell_mixtures", "Dose of each arm in reference and plasma cells, with the fitted components"),
    ("copy_number/cell_embedding", "Cells by clone and by each change"),
)
CLINICAL_PICTURES = (
    ("P.car_qpcr", "CAR transgene by qPCR"),
    ("P.fish", "FISH"),
)
STATUS = {  # of an arm in DNA and in cells
    "agree": "agree",
    "fits": "cells fit it, too few to be called",
    "bulk_only": "DNA only",
    "cells_only": "cells only",
    "opposite": "opposite",
    "not_testable": "cells cannot judge it",
    "unsure": "DNA unsure",
    "no_cells": "no cells of this time",
}
DISAGREE = ("bulk_only", "cells_only", "opposite")
MIN_SHARE = 0.05  # share of tumour cells from which an arm of a sample is listed
CONSPICUOUS = 0.3  # share of tumour cells in which a disagreement is worth a warning


def pictures_of(evidence: PatientEvidence, pictures: Pictures, wanted: tuple) -> list[dict]:
    """Embed those pictures that are there: source and caption."""
    found = []
    for stem, caption in wanted:
        source = pictures.embed(stem.replace("P.", f"{evidence.patient}.", 1))
        if source is not None:
            found.append({"source": source, "caption": caption})
    return found


def cell_rows(result: dict, evidence: PatientEvidence) -> list[dict]:
    """One row a sample of cells: how many, plasma share, CAR+ T cells, arms called."""
    rows = []
    car = read_optional(evidence.folder, f"{evidence.patient}.car_cells.tsv", schemas.CAR_CELLS)
    for sample in result["cells"]:
        told = evidence.cells
        rows.append(
            sample
            | {
                "arms": [arm for arm in sample["arms"] if arm["n_carriers"] >= MIN_SHARE * arm["n_plasma"]],
                "plasma": _share(told.composition, sample["sample"], "cell_type", PLASMA, "share"),
                "car": _car(car, sample["sample"]),
            }
        )
    return rows


def _car(table: pd.DataFrame | None, sample: str) -> dict | None:
    """CAR+ share of T cells, and what was seen; None without a transgene."""
    rows = table[table["sample"] == sample] if table is not None else []
    if len(rows) == 0:
        return None
    row = rows.iloc[0]
    share = _share(table.assign(kind="T"), sample, "kind", "T", "car_share")
    limit = None if pd.isna(row["smallest_share"]) else float(row["smallest_share"])
    reason = row["reason"] if isinstance(row["reason"], str) else None
    return {"status": row["status"], "share": share, "limit": limit, "reason": reason}


def antigen_status(evidence: PatientEvidence) -> dict[tuple[str, str], dict]:
    """What was told of each antigen in all plasma cells of a sample, by gene and sample."""
    table = read_optional(evidence.folder, f"{evidence.patient}.antigens.tsv", schemas.ANTIGENS)
    if table is None:
        return {}
    table = table[table["clone"] == "all"]
    return {
        (r.gene, r.sample): {
            "status": r.status.replace("_", " "),
            "probability": None if pd.isna(r.probability) else r.probability,
        }
        for r in table.itertuples()
    }


def copy_number_sentences(evidence: PatientEvidence) -> list[str]:
    """How well the arms of cells and of the DNA agree, and on which arms alleles were weighed with the counts."""
    cells, found = evidence.cells, []
    if cells is None:
        return found
    if cells.bulk is not None and cells.bulk.get("kappa") is not None:
        bulk = cells.bulk
        found.append(
            f"Loss, gain or no change in the DNA and in the plasma cells, over {bulk['n_arms']} arms: weighted kappa "
            f"{bulk['kappa']:.2f} ({bulk['kappa_lower']:.2f} to {bulk['kappa_upper']:.2f})."
        )
    if cells.alleles:
        told = ", ".join(f"{row['arm']} ({row['n_cells']})" for row in cells.alleles)
        found.append(f"Alleles at heterozygous SNPs, phased by the DNA, were weighed with the counts: {told} cells.")
    return found


def _share(table: pd.DataFrame | None, sample: str, column: str, value: str, name: str) -> dict | None:
    """A share with its interval, None where the table does not tell it."""
    rows = table[(table["sample"] == sample) & (table[column] == value)] if table is not None else []
    if len(rows) == 0 or pd.isna(rows[name].iloc[0]):
        return None
    row = rows.iloc[0]
    return {"value": float(row[name]), "lower": float(row[f"{name}_lower"]), "upper": float(row[f"{name}_upper"])}


def target_rows(evidence: PatientEvidence) -> list[dict]:
    """Expression of targets in the plasma cells of each sample that has some."""
    if evidence.cells is None or evidence.cells.expression is None:
        return []
    table, told = evidence.cells.expression, antigen_status(evidence)
    table = table[(table["role"] == "antigen") & table["expressing"].notna()]
    return [
        {"gene": r.gene, "sample": r.sample, "day": None if pd.isna(r.day) else int(r.day), "n_cells": int(r.n_cells),
         "value": float(r.expressing), "lower": float(r.expressing_lower), "upper": float(r.expressing_upper),
         "mean": None if pd.isna(r.mean_per_10k) else float(r.mean_per_10k), "told": told.get((r.gene, r.sample))}
        for r in table.itertuples()
    ]  # fmt: skip


def mutation_rows(evidence: PatientEvidence) -> list[str]:
    """One line on each mutation of a panel gene that the cells were asked for, in order of the samples."""
    genes, lines = set(evidence.panel["gene"]), []
    for one in evidence.cells.samples if evidence.cells else []:
        if one.mutations is None or one.mutations.empty:
            continue
        tested = PLASMA if (one.mutations["cell_type"] == PLASMA).any() else ALL
        lines += mutation_lines(one.mutations[one.mutations["gene"].isin(genes)], empty(CELL_EVENT_PAIRS), tested)
    return lines


def expansion_rows(evidence: PatientEvidence) -> list[dict]:
    """Expansion of the CAR after each infusion."""
    table = evidence.clinical.car_expansion
    if table is None:
        return []
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()} for row in table.to_dict("records")
    ]


def fish_rows(result: dict, evidence: PatientEvidence) -> list[dict]:
    """FISH results in order of day, each with what DNA, cells and expression say of it (`compared`)."""
    table = evidence.clinical.fish
    if table is None:
        return []
    days = {one.sample: one.day for one in [*evidence.samples, *(evidence.cells.samples if evidence.cells else [])]}
    rows = []
    for row, one in zip(table.to_dict("records"), result["fish"], strict=True):
        parts = [part | {"apart": _apart(days.get(part["sample"]), row["day"])} for part in one["against"]]
        rows.append({name: None if pd.isna(value) else value for name, value in row.items()}
                    | {"compared": one | {"against": parts}})  # fmt: skip
    return sorted(rows, key=lambda row: (row["day"], row["probe"]))


def _apart(day: int | None, other: int) -> str:
    """How many days a sample is before or after another, in words; empty for the same day or none known."""
    if day is None or day == other:
        return ""
    return f"{abs(day - other)} {'day' if abs(day - other) == 1 else 'days'} {'later' if day > other else 'earlier'}"


def join_warnings(result: dict, evidence: PatientEvidence) -> list[str]:
    """What a reader must know of cells and DNA together: arms that disagree, what the copy-number calls warn of."""
    found = []
    for row in result["arms"]:
        share = row["cells_share"] if row["status"] == "cells_only" else row["dna_share"]
        if row["status"] in DISAGREE and (share or 0.0) >= CONSPICUOUS:
            found.append(
                f"{row['arm']}: {STATUS[row['status']]} ({row['sample']}: {_dna_words(row)}; "
                f"{row['cells_sample']}: {row['cells'] or 'not called'}); the two may not hold the same cells"
            )
    for one in result["fish"]:
        if one["status"] == DISCORDANT:
            against = "; ".join(
                f"{part['sample']}: {part['what']}" for part in one["against"] if part["status"] == DISCORDANT
            )
            found.append(
                f"FISH {one['probe']} of day {one['day']}: {one['abnormality']} in {one['percent_abnormal']:.0f} % of "
                f"{one['cells_scored']} cells, which does not fit {against}"
            )
    if evidence.cells is not None:
        found += [f"Single cells: {text}" for text in evidence.cells.warnings]
        told = evidence.cells.qc.dropna(subset="sex_note")
        found += [f"Single cells: {r.sample} {r.sex_note}" for r in told.itertuples()]
    return found


def _dna_words(row: dict) -> str:
    if row["total_cn"] is None:
        return "unknown"
    return f"{row['total_cn'] - (row['minor_cn'] or 0)}+{row['minor_cn'] or 0}"
