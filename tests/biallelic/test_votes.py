"""Mutations vote on the purity/ploidy solutions that the verdict sums over; a gene's own mutation does not."""

import pandas as pd
import pytest

from tests.biallelic.folder import PLACES, Folder, mutation
from twohit import schemas
from twohit.biallelic.evidence import read_evidence
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.solutions import voted_fit
from twohit.biallelic.states import _unlisted, gene_copies
from twohit.errors import InputError
from twohit.genome.contigs import Position, load_genome
from twohit.tables import read_json, write_json, write_table

GENOME = load_genome("GRCh38")
PLACE = Position(*PLACES["TNFRSF17"])


@pytest.fixture
def made(tmp_path):
    """TNFRSF17 homozygously lost in a diploid solution, (2, 1) in the doubled one; copy number cannot tell which."""
    made = Folder(tmp_path / "e").tumour().copies({"16": (0, 0, 1.0)}).somatic([mutation("TP53")]).coverage()
    path = made.path / "T1.purity_ploidy.json"
    fit = read_json(path)
    small = {"purity": 0.45, "ploidy": 2.0, "weight": 0.6, "purity_sd": 0.01, "wgd": 0.0}
    write_json(fit | {"alternatives": [small, small | {"purity": 0.8, "ploidy": 4.0, "weight": 0.4, "wgd": 1.0}]}, path)
    table = pd.read_csv(made.path / "T1.solutions.tsv", sep="\t")
    doubled = table.assign(solution=1, total_cn=table["total_cn"] + 2, minor_cn=table["minor_cn"] + 1)
    write_table(pd.concat([table, doubled]), schemas.SOLUTIONS, made.path / "T1.solutions.tsv")
    return made


def vote(made: Folder, places, said) -> None:
    rows = [
        (chrom, pos, "C", "T", None, solution, value) for chrom, pos in places for solution, value in enumerate(said)
    ]
    table = pd.DataFrame(rows, columns=schemas.SOLUTION_VOTES.names)
    write_table(table, schemas.SOLUTION_VOTES, made.path / "T1.solution_votes.tsv")


def p_lost(made: Folder) -> float:
    evidence = read_evidence("P1", made.path, made.panel_path)
    copies = gene_copies(PLACE, evidence.samples[0], "female", GENOME, Parameters())
    return sum(row["probability"] for row in copies.summary() if row["total_cn"] == 0)


def test_mutations_elsewhere_weigh_the_solutions(made):
    alone = p_lost(made)
    assert alone > 0.5
    vote(made, [("chr1", 1000 * k) for k in range(1, 9)], (-6.0, -3.0))
    assert p_lost(made) < 0.05 * alone, "eight mutations that only a doubled genome explains"
    vote(made, [("chr1", 1000 * k) for k in range(1, 9)], (-3.0, -6.0))
    assert p_lost(made) > alone


def test_the_genes_own_mutation_has_no_second_vote(made):
    alone = p_lost(made)
    vote(made, [("chr16", PLACE.start + 100 * k) for k in range(1, 9)], (-9.0, -3.0))
    assert p_lost(made) == pytest.approx(alone)


def test_votes_of_another_run_are_refused(made):
    vote(made, [("chr1", 1000)], (-9.0, -3.0, -1.0))
    with pytest.raises(InputError, match="votes on 3 solutions"):
        p_lost(made)


def test_a_mutation_without_a_vote_on_each_solution_is_refused(made):
    vote(made, [("chr1", 1000), ("chr2", 2000)], (-9.0, -3.0))
    path = made.path / "T1.solution_votes.tsv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(InputError, match=r"chr2:2000:C:T has no vote on one of the 2 alternatives") as caught:
        p_lost(made)
    assert "\n" not in str(caught.value)


def test_the_report_shows_purity_and_ploidy_after_the_vote():
    ends = {"purity_lower": 0.4, "purity_upper": 0.9, "ploidy_lower": 2.0, "ploidy_upper": 4.0}
    small = {"solution": 0, "purity": 0.45, "ploidy": 2.0, "wgd": False, "weight": 0.04, **ends}
    large = {"solution": 1, "purity": 0.8, "ploidy": 4.0, "wgd": True, "weight": 0.96, **ends}
    warnings = [{"code": "several_solutions"}, {"code": "waves"}]
    fit = {"purity": 0.45, "ploidy": 2.0, "wgd": 0.3, "identifiable": False, "warnings": warnings, "alternatives": []}
    shown = voted_fit(fit, {"solutions": [large, small]})
    assert (shown["purity"], shown["ploidy"], shown["wgd"], shown["identifiable"]) == (0.8, 4.0, 0.96, True)
    assert [one["code"] for one in shown["warnings"]] == ["waves"]
    assert voted_fit(fit, {}) is fit
    assert voted_fit(fit | {"purity": None}, {"solutions": [large]})["purity"] is None


def test_what_the_events_leave_is_the_neutral_state():
    """Deletion 0.6 is listed; of the rest the gene's events explain 0.01, so that 0.39 is "nothing changed"."""
    known = pd.Series({"p_homozygous_loss": 0.0, "p_loh": 0.61, "p_copy_neutral_loh": 0.01, "p_gain": 0.0})
    listed = [(pd.Series({"total_cn": 1, "minor_cn": 0, "ccf": 1.0}), 1.0)]
    rows = _unlisted(0, 0.4, listed, known, (2, 1))
    mass = {state: sum(w for _, w, *copies, _, _, _ in rows if tuple(copies) == state) for state in ((2, 1), (2, 0))}
    assert mass == pytest.approx({(2, 1): 0.39, (2, 0): 0.01})


def test_the_state_of_one_solution_is_no_alternative_of_another():
    """LOH in the undoubled solution, (3, 1) in the doubled: what the latter leaves out is not that LOH again."""
    known = pd.Series(
        {
            "total_cn": 1,
            "minor_cn": 0,
            "p_homozygous_loss": 0.0,
            "p_loh": 0.7,
            "p_copy_neutral_loh": 0.02,
            "p_gain": 0.1,
        }
    )
    rows = _unlisted(1, 0.2, [(pd.Series({"total_cn": 3, "minor_cn": 1, "ccf": 1.0}), 1.0)], known, (4, 2))
    lost = sum(weight for _, weight, total, minor, *_ in rows if (total, minor) == (1, 0))
    assert lost == 0
    assert sum(weight for _, weight, *_ in rows) == pytest.approx(0.2)


@pytest.mark.parametrize("chance", [0.0, 0.03, 0.4])
def test_nothing_changed_is_as_probable_as_the_fit_says(tmp_path, chance):
    """The solutions' weights are given that something is changed: a deletion in all of them is not sure for that."""
    made = Folder(tmp_path).tumour().coverage().copies({"17": (0, 0, 1.0)}, no_change_probability=chance)
    entry = made.judge()["TP53", "T1"]
    assert entry["probability"] == pytest.approx(1 - chance, abs=0.02)
    assert entry["verdict"] == ("probable_biallelic" if chance > 0.05 else "biallelic")
    states = {(one["total_cn"], one["minor_cn"]): one["probability"] for one in entry["copy_number"]["states"]}
    assert states[0, 0] == pytest.approx(1 - chance) and states.get((2, 1), 0.0) == pytest.approx(chance)
