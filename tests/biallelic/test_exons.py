"""A loss of coding exons by their own depth is a hit with its own probability."""

import numpy as np
import pandas as pd
import pytest

from tests.biallelic.folder import PLACES, Folder, mutation
from twohit import schemas
from twohit.tables import read_table, write_table

CHROM, START, END = PLACES["TNFRSF17"]
PURITY = 0.85
ERROR = 0.1  # log2 units


def level(copies, purity=PURITY):
    """Log2 ratio of a locus with these copies in all tumour cells."""
    return float(np.log2((copies * purity + 2 * (1 - purity)) / 2))


def folder(path, gene_copies, exon_copies, differs=0.99, coding=300, lost=(2,), noise=0.0):
    """A gene of three exons, some of which have copies of their own."""
    states = {} if gene_copies == 2 else {CHROM: (gene_copies, 0, 1.0)}
    made = Folder(path).tumour().copies(states, purity=PURITY).coverage().somatic([])
    segments = read_table(made.path / "T1.segments.tsv", schemas.SEGMENTS)
    segments["log_ratio"] = [level(total) for total in segments["total_cn"]]
    segments["log_ratio_lower"], segments["log_ratio_upper"] = segments["log_ratio"], segments["log_ratio"]
    write_table(segments[schemas.SEGMENTS.names], schemas.SEGMENTS, made.path / "T1.segments.tsv")
    rows = []
    for exon in (1, 2, 3):
        copies = exon_copies if exon in lost else gene_copies
        mean = level(copies) + (noise if exon in lost else 0.0)
        rows.append(
            dict.fromkeys(schemas.EXONS.names)
            | {"gene": "TNFRSF17", "exon": exon, "chrom": CHROM, "start": START + 900 * (exon - 1),
               "end": START + 900 * (exon - 1) + 200, "n_loci": 4, "log_ratio": mean, "total_cn": copies,
               "log_ratio_lower": mean - 1.645 * ERROR, "log_ratio_upper": mean + 1.645 * ERROR,
               "p_differs": differs if exon in lost else 0.001, "coding_bases": coding}
        )  # fmt: skip
    write_table(pd.DataFrame(rows), schemas.EXONS, made.path / "T1.exons.tsv")
    return made


def judged(made):
    return made.judge()["TNFRSF17", "T1"]


def test_an_exon_lost_from_the_remaining_copy_is_the_second_hit(tmp_path):
    entry = judged(folder(tmp_path / "e", 1, 0))
    (hit,) = entry["hits"]
    assert hit["consequence"] == "exon_loss_variant" and hit["loss_judgement"] == "loss"
    assert entry["verdict"] == "biallelic" and entry["mechanism"] == "deletion + loss of exons"
    assert "loss of exon 2" in entry["reason"] and "damaging mutation" not in entry["reason"]
    assert entry["share_lower"] < 1.0 and entry["share_upper"] >= 0.95


def test_an_exon_lost_from_one_of_two_copies_is_one_hit_only(tmp_path):
    entry = judged(folder(tmp_path / "e", 2, 1))
    assert len(entry["hits"]) == 1 and entry["probability"] < 0.3
    assert entry["verdict"] not in ("biallelic", "probable_biallelic", "intact")
    with_stop = folder(tmp_path / "f", 2, 1)
    with_stop.somatic([mutation("TNFRSF17", offset=2050, alt=42, depth=100)])
    entry = judged(with_stop)
    assert len(entry["hits"]) == 2 and entry["phase"] == "unknown"
    assert "a loss of exons and a damaging mutation in trans" in {m["name"] for m in entry["mechanisms"]}


def test_its_probability_is_that_of_the_exon(tmp_path):
    sure = judged(folder(tmp_path / "sure", 1, 0, differs=0.99))["probability"]
    unsure = judged(folder(tmp_path / "unsure", 1, 0, differs=0.6))["probability"]
    assert unsure == pytest.approx(0.6, abs=0.1) and sure > 0.95


@pytest.mark.parametrize("coding", [0, None])
def test_exons_that_are_not_coding_or_not_known_to_be_are_told_only(tmp_path, coding):
    entry = judged(folder(tmp_path / "e", 1, 0, coding=coding))
    assert entry["hits"] == [] and entry["verdict"] == "not_assessable"
    assert any("not weighed" in note for note in entry["copy_number"]["notes"])


def test_neighbouring_exons_are_one_hit_and_others_are_two(tmp_path):
    (hit,) = judged(folder(tmp_path / "e", 1, 0, lost=(2, 3)))["hits"]
    assert hit["label"] == "loss of exons 2-3"
    single = judged(folder(tmp_path / "s", 1, 0, lost=(2,)))["hits"][0]
    assert hit["depth"] == pytest.approx(2 * single["depth"], abs=2), "two exons tell twice as much"
    apart = judged(folder(tmp_path / "a", 2, 1, lost=(1, 3)))
    assert sorted(one["label"] for one in apart["hits"]) == ["loss of exon 1", "loss of exon 3"]


def test_a_junction_there_is_the_same_hit(tmp_path):
    made = folder(tmp_path / "e", 1, 0)
    header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN1\tT1\n"
    line = f"{CHROM}\t{START + 800}\ts\tN\t<DEL>\t.\tPASS\tSVTYPE=DEL;END={START + 1300}\tAD\t50,0\t20,45\n"
    (made.path / "T1.sv.vcf").write_text(header + line)
    (hit,) = judged(made)["hits"]
    assert hit["consequence"] == "breakpoint"


@pytest.mark.parametrize(("gene_copies", "exon_copies"), [(1, 0), pytest.param(2, 1, marks=pytest.mark.slow)])
def test_the_share_of_cells_is_covered(tmp_path, gene_copies, exon_copies):
    rng = np.random.default_rng(11)
    held = []
    for k in range(20):
        made = folder(tmp_path / f"e{k}", gene_copies, exon_copies, noise=rng.normal(0, ERROR))
        (hit,) = judged(made)["hits"]
        held.append(hit["ccf_upper"] >= 0.99)  # all cells lost it
    assert np.mean(held) >= 0.8


def test_a_loss_that_the_genes_own_states_hold_is_no_second_one(tmp_path):
    """The fit summed focal losses into the states of the gene: its exons show the same depth again."""
    made = folder(tmp_path / "e", 2, 1)
    alone = judged(made)
    rows = [("TNFRSF17", CHROM, START, PLACES["TNFRSF17"][2], 0, *state, 1, 1, 1, p)
            for state, p in (((1, 0), 0.99), ((2, 1), 0.01))]  # fmt: skip
    table = pd.DataFrame(rows, columns=schemas.GENE_SOLUTIONS.names[:11])
    write_table(table, schemas.GENE_SOLUTIONS, made.path / "T1.gene_solutions.tsv")
    entry = judged(made)
    assert len(alone["hits"]) == 1 and not entry["hits"]
    assert entry["verdict"] == "monoallelic" and entry["probability"] < 0.05
