"""Pictures of genes and of several samples: what they draw from, their files, and names that cannot be files."""

import numpy as np
import pandas as pd
import pytest

from tests.copynumber.known import ARM_EVENTS
from twohit import schemas
from twohit.copynumber import output, zoom
from twohit.copynumber.comparison import differing, draw_comparison
from twohit.copynumber.counts import read_snp_counts
from twohit.copynumber.exons import exons_table
from twohit.copynumber.output import Places, zoom_names
from twohit.copynumber.run import fit_samples
from twohit.errors import InputError
from twohit.tables import table_text

GENES = pd.DataFrame(
    [("RB1", "chr13", 48_303_747, 48_481_986), ("HLA-A/B", "chr6", 29_942_532, 29_945_870), ("MT", "chrM", 1, 900)],
    columns=["gene", "chrom", "start", "end"],
)
EXONS = pd.DataFrame(
    [("RB1", 1, "chr13", 48_303_747, 48_304_049), ("RB1", 2, "chr13", 48_342_599, 48_342_714)],
    columns=["gene", "exon", "chrom", "start", "end"],
)


def test_genes_of_a_panel_are_drawn_in_svg_and_png_twice_the_same(ordinary, tmp_path):
    places = Places(GENES, None, EXONS)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        zoom.draw_zooms(ordinary, places, list(GENES["gene"]), tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted(f"T.{gene}.locus.{end}" for gene in ("RB1", "HLA-A_B") for end in ("svg", "png"))
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    svg = (tmp_path / "a" / "T.RB1.locus.svg").read_text()
    # ARM_EVENTS lost one copy of 13q in all cells
    assert len(svg) < 400_000 and "alleles 1+0" in svg and "exon of RB1" in svg


def test_neighbours_hold_the_gene_and_stay_near(ordinary):
    for row in GENES[:2].itertuples():
        loci, (low, high) = zoom._neighbours(ordinary.profile, GENES.loc[row.Index])
        assert low < row.start and high > row.end
        place = ordinary.profile.start[loci]
        assert place.size >= 30 and (np.diff(place) > 0).all()
        assert place.min() > row.start - zoom.MAX_FLANK and place.max() < row.end + zoom.MAX_FLANK


def test_only_known_genes_can_be_drawn():
    assert zoom_names(Places(GENES, None, EXONS), None) == ["RB1"]
    assert zoom_names(Places(GENES), ["MT", "MT"]) == ["MT"] and zoom_names(Places(), None) == []
    with pytest.raises(InputError, match="--zoom TP53: no such gene"):
        zoom_names(Places(GENES), ["TP53"])


def test_of_a_panel_of_many_genes_targets_are_drawn_and_known_ones_told_apart(monkeypatch, capsys):
    roles = [*(["other"] * 98), "target", "tumour_suppressor", None]
    panel = pd.DataFrame({"gene": [f"G{k}" for k in range(len(roles))], "role": roles})
    assert output.drawn(panel.iloc[:100]) == [f"G{k}" for k in range(100)]
    assert output.drawn(panel) == ["G98"] and "1 of the role target are drawn" in capsys.readouterr().err
    assert output.told_apart(panel) == list(panel["gene"])
    monkeypatch.setattr(output, "MOST_GENES", 100)
    assert output.told_apart(panel) == ["G98", "G99", "G100"]
    assert zoom_names(Places(GENES, None, EXONS, ["MT", "GONE"]), None) == ["MT"]


def test_a_panel_of_which_no_gene_is_told_apart_has_a_table_without_rows(ordinary):
    assert table_text(exons_table(EXONS.iloc[:0], ordinary), schemas.EXONS, "x").count("\n") == 1


def test_samples_are_compared_where_both_are_sure(simulate, genome, tmp_path):
    later = [*ARM_EVENTS, ("2", 100_000_000, 242_000_000, 1, 0, 1.0)]
    counts = read_snp_counts(simulate([ARM_EVENTS, later], [0.6, 0.7], seed=5), genome)
    fits = fit_samples(counts, ["early", "late"], genome)
    draw_comparison(fits, genome, tmp_path / "x")
    svg = (tmp_path / "x.svg").read_text()
    assert "early" in svg and "late" in svg and (tmp_path / "x.png").stat().st_size > 10_000


def test_a_difference_needs_two_sure_states():
    def table(total, minor, probability):
        return pd.DataFrame({"total_cn": total, "minor_cn": minor, "probability": probability})

    first = table([2, 2, 1, None], [1, 1, 0, None], [1.0, 1.0, 0.9, None])
    second = table([1, 1, 1, 2], [0, 0, 0, 1], [1.0, 0.5, 0.9, 1.0])
    assert differing([first, second]).tolist() == [True, False, False, False]
    assert differing([table([2], [0], [1.0]), table([2], [1], [1.0])]).tolist() == [True]
