"""How short a deletion may have been missed is told with every gene that is called kept."""

import pandas as pd
import pytest

from tests.biallelic.folder import PLACES, Folder, counted, mutation
from twohit import schemas
from twohit.biallelic.wording import bases
from twohit.errors import InputError
from twohit.tables import write_table

GENE = "CD38"


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "evidence").tumour().coverage().copies({}).somatic([])


def told(made: Folder, rows: list[tuple]) -> Folder:
    """Write T1.focal_limits.tsv from (copies_lost, n_loci, length)."""
    chrom, start, end = PLACES[GENE]
    table = pd.DataFrame([(GENE, chrom, start, end, *row) for row in rows], columns=schemas.FOCAL_LIMITS.names)
    write_table(table, schemas.FOCAL_LIMITS, made.path / "T1.focal_limits.tsv")
    return made


def test_an_intact_gene_says_how_short_a_loss_of_both_copies_is_missed(folder):
    entry = told(folder, [("both", 5, 108_400), ("one", 11, 250_000)]).judge()[GENE, "T1"]
    assert entry["verdict"] == "intact"
    assert entry["limit"]["focal"] == {"copies_lost": "both", "length": 108_400, "n_loci": 5}
    assert entry["reason"].endswith(
        "would have been seen (but short deletions: below 110 kb even one in all "
        "tumour cells may be missed, in fewer cells a longer one)."
    )


def test_beside_a_mutation_the_loss_of_one_copy_counts(folder):
    stop = mutation(GENE, alt=47, depth=110)
    made = told(folder, [("both", 5, 108_400), ("one", 11, 2_540_000)]).somatic([stop]).genotypes(counted(stop))
    entry = made.judge()[GENE, "T1"]
    assert entry["verdict"] == "monoallelic"
    assert entry["limit"]["focal"]["copies_lost"] == "one"
    assert "below 2.5 Mb even one in all tumour cells" in entry["reason"]


def test_where_two_of_three_copies_must_go_the_loss_of_one_stands_for_it(folder):
    """A longer length than needed, but the sentence is never silent of short deletions."""
    stop = mutation(GENE, alt=35, depth=110)
    made = told(folder, [("both", 5, 108_400), ("one", 11, 250_000)]).copies({"1": (3, 1, 1.0)})
    entry = made.somatic([stop]).genotypes(counted(stop)).judge()[GENE, "T1"]
    assert entry["limit"]["focal"] == {"copies_lost": "one", "length": 250_000, "n_loci": 11}


def test_where_no_shorter_loss_is_seen_that_is_said(folder):
    entry = told(folder, [("both", None, None), ("one", None, None)]).judge()[GENE, "T1"]
    assert entry["limit"]["focal"]["length"] is None
    assert "(but deletions shorter than the segment may be missed)" in entry["reason"]


@pytest.mark.parametrize("rows", [None, [], [("both", 5, 1000), ("both", 6, 2000)]])
def test_what_the_tables_do_not_tell_is_not_told(folder, rows):
    """Without the table, without the gene, and with two genes of its name."""
    entry = (folder if rows is None else told(folder, rows)).judge()[GENE, "T1"]
    assert entry["limit"]["focal"] is None
    assert entry["reason"].endswith("would have been seen.")


def test_a_table_that_breaks_its_schema_is_an_error(folder):
    told(folder, [("both", 5, 1000)])
    path = folder.path / "T1.focal_limits.tsv"
    path.write_text(path.read_text().replace("both", "all"))
    with pytest.raises(InputError, match=r"T1.focal_limits.tsv: row 2, column 'copies_lost'"):
        folder.judge()


@pytest.mark.parametrize(
    ("length", "words"),
    [(431, "0.4 kb"), (1_500, "1.5 kb"), (9_960, "10 kb"), (12_345, "12 kb"), (994_000, "990 kb"), (996_000, "1.0 Mb"),
     (1_260_000, "1.3 Mb"), (63_000_000, "63 Mb")],
)  # fmt: skip
def test_lengths_are_told_with_two_digits(length, words):
    assert bases(length) == words
