"""The panels that come with twohit: every gene has a role, a reason and a citation."""

import re
from pathlib import Path

import pytest

from twohit import schemas
from twohit.tables import read_table

PANELS = Path(__file__).resolve().parents[2] / "assets" / "panels"
WANTED = {
    "target": "TNFRSF17 GPRC5D FCRL5 CD38 SLAMF7 CD19 MS4A1 CD22 CD70",
    "drug_target": "CRBN IKZF1 IKZF3 PSMB5 NR3C1",
    "tumour_suppressor": "TP53 RB1 CDKN2C TENT5C TRAF3 CYLD BIRC2 BIRC3 DIS3 KDM6A",
}
CITATION = re.compile(r"(doi:10\.\d{4,}/\S+|PMID:\d+|PMCID:PMC\d+)(; (doi:10\.\d{4,}/\S+|PMID:\d+|PMCID:PMC\d+))*")


@pytest.mark.parametrize("path", sorted(PANELS.glob("*.tsv")), ids=lambda path: path.stem)
def test_every_gene_has_role_reason_and_citation(path):
    table = read_table(path, schemas.PANEL)
    assert table["gene"].is_unique
    assert table[["role", "reason"]].notna().all().all()
    table = table[table["gene"] != "*"]  # stands for genes of which nothing is claimed
    assert [c for c in table["citation"] if not isinstance(c, str) or not CITATION.fullmatch(c)] == []


def test_the_panel_of_all_genes_is_one_row():
    assert list(read_table(PANELS / "all.tsv", schemas.PANEL)["gene"]) == ["*"]


@pytest.mark.parametrize("role", WANTED)
def test_the_myeloma_panel_has_its_genes(role):
    table = read_table(PANELS / "myeloma.tsv", schemas.PANEL)
    assert set(WANTED[role].split()) <= set(table.loc[table["role"] == role, "gene"])
