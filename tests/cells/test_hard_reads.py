"""Counts of hard reads against their truth: errors, introns, ambient droplets, a CAR with domains of other genes."""

import csv
from collections import Counter

import pytest

from tests.cells.hard_reads import N_CELLS, simulate_hard
from tests.cells.reads_10x import matrix, prepare

SHARED = ("ENSG01", "ENSG02", "ENSG03")  # genes that the CAR borrows from
BLIND = "ENSG04"  # its end is the end of the second construct


@pytest.fixture(scope="module")
def hard(tmp_path_factory):
    return simulate_hard(tmp_path_factory.mktemp("hard"))


@pytest.fixture(scope="module")
def reference(hard, script, tmp_path_factory):
    return prepare(script, hard, tmp_path_factory.mktemp("reference"))


@pytest.fixture(scope="module")
def counted(hard, reference, script, tmp_path_factory):
    out = tmp_path_factory.mktemp("counts")
    first, second = zip(*hard.lanes, strict=True)
    script("count_cells.py", "--fastq-1", *first, "--fastq-2", *second, "--whitelist", hard.whitelist, "--index",
           reference / "index", "--sample", "S1", "--memory", 2000, "--outdir", out)  # fmt: skip
    return out


def told(path):
    with open(path, newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def of(counts, *genes):
    return Counter({key: n for key, n in counts.items() if key[1] in genes})


def test_unique_genes_are_counted(hard, counted):
    """At least 99 % of the true molecules come back, and next to none is invented."""
    found = matrix(counted / "S1.raw")
    unique = {gene for _, gene in hard.cells} - {*SHARED, BLIND, "CAR"}
    truth = of(Counter(hard.cells) + Counter(hard.empty), *unique)
    found = of(found, *unique)
    assert sum((found & truth).values()) >= 0.99 * truth.total()
    assert (found - truth).total() <= 0.002 * truth.total()


def test_small_rnas_are_no_genes_to_count(reference):
    told = (reference / "genes.gtf").read_text()
    assert "INSIDE" in told and "SMALL" not in told


def test_the_transgene_is_counted_by_its_own_part(hard, counted):
    """400 of the 500 bases that reads come from are its own: fewer reads, no false ones in other genes."""
    found, truth = of(matrix(counted / "S1.raw"), "CAR"), of(Counter(hard.cells) + Counter(hard.empty), "CAR")
    assert 0.9 * truth.total() <= sum((found & truth).values()) and (found - truth).total() <= 0.01 * truth.total()
    raw = matrix(counted / "S1.raw")
    assert of(raw, "CAR_ends_in_gene").total() == 0, "its end is that of a gene: a read of both is of neither"
    assert of(raw, BLIND).total() <= 0.35 * of(Counter(hard.cells) + Counter(hard.empty), BLIND).total()


def test_cells_are_told_from_ambient_droplets(hard, counted):
    cells = {code for code, _ in matrix(counted / "S1.filtered")}
    true = {code for code, _ in hard.cells}
    assert len(cells & true) == N_CELLS and len(cells - true) <= 1
    (row,) = told(counted / "S1.cell_reads.tsv")
    assert (row["chemistry"], row["n_lanes"], row["n_cells"]) == ("10xv3", "2", str(len(cells)))
    assert hard.wrong_barcodes > 1_000 and float(row["barcode_share"]) > 0.999, "one wrong base is corrected"


def test_what_of_the_transgene_can_be_told_is_told(reference):
    car, blind = told(reference / "transgenes.tsv")
    assert car["shared_with"] == "G1,G2,G3" and car["end_seen"] == "yes" and 0.5 < float(car["own_share"]) < 0.85
    assert 0.6 < float(car["end_own_share"]) < 1
    assert blind["shared_with"] == "G4" and blind["end_seen"] == "no" and float(blind["end_own_share"]) == 0
