"""Pins of a gene's mutations: place on the protein, colour by judgement, everything from data escaped."""

import re

import pytest

from twohit.errors import InputError
from twohit.report.domains import Domain, load_domains
from twohit.report.lollipop import LOOKS, MARGIN, WIDTH, lollipop, pins


def hit(label="p.Q38*", judgement="loss", variant="16:1:C:T", c="c.112C>T") -> dict:
    name = label if label.startswith("p.") else None
    return {"label": label, "hgvs_p": name, "hgvs_c": c, "loss_judgement": judgement, "variant": variant}


def entry(hits=(), seen=(), removed=()) -> dict:
    return {"hits": list(hits), "seen_not_counted": list(seen), "removed": list(removed)}


def circles(picture: str) -> list[tuple[float, str, str]]:
    found = re.findall(r'<circle cx="([\d.]+)" cy="[\d.]+" r="5.5" fill="(#\w+)" stroke="(#\w+)"', picture)
    return [(float(x), fill, edge) for x, fill, edge in found]


def test_pins_stand_at_their_residue_in_the_colour_of_their_judgement():
    names = {"loss": "p.Q38*", "epitope_altered": "p.R27P", "uncertain": "p.G6A", "no_loss": "p.A100="}
    hits = [hit(name, judgement, name) for judgement, name in names.items()]
    picture = str(lollipop("TNFRSF17", [entry(hits)], 184, load_domains()["TNFRSF17"]))
    drawn, legend = circles(picture)[:4], circles(picture)[4:]
    inner = WIDTH - 2 * MARGIN
    ordered = sorted(names.items(), key=lambda item: int(item[1][3:-1]))
    for (x, fill, _), (judgement, name) in zip(drawn, ordered, strict=True):
        assert x == pytest.approx(MARGIN + inner * (int(name[3:-1]) - 0.5) / 184, abs=0.06)
        assert fill == LOOKS[judgement][0]
    assert [fill for _, fill, _ in legend] == [color for color, _ in LOOKS.values()]
    for words in ("amino acid", ">1<", ">184<", "extracellular", "membrane", "cytoplasmic", *names.values()):
        assert words in picture


def test_a_variant_of_several_samples_is_one_pin_and_removed_ones_are_open():
    twice = [entry([hit()], removed=[hit("p.W90*", variant="b")]), entry(seen=[hit()], removed=[hit()])]
    drawn = pins(twice, 184)
    assert [(pin.residue, pin.removed) for pin in drawn] == [(38, False), (90, True)]
    picture = str(lollipop("G", twice, 184, []))
    assert (circles(picture)[1][1], circles(picture)[1][2]) == ("#ffffff", LOOKS["loss"][0])
    assert "p.W90* (removed)" in picture and "removed by the filter" in picture


@pytest.mark.parametrize(
    ("made", "residue"),
    [
        (hit("p.?", c="c.130+1G>A"), 44),
        (hit("c.131-2A>G", c="c.131-2A>G"), 44),
        (hit("p.S29_S30del"), 29),
        (hit("p.*185Qext*12"), 184),  # the stop codon stands at the end
        (hit("p.R200P"), None),  # of another transcript
        (hit("c.-20C>T", "uncertain", c="c.-20C>T"), None),
        (hit("c.131-20A>G", "no_loss", c="c.131-20A>G"), None),
    ],
)
def test_where_a_change_stands(made, residue):
    assert [pin.residue for pin in pins([entry([made])], 184)] == ([] if residue is None else [residue])


def test_no_picture_without_a_mutation_or_a_length():
    assert lollipop("G", [entry()], 184, []) is None
    assert lollipop("G", [entry([hit()])], None, []) is None


def test_domains_of_a_protein_of_another_length_are_not_drawn():
    domains = load_domains()["TP53"]
    assert "DNA binding" in lollipop("TP53", [entry([hit()])], 393, domains)
    assert "transactivation (1 to 44)" in lollipop("TP53", [entry([hit()])], 393, domains)
    assert "DNA binding" not in lollipop("TP53", [entry([hit()])], 390, domains)


def test_names_from_data_are_text():
    evil = 'p.Q38<script>alert(1)</script>"&'
    domain = Domain(184, "<b>d</b>", 1, 184, "c")
    picture = str(lollipop("<i>G</i>", [entry([hit(evil)])], 184, [domain]))
    assert "<script>" not in picture and "<i>" not in picture and "<b>" not in picture
    assert "&lt;script" in picture and "&lt;b&gt;d" in picture


def test_labels_do_not_overlap_and_many_are_cut():
    many = [hit(f"p.A{residue}V", "uncertain", str(residue)) for residue in range(1, 120)]
    grave = hit("p.Q60*", "loss", "grave")
    picture = str(lollipop("G", [entry([grave, *many])], 120, []))
    labels = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" [^>]*>(p\.\w+\*?)</text>', picture)
    assert len(labels) == 24 and "p.Q60*" in {label for _, _, label in labels}
    boxes = [(float(x) - 3.5 * len(t), float(x) + 3.5 * len(t), float(y)) for x, y, t in labels]
    for i, (left, right, y) in enumerate(boxes):
        assert left >= 0 and right <= WIDTH
        assert all(y != other[2] or right <= other[0] or other[1] <= left for other in boxes[i + 1 :])


def test_a_domain_outside_its_protein_is_refused(tmp_path):
    path = tmp_path / "d.tsv"
    path.write_text("gene\tlength\tdomain\tfirst\tlast\tcitation\nG\t100\td\t50\t101\tc\n")
    with pytest.raises(InputError, match="row 2: 50 to 101 is not within 1 to 100"):
        load_domains(path)


@pytest.mark.data
def test_lengths_are_those_of_the_proteins(twohit_data):
    for gene, name in (("TNFRSF17", "TNFRSF17_Q02223_protein.fa"), ("TP53", "TP53_NM_000546_protein.fa")):
        text = (twohit_data / "grch38" / name).read_text().splitlines()
        protein = "".join(part for part in text if not part.startswith(">"))
        assert {domain.length for domain in load_domains()[gene]} == {len(protein)}
