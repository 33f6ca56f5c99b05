"""Presets, overrides, the command line and the files around the reads."""

import csv
import json

import pysam
import pytest

from twohit.errors import InputError
from twohit.schemas import PANEL
from twohit.simulate.patient import build_patient, truth, write_patient
from twohit.simulate.presets import PRESETS, make_preset
from twohit.tables import read_table


def test_sizes_change_what_they_name():
    preset = make_preset("tiny", snps_per_arm=40, min_het_per_arm=20, passengers=7, artefact_sites=3)
    patient = build_patient(preset, seed=4)
    told = truth(patient)
    assert sum(row["label"] == "passenger" for row in told["variants"]) == 7
    assert sum(item.gene == "" for item in patient.artefacts) == 3
    for _, chrom, start, end in patient.reference.arms:
        inside = [v for v in patient.variants if v.af > 0 and v.chrom == chrom and start <= v.pos < end]
        assert len(inside) >= 40 and sum(sum(v.carried) == 1 for v in inside) >= 20
    assert make_preset("demo").tumor_depth == 110 and make_preset("demo", purity=0.3).purity == 0.3
    assert set(PRESETS) == {"tiny", "demo", "large", "doubled", "twins"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("purity", 1.5, "--purity 1.5"), ("sex", "other", "--sex other"), ("min_het_per_arm", 99, "--snps-per-arm 36"),
     ("tumor_depth", 0, "--tumor-depth 0"), ("cell_samples", 9, "--cell-samples 9"),
     ("cell_format", "mtx", "--cell-format mtx")],
)  # fmt: skip
def test_a_wrong_size_is_named(name, value, said):
    with pytest.raises(InputError, match=said):
        make_preset("tiny", **{name: value})


def test_an_unknown_preset_is_named():
    with pytest.raises(InputError, match="huge"):
        make_preset("huge")


def test_the_command_writes_a_patient(script, tmp_path):
    options = ["--preset", "tiny", "--seed", 3, "--tumor-depth", 5, "--normal-depth", 5, "--timepoints", 2]
    options += ["--cell-samples", 2, "--cells-per-sample", 60, "--cell-format", "folder"]
    script("simulate_patient.py", *options, "--outdir", tmp_path)
    sheet = list(csv.DictReader((tmp_path / "samplesheet.csv").open()))
    assert [(row["sample"], row["kind"], row["lane"]) for row in sheet] == [
        ("P1_N", "normal", "L1"), ("P1_T0", "tumor", "L1"), ("P1_T", "tumor", "L1"), ("P1_T", "tumor", "L2"),
        ("S6", "cells", ""), ("S7", "cells", ""), ("", "clinical", ""),
    ]  # fmt: skip
    files = [row[name] for row in sheet for name in ("fastq_1", "fastq_2", "matrix", "table", "qpcr", "fish")]
    assert all((tmp_path / name).exists() for name in files)
    assert [row["day"] for row in sheet] == ["", "0", "280", "280", "240", "280", ""]
    assert sum(bool(name) for name in files) == 8 + 2 + 3
    params = json.loads((tmp_path / "params.json").read_text())
    assert set(params) == {
        "input", "fasta", "gff", "genes", "targets", "known_sites", "germline_resource", "common_snps", "panel",
        "genome", "transgene_feature",
    }  # fmt: skip
    genes = read_table(tmp_path / "panel.tsv", PANEL)
    assert {"TNFRSF17", "TP53", "RB1", "CCND1", "KDM6A"} <= set(genes["gene"])
    told = json.loads((tmp_path / "truth.json").read_text())
    with pysam.VariantFile(params["common_snps"]) as vcf:
        records = {(record.chrom, record.pos): record.info["AF"][0] for record in vcf.fetch("chr16")}
    common = [row for row in told["variants"] if row["label"] == "common_snp" and row["chrom"] == "chr16"]
    assert {(row["chrom"], row["pos"]) for row in common} == set(records)
    assert all(0 < af < 1 for af in records.values())


def test_cells_and_clinic_can_be_left_out(tmp_path):
    preset = make_preset("tiny", tumor_depth=2, normal_depth=2, cell_samples=0, clinical=0)
    write_patient(build_patient(preset, seed=3), tmp_path)
    assert not (tmp_path / "cells").exists() and not (tmp_path / "clinical").exists()
    assert {row["kind"] for row in csv.DictReader((tmp_path / "samplesheet.csv").open())} == {"normal", "tumor"}
    assert "transgene_feature" not in json.loads((tmp_path / "params.json").read_text())
    assert not {"cells", "clinical"} & set(json.loads((tmp_path / "truth.json").read_text()))


def test_the_command_says_what_is_wrong_in_one_line(script, tmp_path):
    done = script("simulate_patient.py", "--purity", 3, "--outdir", tmp_path / "x", check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "--purity 3" in done.stderr
    assert not (tmp_path / "x").exists()
