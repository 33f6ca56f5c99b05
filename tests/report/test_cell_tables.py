"""Tables of single cells on the page."""

from types import SimpleNamespace

import pandas as pd
import pytest

from tests.biallelic.folder import Folder
from twohit import schemas
from twohit.report.cell_tables import MAX_SETS, cell_tables
from twohit.tables import read_json, write_table

QC = {"sample": "S1", "n_barcodes": 1200, "n_few_features": 40, "n_mitochondrial": 60, "n_low_umis": 0, "n_cells": 1100}
QC |= {"median_umis": 4321, "median_features": 1234, "median_mito_fraction": 0.045, "n_doublets": 17}
QC |= {"ambient_fraction": 0.06, "ambient_fraction_lower": 0.05, "ambient_fraction_upper": 0.07}
QC |= {
    "ambient_from": "raw_matrix",
    "sex_note": "shows the genes of a male patient, female is given: another person?",
}
CLUSTERS = [
    {"cluster": 0, "cell_type": "T", "marker_type": "T", "reference_type": "T", "reference_share": 0.9, "agree": "yes"},
    {"cluster": 1, "cell_type": "NK", "marker_type": "NK"},
]
SET = {"sample": "S7", "baseline": "S1", "cell_type": "T", "method": "wilcoxon", "limit": "cells, not patients"}
SET |= {"n_samples": 1, "n_cells": 90, "n_baseline": 80, "n_ranked": 900, "n_genes": 20, "nes": 1.8}


def write(rows: list[dict], schema, folder) -> None:
    frame = pd.DataFrame(rows).reindex(columns=schema.names)
    for column in schema.columns:
        if not column.nullable:
            missing = 0.5 if column.kind in ("float", "probability") else 0 if column.kind == "int" else "x"
            frame[column.name] = frame[column.name].fillna(missing)
    write_table(frame, schema, folder / f"P1.{schema.name}.tsv")


@pytest.fixture
def evidence(tmp_path):
    sets = [SET | {"gene_set": f"set_{k}", "fdr": 0.001 * k} for k in range(60)] + [SET | {"gene_set": "few_genes"}]
    trait = {"sample": "S1", "n_total": 200, "share_lower": 0.05, "share_upper": 0.11}
    traits = [trait | {"trait": "cycling", "n_cells": 15, "share": 0.075}, trait | {"trait": "gamma_delta"}]
    traits.append(trait | {"sample": "S2", "trait": "memory", "note": "not assessable: by markers"})
    traits.append(trait | {"trait": "memory", "note": "not assessable: by markers"})
    write([QC], schemas.CELL_QC, tmp_path)
    write(CLUSTERS, schemas.CELL_CLUSTERS, tmp_path)
    write(traits, schemas.T_CELL_TRAITS, tmp_path)
    write(sets, schemas.GENE_SET_CHANGES, tmp_path)
    return SimpleNamespace(folder=tmp_path, patient="P1")


def test_quality_tells_what_was_removed_and_the_ambient_share(evidence):
    quality = cell_tables(evidence)[0]
    told = dict(zip(quality.head, quality.rows[0], strict=True))
    assert told["Kept"] == "1,100 of 1,200" and told["Removed"] == "40 few genes, 60 mitochondrial"
    assert told["Ambient RNA"] == "6.0 % (5.0 to 7.0), from empty droplets" and told["Mitochondrial"] == "4.5 %"
    assert told["Counts"] == "4,321" and "Ribosomal" not in told and "another person" in told["Note"]


def test_clusters_traits_and_gene_sets(evidence):
    _, clusters, traits, sets = cell_tables(evidence)
    assert clusters.rows[0][-2:] == ["T 90 %", "yes"] and clusters.rows[1][-2:] == ["", ""]
    told = ["S1", "cycling", "15 of 200", "7.5 % (5.0 to 11.0)"]
    assert traits.rows == [told, ["all", "memory", "", "not assessable: by markers"]]
    assert len(sets.rows) == MAX_SETS and sets.rows[0][:4] == ["S7 against S1", "T", "set 0", "+1.80"]
    assert sets.note.startswith("50 of 60 sets tested") and "P1.gene_set_changes.tsv" in sets.note


def test_without_tables_nothing_is_shown(tmp_path):
    assert cell_tables(SimpleNamespace(folder=tmp_path, patient="P1")) == []


def test_the_page_warns_of_cells_of_another_sex(script, evidence, tmp_path):
    made = Folder(tmp_path).tumour("T1", "relapse", 270).copies({"16": (1, 0, 1.0)}).coverage().somatic([])
    samples = (tmp_path / "samples.tsv").read_text().splitlines()
    place = samples[0].split("\t").index("kind")
    cells = ["S1" if name == "sample" else "cells" if k == place else "P1" if name == "patient" else "" for k, name in
             enumerate(samples[0].split("\t"))]  # fmt: skip
    (tmp_path / "samples.tsv").write_text("\n".join([*samples, "\t".join(cells)]) + "\n")
    given = ("--evidence", tmp_path, "--panel", made.panel_path, "--genome", made.genome, "--outdir", tmp_path / "out")
    script("report_biallelic_loss.py", "--patient", "P1", *given)
    page = (tmp_path / "out" / "P1.report.html").read_text()
    before = page[page.index("Before you rely on this") : page.index('id="cells"')]
    assert "Single cells: S1 shows the genes of a male patient, female is given: another person?" in before
    assert "40 few genes, 60 mitochondrial" in page and read_json(tmp_path / "out" / "P1.biallelic.json")["cells"]
