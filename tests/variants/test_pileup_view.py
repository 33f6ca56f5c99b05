"""The reads that are kept to be drawn: each column against the read's own aligned pairs, a bounded and fair choice."""

import random
from types import SimpleNamespace

import pandas as pd
import pysam
import pytest

from tests.variants.toy import write_fasta
from twohit.schemas import PANEL, PILEUPS, VARIANTS
from twohit.tables import read_table, write_table
from twohit.variants.pileup_view import MAX_READS, MAX_VARIANTS, MIN_ALT_READS, choose, pileup_table, shown_variants

GENOME = "".join(random.Random(5).choices("ACGT", k=500))
POS = 251
ALT = {"A": "C", "C": "T", "G": "T", "T": "G"}[GENOME[POS - 1]]
KEY = ("1", POS, GENOME[POS - 1], ALT)


def reads():
    """Reads with a mismatch, a deletion, an insertion, clips, on both strands, in order of place."""
    plain = [GENOME[s : s + 60] for s in (195, 200, 205, 210, 215)]
    made = [
        (195, plain[0], [(0, 60)], 0),
        (200, plain[1][: POS - 201] + ALT + plain[1][POS - 200 :], [(0, 60)], 16),
        (205, GENOME[205:225] + GENOME[228:268], [(0, 20), (2, 3), (0, 40)], 0),
        (210, GENOME[210:235] + "GATTA" + GENOME[235:265], [(0, 25), (1, 5), (0, 30)], 16),
        (215, "T" * 7 + GENOME[215:268], [(4, 7), (0, 53)], 0),
    ]
    return [(*one, f"r{k}") for k, one in enumerate(made)]


@pytest.fixture
def bam(tmp_path):
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "1", "LN": len(GENOME)}]}
    path = tmp_path / "t.bam"
    with pysam.AlignmentFile(str(path), "wb", header=header) as out:
        for start, bases, cigar, flag, name in reads():
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.flag, read.reference_id, read.reference_start = name, flag, 0, start
            read.mapping_quality, read.cigartuples, read.query_sequence = 60, cigar, bases
            read.query_qualities = [12 if k == 3 else 37 for k in range(len(bases))]
            out.write(read)
    pysam.index(str(path))
    return path


@pytest.fixture
def fasta(tmp_path):
    return write_fasta(tmp_path / "g.fa", {"1": GENOME})


def test_columns_are_those_of_the_aligned_pairs(bam, fasta):
    table = pileup_table(bam, "T", [KEY], fasta)
    assert len(table) == 5 and table["allele"].tolist() == ["alt", *["ref"] * 4]
    assert (table["n_alt"] == 1).all() and (table["n_reads"] == 5).all()
    start = int(table["window_start"].iloc[0]) - 1
    assert table["reference"].iloc[0] == GENOME[start : start + 61]
    with pysam.AlignmentFile(str(bam)) as handle:
        slow = {read.reference_start: read for read in handle.fetch("1")}
    for row, read_start in zip(table.itertuples(), (200, 195, 205, 210, 215), strict=True):
        read = slow[read_start]
        wanted, digits = ["_"] * 61, ["0"] * 61
        for query, place in read.get_aligned_pairs():
            if place is None or not start <= place < start + 61:
                continue
            base = "*" if query is None else read.query_sequence[query]
            wanted[place - start] = "." if base == GENOME[place] else base
            digits[place - start] = "0" if query is None else str(min(read.query_qualities[query] // 5, 8))
        assert row.bases == "".join(wanted) and row.qualities == "".join(digits)
        assert row.strand == ("-" if read.is_reverse else "+")
    assert table["inserted"].tolist() == [None, None, None, f"{235 - start}:GATTA", None]
    assert table["clipped_left"].tolist() == [0, 0, 0, 0, 7]


def test_the_table_survives_its_file(bam, fasta, tmp_path):
    table = pileup_table(bam, "T", [KEY], fasta)
    write_table(table, PILEUPS, tmp_path / "p.tsv")
    assert read_table(tmp_path / "p.tsv", PILEUPS)["bases"].tolist() == table["bases"].tolist()
    assert pileup_table(bam, "T", [("1", 30, GENOME[29], ALT if GENOME[29] != ALT else "A")], fasta).empty


def made_up(n, allele):
    return [
        (allele, SimpleNamespace(query_name=f"{allele}{k}", is_read2=False, reference_start=k % 50)) for k in range(n)
    ]


@pytest.mark.parametrize(
    ("n_alt", "n_ref", "kept"), [(3, 5, 3), (10, 400, 10), (200, 3_800, 12), (300, 300, 30), (70, 2, 58)]
)
def test_the_choice_is_bounded_fair_and_the_same_each_time(n_alt, n_ref, kept):
    told = made_up(n_alt, "alt") + made_up(n_ref, "ref")
    chosen = choose(told)
    assert len(chosen) == min(MAX_READS, n_alt + n_ref)
    assert sum(allele == "alt" for allele, _ in chosen) == pytest.approx(kept, abs=1)
    assert min(n_alt, MIN_ALT_READS) <= sum(allele == "alt" for allele, _ in chosen)
    names = [read.query_name for _, read in chosen]
    assert names == [read.query_name for _, read in choose(told[::-1])]


def test_variants_that_matter_in_panel_genes_are_drawn(tmp_path):
    base = dict.fromkeys(VARIANTS.names) | {"chrom": "1", "ref": "A", "alt": "C", "origin": "somatic", "filter": "PASS"}
    rows = [
        base | {"pos": 10, "gene": "G", "loss_judgement": "uncertain"},
        base | {"pos": 20, "gene": "G", "loss_judgement": "loss", "filter": "strand_bias"},
        base | {"pos": 30, "gene": "G", "loss_judgement": "no_loss"},
        base | {"pos": 40, "gene": "H", "loss_judgement": "loss"},
        base | {"pos": 50, "gene": "G", "loss_judgement": "loss"},
    ]
    write_table(pd.DataFrame(rows), VARIANTS, tmp_path / "v.tsv")
    panel = pd.DataFrame([dict.fromkeys(PANEL.names) | {"gene": "G"}])
    write_table(panel, PANEL, tmp_path / "panel.tsv")
    keys = shown_variants([tmp_path / "v.tsv", tmp_path / "v.tsv"], tmp_path / "panel.tsv")
    assert [pos for _, pos, _, _ in keys] == [50, 10, 20]


@pytest.mark.parametrize("genes", [("TP53", "OTHER"), ("*",)])
def test_of_too_many_variants_those_in_genes_of_which_nothing_is_known_give_way(tmp_path, genes):
    base = dict.fromkeys(VARIANTS.names) | {"chrom": "1", "ref": "A", "alt": "C", "origin": "somatic", "filter": "PASS"}
    base |= {"loss_judgement": "loss"}
    rows = [base | {"pos": pos, "gene": "OTHER"} for pos in range(10, 10 + MAX_VARIANTS)]
    rows += [base | {"pos": 900, "gene": "TP53", "loss_judgement": "uncertain"}]
    write_table(pd.DataFrame(rows), VARIANTS, tmp_path / "v.tsv")
    panel = [dict.fromkeys(PANEL.names) | {"gene": gene, "role": None if gene == "TP53" else "other"} for gene in genes]
    write_table(pd.DataFrame(panel), PANEL, tmp_path / "panel.tsv")
    places = [pos for _, pos, _, _ in shown_variants([tmp_path / "v.tsv"], tmp_path / "panel.tsv")]
    assert places == [*range(10, 9 + MAX_VARIANTS), 900]
