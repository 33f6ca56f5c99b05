"""Genes of several parts: with a border of copy number in them, in a man's pseudoautosomal regions, on Y."""

import pandas as pd
import pytest

from tests.biallelic.folder import PLACES, Folder, counted, mutation
from twohit import schemas
from twohit.biallelic.evidence import SampleEvidence
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.states import gene_copies
from twohit.genome.contigs import Position, load_genome
from twohit.tables import read_table, write_table

CHROM, START, END = PLACES["TP53"]


def broken(path, low: tuple[int, int], border: int, rest: tuple[int, int] = (2, 1)) -> Folder:
    """TP53 with `low` copies up to a border within it, and `rest` beyond."""
    made = Folder(path).tumour().copies({}).coverage().somatic([])
    for name, table in (("solutions", schemas.SOLUTIONS), ("segments", schemas.SEGMENTS)):
        rows = read_table(made.path / f"T1.{name}.tsv", table)
        mine = rows["chrom"] == CHROM
        left, right = rows[mine].copy(), rows[mine].copy()
        left["end"], right["start"] = border, border + 1
        left["total_cn"], left["minor_cn"] = low
        right["total_cn"], right["minor_cn"] = rest
        rows = pd.concat([rows[~mine], left, right]).sort_values(["chrom", "start"], kind="stable")
        write_table(rows[table.names], table, made.path / f"T1.{name}.tsv")
    return made


@pytest.mark.parametrize("share", [0.2, 0.8])
def test_a_part_without_copies_breaks_the_gene_however_long_it_is(tmp_path, share):
    entry = broken(tmp_path, (0, 0), START + int(share * (END - START))).judge()["TP53", "T1"]
    assert entry["verdict"] == "biallelic" and "homozygous deletion" in entry["reason"]
    assert any("border lies within the gene" in note for note in entry["copy_number"]["notes"])


def test_a_part_with_one_copy_is_one_hit(tmp_path):
    entry = broken(tmp_path, (1, 0), START + 4000).judge()["TP53", "T1"]
    assert entry["verdict"] == "monoallelic" and "deletion of one copy" in entry["reason"]


def test_a_mutation_in_the_other_part_leaves_the_gene_open(tmp_path):
    """Deletion of one copy of the left part, a stop in the right one: on one copy or on two, nothing tells."""
    stop = mutation("TP53", offset=15_000, alt=43, depth=100)
    made = broken(tmp_path, (1, 0), START + 4000).somatic([stop]).genotypes(counted(stop))
    entry = made.judge()["TP53", "T1"]
    assert entry["verdict"] == "not_assessable" and entry["probability"] is None
    assert "lies in another part of the gene than its loss of copies" in entry["reason"]
    assert [hit["label"] for hit in entry["seen_not_counted"]] == [stop["hgvs_p"]] and not entry["hits"]


def test_a_mutation_in_the_part_that_is_lost_is_joined_as_ever(tmp_path):
    stop = mutation("TP53", offset=1000, alt=74, depth=100)
    entry = broken(tmp_path, (1, 0), START + 4000).somatic([stop]).genotypes(counted(stop)).judge()["TP53", "T1"]
    assert entry["verdict"] == "biallelic"


def test_a_mutation_beside_a_part_without_copies_changes_nothing(tmp_path):
    stop = mutation("TP53", offset=15_000, alt=43, depth=100)
    made = broken(tmp_path, (0, 0), START + 4000).somatic([stop]).genotypes(counted(stop))
    assert made.judge()["TP53", "T1"]["verdict"] == "biallelic"


GRCH38 = load_genome("GRCh38")
IL3RA, KDM6A, UTY = (
    Position("chrX", 1_336_616, 1_382_689), Position("chrX", 44_873_188, 45_112_779),
    Position("chrY", 13_234_577, 13_480_673),
)  # fmt: skip


def copies_of(position: Position, rows: list[tuple], sex: str | None):
    """States of a gene with segments (chrom, start, end, total, minor)."""
    table = pd.DataFrame(rows, columns=["chrom", "start", "end", "total_cn", "minor_cn"])
    table = table.assign(ccf=1.0, ccf_lower=1.0, ccf_upper=1.0, probability=1.0, solution=0)
    fit = {"purity": 0.8, "alternatives": [{"purity": 0.8, "ploidy": 2.0, "wgd": 0.0, "weight": 1.0}]}
    sample = SampleEvidence("T1", None, None, purity_ploidy=fit, solutions=table, segments=table)
    return gene_copies(position, sample, sex, GRCH38, Parameters())


def test_a_mans_shared_ends_of_x_borrow_nothing_from_the_rest_of_x():
    rest = [("chrX", 2_785_000, 155_000_000, 1, 0)]
    told = copies_of(IL3RA, rest, "male")
    assert not told.measured and told.normal == 2
    assert copies_of(KDM6A, rest, "male").measured
    assert not copies_of(IL3RA, [("chrX", 1, 156_030_895, 1, 0)], "male").measured, "a segment across the border"
    own = copies_of(IL3RA, [("chrX", 200_000, 2_700_000, 1, 0), *rest], "male")
    assert own.measured and own.summary()[0]["total_cn"] == 1
    assert copies_of(IL3RA, [("chrX", 2_785_000, 155_000_000, 2, 1)], "female").measured


def test_without_the_sex_no_copy_of_y_is_no_loss():
    gone = [("chrY", 2_800_000, 26_000_000, 0, 0)]
    assert not copies_of(UTY, gone, None).measured
    assert copies_of(UTY, gone, "male").summary()[0]["total_cn"] == 0


@pytest.mark.parametrize("apart, measured", [(9_000_000, True), (11_000_000, False)])
def test_a_gene_far_from_every_segment_is_not_measured(apart, measured):
    """A chromosome in the counts from the gene's end on by so much: a neighbour as far tells of no gene."""
    place = Position("chr17", 40_000_000, 40_010_000)
    row = {"chrom": "chr17", "start": place.end + apart, "end": 80_000_000, "total_cn": 2, "minor_cn": 1, "ccf": 1.0,
           "ccf_lower": 1.0, "ccf_upper": 1.0}  # fmt: skip
    table = pd.DataFrame([{"solution": 0, "probability": 1.0} | row])
    fit = {"purity": 0.8, "alternatives": [{"purity": 0.8, "ploidy": 2.0, "wgd": False, "weight": 1.0}]}
    sample = SampleEvidence("T1", None, None, purity_ploidy=fit, solutions=table, segments=table)
    made = gene_copies(place, sample, "female", load_genome("GRCh38"), Parameters())
    assert made.measured == measured and (made.segment is not None) == measured
    assert any("was not measured" in note for note in made.notes) != measured


def test_a_gene_that_the_fit_tells_nothing_of_takes_no_neighbours_state(tmp_path):
    made = Folder(tmp_path).tumour().coverage().copies({})
    unknown = {name: None for name in schemas.GENE_STATES.names}
    row = unknown | {"gene": "TP53", "chrom": CHROM, "start": START, "end": END, "state": "unknown"}
    write_table(pd.DataFrame([row]), schemas.GENE_STATES, made.path / "T1.genes.tsv")
    entry = made.judge()["TP53", "T1"]
    assert entry["verdict"] == "not_assessable" and not entry["copy_number"]["measured"]
