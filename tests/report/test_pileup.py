"""Pictures of reads: what the table holds is drawn, what is withheld is not."""

from types import SimpleNamespace

import pandas as pd
import pytest

from twohit.report import pictures
from twohit.report.pileup import BASE_COLOURS, CLIP, DELETION, INSERTION, STRANDS, draw, pileups
from twohit.schemas import PILEUPS

BASES = "." * 10 + "T" + "." * 9 + "G"  # the variant at offset 10, another base at 20


def row(**more):
    usual = ("T1", "1", 110, "A", "T", 100, "A" * 21, 2, 50, "alt", "+", 60, BASES, "7" * 21, None, 0, 0)
    return dict(zip(PILEUPS.names, usual, strict=True)) | more


def table(*rows):
    return pd.DataFrame(rows, columns=PILEUPS.names)


def test_bases_strands_indels_and_clips_are_drawn():
    other = row(allele="ref", strand="-", bases="__..*" + "." * 16, inserted="8:ACG", clipped_left=5)
    picture = str(draw(table(row(), other), "reads"))
    assert picture.startswith("<svg") and 'aria-label="reads"' in picture and "position on 1" in picture
    legend = 1  # each colour stands once in the legend
    assert picture.count(f'height="6.4" fill="{BASE_COLOURS["T"]}"') == 1
    for colour in (STRANDS["+"][0], STRANDS["-"][0], BASE_COLOURS["G"], INSERTION, DELETION, CLIP):
        assert picture.count(colour) >= legend + 1, colour
    assert "110" in picture and "120" in picture


def test_a_base_of_low_quality_is_lower_and_keeps_its_colour():
    sure, unsure = (str(draw(table(row(qualities=digit * 21)), "reads")) for digit in "72")
    assert f'height="6.4" fill="{BASE_COLOURS["T"]}"' in sure
    assert f'height="2.2" fill="{BASE_COLOURS["T"]}"' in unsure


def test_a_masked_column_looks_like_the_reference():
    shown, hidden = (str(draw(table(row()), "reads", masked)) for masked in (set(), {20}))
    assert (
        f'height="6.4" fill="{BASE_COLOURS["G"]}"' in shown and f'height="6.4" fill="{BASE_COLOURS["G"]}"' not in hidden
    )


@pytest.mark.parametrize("reported", [False, True])
def test_only_told_variants_are_drawn_and_withheld_neighbours_are_masked(reported):
    germline = pd.DataFrame([{"chrom": "1", "pos": 120, "ref": "A", "alt": "G"}])
    reads = table(row(), row(pos=300, window_start=290))
    evidence = SimpleNamespace(samples=[SimpleNamespace(sample="T1", pileups=reads)], germline=germline)
    hit = {"variant": "1:110:A:T", "label": "p.Q38*", "hgvs_c": "c.112C>T"}
    entry = {"sample": "T1", "gene": "G", "hits": [hit], "seen_not_counted": [], "removed": []}
    made = pileups({"verdicts": [entry], "germline_reported": reported}, evidence)
    (picture,) = made["G"]
    assert picture.words == "T1, p.Q38* (c.112C>T): 2 of 50 reads carry it; drawn are 1 of these and 0 of the others"
    assert (f'height="6.4" fill="{BASE_COLOURS["G"]}"' in str(picture.svg)) is reported
    assert pileups({"verdicts": [entry | {"hits": []}]}, evidence) == {}
    without = SimpleNamespace(samples=[SimpleNamespace(sample="T1", pileups=None)], germline=None)
    assert pileups({"verdicts": [entry]}, without) == {}


def test_the_page_holds_the_reads_of_the_first_genes_that_fit(monkeypatch):
    drawn = {gene: [SimpleNamespace(svg="x" * size)] for gene, size in (("A", 40), ("B", 70), ("C", 30), ("D", 40))}
    monkeypatch.setattr(pictures, "READS_LIMIT", 100)
    assert list(pictures.fitting(drawn, ["B", "A", "NONE", "C"])) == ["B", "C"]
