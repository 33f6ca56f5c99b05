"""Mixed-up samples, tumour cells in the normal, a wrong sex: what the verdict must not say."""

import json

import pandas as pd
import pytest

from tests.biallelic.folder import Folder, mutation
from twohit.biallelic.doubts import fingerprint_warnings, mismatch_warning, why_not_judged
from twohit.biallelic.evidence import read_evidence
from twohit.genome.contigs import Position
from twohit.schemas import FINGERPRINTS
from twohit.tables import read_json, write_json, write_table

LOSSES = {"16": (1, 0, 1.0), "17": (1, 0, 1.0)}


def warned(made: Folder, *codes: str, **fields) -> Folder:
    """Add warnings and fields to the fit of T1."""
    path = made.path / "T1.purity_ploidy.json"
    fit = read_json(path)
    fit["warnings"] = [{"code": code, "value": 0.3, "message": f"{code}!"} for code in codes]
    write_json(fit | fields, path)
    return made


@pytest.fixture
def patient(tmp_path):
    """A tumour with TP53 lost on both copies, TNFRSF17 on one, CD38 and KDM6A on none."""

    def make(name: str = "e", sex: str | None = "female") -> Folder:
        made = Folder(tmp_path / name, sex=sex).tumour().copies(LOSSES)
        return made.somatic([mutation("TP53", label="p.P278T", alt=74)]).coverage()

    return make


def test_without_doubt_all_is_judged(patient):
    made = patient().judge()
    assert [made[gene, "T1"]["verdict"] for gene in ("TP53", "TNFRSF17", "CD38", "KDM6A")] == [
        "biallelic", "monoallelic", "intact", "intact"]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "why"), [("other_person", "not of one person"), ("swapped_pair", "tumour and normal look swapped")]
)
def test_of_mixed_up_samples_nothing_is_said(patient, code, why):
    for entry in warned(patient(), code).judge().values():
        assert entry["verdict"] == "not_assessable" and entry["probability"] is None
        assert why in entry["reason"] or entry["gene"] == "UTY"


def test_mixed_up_samples_are_judged_when_wanted_and_the_report_says_so(patient, tmp_path, script):
    made = warned(patient(), "other_person")
    options = ("--patient", "P1", "--evidence", made.path, "--panel", made.panel_path, "--genome", "GRCh38")
    script("report_biallelic_loss.py", *options, "--allow-mismatch", "--outdir", tmp_path / "out")
    verdicts = {row["gene"]: row["verdict"] for row in read_json(tmp_path / "out" / "P1.biallelic.json")["verdicts"]}
    assert verdicts["TP53"] == "biallelic"
    page = (tmp_path / "out" / "P1.report.html").read_text()
    assert "not of one person" in page and "--allow_mismatch" in page


def fingerprinted(made, **told):
    row = {"sample": "S7", "kind": "cells", "status": "other_person", "n_sites": 900, "n_reads": 4_000}
    row |= {"other_share": 0.98, "other_share_lower": 0.95, "other_share_upper": 1.0} | told
    write_table(pd.DataFrame([row]), FINGERPRINTS, made.path / "P1.fingerprints.tsv")
    return made


def test_cells_of_another_person_stop_the_patient_unless_that_is_allowed(patient):
    made = fingerprinted(patient())
    for entry in made.judge().values():
        assert entry["verdict"] == "not_assessable" and entry["probability"] is None
        assert "cells of S7 are another person's" in entry["reason"] or entry["gene"] == "UTY"
    evidence = read_evidence("P1", made.path, made.panel_path)
    assert mismatch_warning(evidence) is None
    evidence.allow_mismatch = True
    assert "cells of S7" in mismatch_warning(evidence) and "--allow_mismatch" in mismatch_warning(evidence)
    position = Position("chr17", 7_670_000, 7_680_000)
    assert why_not_judged(position, evidence.samples[0], evidence) is None


def test_contaminated_cells_are_told_with_their_share(patient):
    shares = {"other_share": 0.12, "other_share_lower": 0.1, "other_share_upper": 0.14}
    made = fingerprinted(patient(), status="contaminated", **shares)
    evidence = read_evidence("P1", made.path, made.panel_path)
    assert fingerprint_warnings(evidence) == ["S7: 12 % (10 % to 14 %) of the cells' molecules are another person's"]
    assert why_not_judged(Position("chr17", 7_670_000, 7_680_000), evidence.samples[0], evidence) is None


@pytest.mark.parametrize("code", ["tumor_in_normal", "normal_not_normal"])
def test_with_a_tainted_normal_nothing_is_excluded(patient, code):
    made = warned(patient(), code).judge()
    assert made["TP53", "T1"]["verdict"] == "biallelic"
    for gene in ("TNFRSF17", "CD38", "KDM6A"):
        assert made[gene, "T1"]["verdict"] == "not_assessable"
        assert made[gene, "T1"]["lod_share"] is None
        assert "cannot be excluded: the normal" in made[gene, "T1"]["reason"]


@pytest.mark.parametrize(("told", "seen"), [("female", "male"), ("male", "female")])
def test_a_wrong_sex_forbids_verdicts_on_x_only(patient, told, seen):
    made = warned(patient(sex=told), "sex_mismatch", sex=told, sex_seen=seen).judge()
    for gene in ("KDM6A", "UTY"):
        assert made[gene, "T1"]["verdict"] == "not_assessable"
        assert f"given as {told}, but the normal's reads are those of a {seen}" in made[gene, "T1"]["reason"]
    assert made["TP53", "T1"]["verdict"] == "biallelic" and made["CD38", "T1"]["verdict"] == "intact"


def test_the_depth_of_x_speaks_where_no_site_does(patient):
    made = patient()
    (made.path / "N1.alignment_qc.json").write_text(json.dumps({"sample": "N1", "sex_guess": "male"}))
    assert made.judge()["KDM6A", "T1"]["verdict"] == "not_assessable"
    warned(made, sex="female", sex_seen="female")
    assert made.judge()["KDM6A", "T1"]["verdict"] == "intact"


def test_a_sex_that_the_sites_do_not_show_stays_open(patient):
    made = warned(patient(sex=None), sex="female", sex_seen=None).judge()
    assert made["KDM6A", "T1"]["verdict"] != "monoallelic"
    made = warned(patient("f", sex=None), sex="male", sex_seen="male").judge()
    assert made["KDM6A", "T1"]["copy_number"]["normal_copies"] == 1


def test_a_gene_on_no_chromosome_of_the_genome_is_not_judged(patient):
    made = patient().panel(["TP53", "MT-ND5"])
    row = mutation("TP53", label="p.W9*", alt=95) | {"gene": "MT-ND5", "chrom": "MT", "pos": 13_000}
    made.somatic([mutation("TP53", label="p.P278T", alt=74), row])
    entry = made.judge()["MT-ND5", "T1"]
    assert entry["verdict"] == "not_assessable" and "on MT, which is no chromosome of mini" in entry["reason"]
