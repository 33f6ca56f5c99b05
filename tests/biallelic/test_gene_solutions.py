"""States that the fit tells gene by gene go before those of the gene's segment."""

import pandas as pd
import pytest

from tests.biallelic.folder import PLACES, Folder, mutation
from twohit import schemas
from twohit.biallelic.arrangements import TRANS
from twohit.errors import InputError
from twohit.tables import write_table

GENE = "TNFRSF17"
N_COLUMNS = len(schemas.GENE_SOLUTIONS.names)
LABELS = ["p.Q10*", "p.Q20*"]


def judged(tmp_path, rows: list[tuple], states=None, weights=(1.0,), calls=()) -> dict:
    """Verdict on the gene; `rows`: (solution, total, minor, ccf, lower, upper, probability) and, where it is not their
    normal state, (total, minor) of the other cells.
    """
    folder = Folder(tmp_path).panel([GENE]).tumour().somatic(list(calls))
    folder.copies(states or [{"weight": weight} for weight in weights]).coverage()
    chrom, start, end = PLACES[GENE]
    rows = [(*row, None, None)[: N_COLUMNS - 4] for row in rows]
    table = pd.DataFrame([(GENE, chrom, start, end, *row) for row in rows], columns=schemas.GENE_SOLUTIONS.names)
    write_table(table, schemas.GENE_SOLUTIONS, tmp_path / "T1.gene_solutions.tsv")
    return folder.judge()[GENE, "T1"]


def test_a_loss_that_no_segment_shows_opens_the_verdict(tmp_path):
    plain = judged(tmp_path, [(0, 2, 1, 1, 1, 1, 1.0)])
    assert plain["verdict"] == "intact"
    left = judged(tmp_path, [(0, 2, 1, 1, 1, 1, 0.9), (0, 0, 0, 0.3, 0.2, 0.4, 0.1)])
    assert left["verdict"] == "not_assessable"
    assert left["probability"] == pytest.approx(0.1, abs=0.01)


def test_a_pair_of_mutations_that_reads_prefer_to_the_deletion_of_copy_number(tmp_path):
    calls = [mutation(GENE, 100 + k, name, alt=42) for k, name in enumerate(LABELS)]
    entry = judged(tmp_path, [(0, 1, 0, 1, 1, 1, 0.6), (0, 2, 1, 1, 1, 1, 0.4)], calls=calls)
    assert entry["mechanism"] == TRANS and entry["copy_number"]["states"][0]["total_cn"] == 1
    assert [hit.split(" (")[0] for hit in (entry["hit_1"], entry["hit_2"])] == LABELS


def test_weights_of_the_solutions_multiply(tmp_path):
    rows = [(0, 2, 1, 1, 1, 1, 1.0), (1, 0, 0, 1, 1, 1, 0.5), (1, 2, 1, 1, 1, 1, 0.5)]
    entry = judged(tmp_path, rows, weights=(0.6, 0.4))
    assert entry["probability"] == pytest.approx(0.2, abs=0.01)


def test_cell_fractions_are_those_of_the_state(tmp_path):
    entry = judged(tmp_path, [(0, 0, 0, 0.4, 0.35, 0.45, 1.0)])
    assert entry["verdict"] == "biallelic"
    assert entry["share"] == pytest.approx(0.4, abs=0.01)
    assert (entry["share_lower"], entry["share_upper"]) == (
        pytest.approx(0.35, abs=0.02),
        pytest.approx(0.45, abs=0.02),
    )


def test_a_gene_without_rows_has_its_segment(tmp_path):
    states = {PLACES[GENE][0].removeprefix("chr"): (0, 0, 1.0)}
    assert judged(tmp_path, [], states=states)["verdict"] == "biallelic"


def test_a_solution_that_the_fit_does_not_list_is_an_error(tmp_path):
    with pytest.raises(InputError, match="T1.gene_solutions.tsv: solution 3 is not among the 1 alternatives"):
        judged(tmp_path, [(3, 2, 1, 1, 1, 1, 1.0)])


@pytest.mark.parametrize("probability", [0.0, 5e-5])
def test_a_gene_without_any_state_of_weight_is_an_error(tmp_path, probability):
    with pytest.raises(InputError, match="T1.gene_solutions.tsv: TNFRSF17: no state has a probability of 0.0001"):
        judged(tmp_path, [(0, 1, 0, 1, 1, 1, probability)])


@pytest.mark.parametrize("weights", [(0.99, 0.01), (0.01, 0.99)])
def test_without_purity_every_solution_has_its_weight(tmp_path, weights):
    chrom = PLACES[GENE][0]
    states = [{chrom: (1, 0, 1.0), "weight": weights[0]}, {chrom: (0, 0, 1.0), "weight": weights[1]}]
    made = Folder(tmp_path).panel([GENE]).tumour().copies(states, purity=None).coverage().somatic([])
    entry = made.judge()[GENE, "T1"]
    assert entry["probability"] == pytest.approx(weights[1], abs=0.02)
    assert sorted(state["probability"] for state in entry["copy_number"]["states"]) == pytest.approx(sorted(weights))


def test_the_other_cells_have_the_state_that_the_fit_tells(tmp_path):
    """All cells lost one copy, 3 % the second too: not seen as biallelic, yet one allele is lost in all of them."""
    nested = judged(tmp_path, [(0, 0, 0, 0.03, 0.02, 0.04, 1.0, 1, 0)])
    assert nested["verdict"] == "monoallelic"
    assert judged(tmp_path, [(0, 0, 0, 0.03, 0.02, 0.04, 1.0)])["verdict"] == "intact"


def test_a_second_copy_lost_in_a_part_is_named_with_what_the_others_have(tmp_path):
    entry = judged(tmp_path, [(0, 0, 0, 0.4, 0.35, 0.45, 1.0, 1, 0)])
    assert entry["verdict"] == "biallelic" and entry["share"] == pytest.approx(0.4, abs=0.01)
    told = "homozygous deletion (0+0) in 40 % of tumour cells, beside deletion of one copy (1+0) in the others"
    assert told in entry["copy_number"]["words"]


def test_a_mutation_on_the_copy_that_a_part_lost_is_not_in_these_cells(tmp_path):
    """One copy lost in all cells, 40 % lost the mutated one too: all others have the mutation on their only copy."""
    purity, kept = 0.8, 0.6
    vaf = purity * kept / (purity * kept + 2 * (1 - purity))
    call = mutation(GENE, 100, LABELS[0], alt=round(200 * vaf), depth=200)
    entry = judged(tmp_path, [(0, 0, 0, 0.4, 0.37, 0.43, 1.0, 1, 0)], calls=[call])
    assert entry["verdict"] == "biallelic" and entry["share"] > 0.95
