"""Curves of the course: what becomes a point, what is drawn open, what is left out."""

from types import SimpleNamespace
from xml.etree import ElementTree

import pandas as pd
import pytest

from twohit.biallelic.cell_reading import PatientClinical
from twohit.biallelic.cell_samples import CellSample
from twohit.report.curves import clone_words, curves_of
from twohit.report.shapes import standalone
from twohit.report.timeline import timeline


@pytest.fixture
def evidence():
    qpcr = pd.DataFrame(
        {"day": [3, 7, -1, 7], "plate": ["A", "A", "A", "A"], "target": ["gag", "gag", "gag", "WPRE"],
         "copies_per_100ng": [415.0, 4715.0, 0.0, 4000.0], "copies_per_100ng_lower": [375.0, 4254.0, 0.0, None],
         "copies_per_100ng_upper": [460.0, 5225.0, 0.2, None], "loq_per_100ng": [2.3, 2.2, 2.0, None],
         "below_loq": ["no", "no", "yes", "no"]}
    )  # fmt: skip
    expression = pd.DataFrame(
        [("TNFRSF17", "plasma", 0, 80, 0.9, 0.85, 0.94), ("TNFRSF17", "plasma", 270, 3, 0.3, 0.1, 0.7),
         ("TNFRSF17", "T", 0, 80, 0.01, 0.0, 0.04), ("CD38", "plasma", 0, 80, 0.5, 0.4, 0.6)],
        columns=["gene", "cell_type", "day", "n_cells", "expressing", "expressing_lower", "expressing_upper"],
    )  # fmt: skip
    markers = pd.DataFrame(
        {"measure": ["m_spike", "m_spike", "infusion"], "day": [0, 30, 0], "value": ["3.1", "0.1", "CAR T"],
         "unit": ["g/dL", "g/dL", None], "qualifier": ["", "<", ""]}
    )  # fmt: skip
    shares = pd.DataFrame(
        [("all", "clone_1", 90, 0.6), ("plasma:S1", "normal", 60, 0.1), ("plasma:S1", "clone_1", 60, 0.9),
         ("plasma:S1", "clone_2", 60, 0.0), ("plasma:S2", "normal", 30, 0.0), ("plasma:S2", "clone_1", 30, 0.4),
         ("plasma:S2", "clone_2", 30, 0.6), ("plasma:S3", "clone_1", 3, 1.0)],
        columns=["group", "clone", "n_cells", "share"],
    ).assign(share_lower=0.0, share_upper=1.0)  # fmt: skip
    clones = pd.DataFrame({"clone": ["normal", "clone_1", "clone_2"], "changes": [None, "1q:gain", "1q:gain;16p:loss"]})
    samples = [CellSample("S1", day=0), CellSample("S2", day=270), CellSample("S3", day=30)]
    cells = SimpleNamespace(
        composition=None, expression=expression, samples=samples, clone_shares=shares, clones=clones
    )
    return SimpleNamespace(clinical=PatientClinical(markers, qpcr), cells=cells, samples=[])


def test_each_measure_is_a_curve_and_limits_are_open(evidence):
    curves = {curve.title: curve for curve in curves_of(evidence, ["TNFRSF17"])}
    assert list(curves) == ["M-spike", "CAR, WPRE", "CAR, gag", "clones", "TNFRSF17 mRNA"]
    assert curves["M-spike"].points == [(0, 3.1, None, None, False), (30, 0.1, None, None, True)]
    assert curves["CAR, gag"].points == [
        (-1, 2.0, None, None, True), (3, 415.0, 375.0, 460.0, False), (7, 4715.0, 4254.0, 5225.0, False)
    ]  # fmt: skip
    assert curves["CAR, WPRE"].points == [(7, 4000.0, None, None, False)]


def test_clones_share_one_panel_and_samples_of_few_cells_are_no_point(evidence):
    (curve,) = [curve for curve in curves_of(evidence, []) if curve.title == "clones"]
    assert {one.name: [point[:2] for point in one.points] for one in curve.family} == {
        "clone 1": [(0, 90.0), (270, 40.0)], "clone 2": [(0, 0.0), (270, 60.0)], "no change": [(0, 10.0), (270, 0.0)]
    }  # fmt: skip
    assert len({one.colour for one in curve.family}) == 3
    assert clone_words(evidence) == ["clone 1: 1q gain", "clone 2: 1q gain, 16p loss"]
    picture = standalone(timeline(evidence, []))
    assert all(f">{name}</text>" in picture for name in ("clone 1", "clone 2", "no change"))


def test_few_cells_are_no_point_and_other_cells_are_another_matter(evidence):
    (curve,) = [curve for curve in curves_of(evidence, ["TNFRSF17"]) if curve.title == "TNFRSF17 mRNA"]
    assert curve.points == [(0, 90.0, 85.0, 94.0, False)]
    assert "RNA" not in " ".join(curve.title for curve in curves_of(evidence, []))


def test_the_picture_holds_every_curve_and_lane(evidence):
    words = "".join(ElementTree.fromstring(standalone(timeline(evidence, ["TNFRSF17"]))).itertext())
    for word in ("M-spike", "CAR, gag", "TNFRSF17 mRNA", "CAR T", "days from the first infusion"):
        assert word in words
