"""segment_copy_number.py and estimate_clonality.py as a user runs them."""

import json

import numpy as np
import pandas as pd
import pytest

from tests.copynumber.known import ARM_EVENTS
from twohit import schemas
from twohit.tables import read_table

GENES = "gene\tchrom\tstart\tend\nRB1\tchr13\t48303747\t48481986\nTP53\tchr17\t7668400\t7687550\n"
FILES = ("segments.tsv", "solutions.tsv", "arms.tsv", "genes.tsv", "purity_ploidy.json", "genome.svg", "genome.png")


@pytest.fixture(scope="module")
def result(script, simulate, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fit")
    counts = simulate(ARM_EVENTS, 0.6, seed=21)
    (folder / "genes.tsv").write_text(GENES)
    arguments = ["--snp-counts", counts, "--sample", "T", "--genes", folder / "genes.tsv", "--sex", "female"]
    script("segment_copy_number.py", *arguments, "--outdir", folder / "a")
    return folder, arguments


def test_tables_keep_their_schemas_and_say_the_truth(result):
    folder, _ = result
    read_table(folder / "a/T.segments.tsv", schemas.SEGMENTS)
    solutions = read_table(folder / "a/T.solutions.tsv", schemas.SOLUTIONS)
    arms = read_table(folder / "a/T.arms.tsv", schemas.ARMS).set_index("arm")
    genes = read_table(folder / "a/T.genes.tsv", schemas.GENE_STATES).set_index("gene")
    fit = json.loads((folder / "a/T.purity_ploidy.json").read_text())
    assert arms.loc["13q", "state"] == "loh"
    assert arms.loc["11p", "state"] == "copy_neutral_loh"
    assert arms.loc["1q", "state"] == "gain"
    assert arms.loc["2p", "state"] == "neutral"
    assert genes.loc["RB1", "total_cn"] == 1
    assert genes.loc["TP53", "state"] == "neutral"
    assert solutions["solution"].max() == len(fit["alternatives"]) - 1
    assert sum(a["weight"] for a in fit["alternatives"]) == pytest.approx(1.0, abs=1e-4)
    assert fit["fixed_by_hand"] is False


def test_pictures_are_there_and_small(result):
    folder, _ = result
    for name in ("genome.svg", "genome.png", "purity_ploidy.svg", "purity_ploidy.png"):
        assert 5_000 < (folder / "a" / f"T.{name}").stat().st_size < 1_000_000, name
    assert "<text" in (folder / "a/T.genome.svg").read_text(), "text stays text"


def test_same_input_same_bytes(result, script):
    folder, arguments = result
    script("segment_copy_number.py", *arguments, "--outdir", folder / "b")
    for name in FILES:
        assert (folder / "a" / f"T.{name}").read_bytes() == (folder / "b" / f"T.{name}").read_bytes(), name


def test_two_tumours_of_one_patient(script, simulate, tmp_path):
    counts = simulate([ARM_EVENTS, ARM_EVENTS[:3]], [0.6, 0.4], seed=22)
    script("segment_copy_number.py", "--snp-counts", counts, "--sample", "A", "B", "--outdir", tmp_path, "--no-plots")
    one, two = (read_table(tmp_path / f"{s}.segments.tsv", schemas.SEGMENTS) for s in "AB")
    assert one["start"].tolist() == two["start"].tolist()
    purity = [json.loads((tmp_path / f"{s}.purity_ploidy.json").read_text())["purity"] for s in "AB"]
    assert purity == pytest.approx([0.6, 0.4], abs=0.04)


def test_mistakes_are_one_line_and_two(script, simulate, tmp_path):
    counts = simulate(ARM_EVENTS, 0.6, seed=21)
    (tmp_path / "few.csv").write_text(
        "Chromosome,Position,Ref,Alt,File1R,File1A,File2R,File2A\n"
        + "".join(f"1,{1000 * k},A,C,20,20,20,20\n" for k in range(1, 6))
    )
    (tmp_path / "genes.tsv").write_text("gene\tchrom\tstart\tend\nA\tscaffold\t1\t2\n")
    cases = [
        (["--snp-counts", tmp_path / "none.csv", "--sample", "T"], "no such file"),
        (["--snp-counts", counts, "--sample", "T", "U"], "give one name each"),
        (["--snp-counts", counts, "--sample", "T", "--genome", "mm10"], "unknown"),
        (["--snp-counts", tmp_path / "few.csv", "--sample", "T"], "sites"),
        (["--snp-counts", counts, "--sample", "T", "--purity", "1.5"], "--purity"),
        (["--snp-counts", counts, "--sample", "T", "--genes", tmp_path / "genes.tsv"], "no gene on a contig"),
    ]
    for arguments, message in cases:
        done = script("segment_copy_number.py", *arguments, "--outdir", tmp_path / "out", check=False)
        assert done.returncode == 2, (message, done.stderr)
        assert message in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["one_chromosome", "twelve_sites", "no_normal", "no_tumor_reads_in_a_stretch"])
def test_odd_input_gives_an_answer_without_nan(script, simulate, tmp_path, kind):
    table = pd.read_csv(simulate(ARM_EVENTS, 0.6, seed=23))
    if kind == "one_chromosome":
        table = table[table["Chromosome"] == "chr1"]
    elif kind == "twelve_sites":
        table = table[table["File1R"] > 60].iloc[::300].head(16)
    elif kind == "no_normal":
        table[["File1R", "File1A"]] = 0
    else:
        table.loc[table["Chromosome"] == "chr5", ["File2R", "File2A"]] = 0
    table.to_csv(tmp_path / "c.csv", index=False)
    script("segment_copy_number.py", "--snp-counts", tmp_path / "c.csv", "--sample", "T", "--outdir", tmp_path)
    for name, schema in (("segments", schemas.SEGMENTS), ("arms", schemas.ARMS), ("solutions", schemas.SOLUTIONS)):
        read_table(tmp_path / f"T.{name}.tsv", schema)
        assert "nan" not in (tmp_path / f"T.{name}.tsv").read_text().lower()
    fit = json.loads((tmp_path / "T.purity_ploidy.json").read_text())
    assert np.isfinite(fit["ploidy"])
    expected = {"one_chromosome": "one_chromosome", "twelve_sites": "few_sites", "no_normal": "no_normal"}
    if kind in expected:
        assert expected[kind] in {w["code"] for w in fit["warnings"]}


@pytest.mark.parametrize("name", ["../x", "", ".", "a\tb", "a\nb", "x" * 300, "a b"])
def test_a_name_that_is_no_file_name_is_refused(script, tmp_path, name):
    (tmp_path / "f").write_text("x")
    one = ("--snp-counts", tmp_path / "f", "--sample", name, "--outdir", tmp_path / "o")
    paths = [x for flag in ("--vcf", "--solutions", "--purity-ploidy") for x in (flag, tmp_path / "f")]
    for program, arguments in (
        ("segment_copy_number.py", one),
        ("estimate_clonality.py", ("--tumor", name, *paths, "--out", tmp_path / "c.tsv")),
    ):
        done = script(program, *arguments, check=False)
        assert done.returncode == 2
        assert "it names files" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f"]
