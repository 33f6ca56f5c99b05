"""Copies that a gene's own reads refute: neither its limit nor its verdict rests on them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.biallelic.folder import PLACES, Folder, counted, mutation
from twohit import schemas
from twohit.biallelic.cell_evidence import all_altered
from twohit.biallelic.cell_samples import LOSS
from twohit.biallelic.fit_reading import read_fit
from twohit.biallelic.solutions import solution_purities
from twohit.errors import InputError
from twohit.genome.contigs import Position
from twohit.tables import read_table, write_json, write_table

GENE = "TNFRSF17"
HALF = mutation(GENE, alt=150, depth=300, origin="germline")  # an inherited stop in half of the reads


def judged(path, states, rows, **more) -> dict:
    made = Folder(path).tumour().copies(states, **more).coverage(mean=300, low=200)
    made.somatic([row for row in rows if row["origin"] == "somatic"])
    made.germline([row for row in rows if row["origin"] == "germline"])
    return made.genotypes(counted(*rows)).judge()[GENE, "T1"]


def test_a_deletion_that_the_reads_deny_leaves_the_gene_open_not_excluded(tmp_path):
    """Purity 0.9 and one copy: an inherited variant would be in 0.09 or 0.91 of the reads. 2 % for "nothing is changed"
    explain them, but of that tumour's purity nothing is known.
    """
    entry = judged(tmp_path, {"16": (1, 0, 1.0)}, [HALF], purity=0.9, no_change_probability=0.02)
    assert entry["verdict"] == "not_assessable" and entry["lod_share"] > 0.2


def test_the_limit_is_that_of_the_solution_which_the_reads_leave(tmp_path):
    states = [{"16": (1, 0, 1.0), "weight": 0.97, "purity": 0.9}, {"weight": 0.03, "purity": 0.1}]
    entry = judged(tmp_path, states, [HALF], purity=0.9)
    assert entry["verdict"] == "not_assessable" and entry["lod_share"] > 0.3


def test_without_reads_in_the_gene_the_limit_is_that_of_copy_number(tmp_path):
    states = [{"weight": 0.97, "purity": 0.9}, {"weight": 0.03, "purity": 0.1}]
    entry = judged(tmp_path, states, [], purity=0.9)
    assert entry["verdict"] == "intact" and entry["lod_share"] < 0.1


@pytest.mark.parametrize("row", [HALF | {"tumor_alt": 225}, mutation(GENE, alt=210, depth=300)])
def test_where_changes_are_not_listed_nothing_is_a_contradiction_and_no_loss_has_probability_0(tmp_path, row):
    entry = judged(tmp_path, {}, [row], purity=None, no_change_probability=0.55)
    assert entry["verdict"] == "not_assessable" and entry["probability"] is None
    assert "P 0.45 the tumour has copy-number changes" in entry["reason"]


def test_a_tumour_that_is_surely_unchanged_keeps_its_probabilities(tmp_path):
    entry = judged(tmp_path, {}, [mutation(GENE, alt=90, depth=300)], purity=None, no_change_probability=1.0)
    assert entry["probability"] is not None


@pytest.mark.parametrize(("first", "verdict"), [(400_001, "not_assessable"), (200_001, "monoallelic")])
def test_a_gene_takes_no_copies_from_the_other_arm(tmp_path, first, verdict):
    """Without a table of genes, only segments say where copies were measured: the gene is on 16p, left of them."""
    made = Folder(tmp_path).tumour().copies({"16": (1, 0, 1.0)}).coverage(mean=300, low=200).somatic([])
    for name, schema in (("solutions", schemas.SOLUTIONS), ("segments", schemas.SEGMENTS)):
        rows = read_table(made.path / f"T1.{name}.tsv", schema)
        rows.loc[rows["chrom"] == PLACES[GENE][0], "start"] = first
        write_table(rows, schema, made.path / f"T1.{name}.tsv")
    entry = made.judge()[GENE, "T1"]
    assert entry["verdict"] == verdict and entry["copy_number"]["measured"] is (verdict == "monoallelic")


@pytest.mark.parametrize("sd", [0.0, 1e-16])
def test_a_purity_fixed_by_hand_has_the_least_error_whatever_the_rounding(sd):
    fit = {"purity": 0.6, "alternatives": [{"purity": 0.6, "weight": 1.0, "wgd": 0.0, "purity_sd": sd}]}
    sample = SimpleNamespace(purity_ploidy=fit, votes=None)
    ((_, points, _),) = solution_purities(sample, Position("chr16", 1, 2))
    assert np.ptp([purity for purity, _ in points]) == pytest.approx(2 * 2.85697 * 0.01, rel=1e-3)


@pytest.mark.parametrize("value", ["x", [0.3], float("nan"), -0.5, 1.5])
def test_a_probability_of_no_change_that_is_none_is_refused(tmp_path, value):
    write_json({"purity": 0.5, "no_change_probability": None}, tmp_path / "T.purity_ploidy.json")
    text = (tmp_path / "T.purity_ploidy.json").read_text()
    word = {"x": '"x"'}.get(value, "NaN" if value != value else str(value)) if not isinstance(value, list) else "[0.3]"
    (tmp_path / "T.purity_ploidy.json").write_text(
        text.replace('"no_change_probability": null', f'"no_change_probability": {word}')
    )
    with pytest.raises(InputError, match="no_change_probability"):
        read_fit(tmp_path / "T.purity_ploidy.json")


@pytest.mark.parametrize(
    ("ccf", "rest", "probability", "altered"),
    [
        (1.0, None, 0.37, False),
        (1.0, None, 0.95, True),
        (0.4, None, 0.95, False),
        (0.4, 1, 0.95, True),
        (0.4, 2, 0.95, False),
    ],
)
def test_an_unsure_arm_makes_no_cell_without_it_a_normal_one(ccf, rest, probability, altered):
    row = {"arm": "13q", "ccf": ccf, "total_cn": 1, "probability": probability, "rest_total_cn": rest}
    arms = pd.DataFrame([row]).astype({"rest_total_cn": "Int64"})
    cells = SimpleNamespace(arms={"13q": SimpleNamespace(direction=LOSS)})
    assert all_altered(SimpleNamespace(arms=arms, purity_ploidy={"wgd": 0.0}), cells) is altered
