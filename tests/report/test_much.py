"""Patients of whom much is known: many samples, all genes of a genome."""

import re

import pandas as pd

from tests.biallelic.folder import Folder, mutation
from tests.report.test_page import Page, run
from twohit import schemas
from twohit.report import multiqc
from twohit.tables import read_json, read_table, write_table


def test_of_all_genes_the_page_shows_the_gravest_and_the_table_has_all(script, tmp_path):
    made = Folder(tmp_path / "e").tumour().copies({"16": (1, 0, 1.0)})
    places = [("16", 1_000 + 900 * k) if k % 2 else ("1", 1_000 + 900 * k) for k in range(500)]
    rows = [
        dict.fromkeys(schemas.GENE_STATES.names) | {"gene": f"G{k:03d}", "chrom": c, "start": at, "end": at + 500}
        for k, (c, at) in enumerate(places)
    ]
    write_table(pd.DataFrame(rows), schemas.GENE_STATES, made.path / "T1.genes.tsv")
    hit = {"gene": "G499", "chrom": "16", "pos": places[499][1] + 50, "tumor_alt": 58, "tumor_ref": 52}
    made.somatic([mutation("TP53") | hit])
    made.panel_path = "all"
    _, out = run(script, made)
    page = (out / "P1.report.html").read_text()
    assert len(page) < 10_000_000
    text = Page(page).text
    first = text.split("Show genes")[0]
    assert "Both alleles lost 1 G499 in" in first and "Cannot be assessed 499" in first and "and 439 more" in first
    assert "250 more genes are not shown here" in text and page.count('class="gene ') == 250
    assert len(read_table(out / "P1.biallelic.tsv", schemas.BIALLELIC)) == 500


def test_of_very_many_genes_multiqc_has_the_gravest(monkeypatch, tmp_path):
    entry = dict.fromkeys(("share", "probability", "lod_share", "mechanism")) | {"sample": "T1", "verdict": "intact"}
    result = {"patient": "P1", "verdicts": [entry | {"gene": gene} for gene in "AB"]}
    result["verdicts"] += [entry | {"gene": "C", "verdict": "biallelic"}]
    monkeypatch.setattr(multiqc, "MAX_ROWS", 2)
    multiqc.write_multiqc(result, tmp_path / "x.json")
    told = read_json(tmp_path / "x.json")
    assert list(told["data"]) == ["T1 C", "T1 A"] and "The gravest 2 of 3" in told["description"]


def test_of_many_samples_the_latest_of_the_gravest_is_told_first_and_what_all_lack_once(script, tmp_path):
    stop = mutation("TNFRSF17", alt=20, depth=110)
    late = stop | {"tumor_alt": 58, "tumor_ref": 52}
    made = Folder(tmp_path / "e").panel(["TNFRSF17"])
    for k in range(9):
        made.tumour(f"T{k}", None, k).copies({"16": (1, 0, 1.0)}, sample=f"T{k}").coverage(f"T{k}")
        made.somatic([late if k > 6 else stop], f"T{k}")
    _, out = run(script, made)
    text = Page((out / "P1.report.html").read_text()).text
    assert re.search(
        r"TNFRSF17 \(BCMA\) in 7[0-9] % \(\d+ % to \d+ %\) of tumour cells, P > 0.999 \(T8\)",
        text.split("Show genes")[0],
    )
    missing = text.split("What was not given")[1].split("Evidence for each gene")[0]
    assert missing.count("phase") >= 1 and missing.count("T0, T1, T2 and 6 more") == 2, "genotypes and phase, once each"
