"""Single cells beside DNA: the likelihood against a slow sum, its effect on verdicts, rows without DNA, pairs, arms."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from tests.biallelic.folder import Folder, counted, mutation
from twohit import schemas
from twohit.biallelic.arm_comparison import compare_arms, paired_losses
from twohit.biallelic.cell_evidence import CORRELATION, FALSE_CARRIERS, log_likelihood
from twohit.biallelic.cell_samples import ArmCells, CellSample, matching
from twohit.biallelic.evidence import read_evidence
from twohit.biallelic.wording import told_words
from twohit.errors import InputError
from twohit.tables import write_json, write_table

ARM_ROW = {"p_mixture": 1e-20, "p_dose": 1e-20, "n_genes": 100, "mean_count": 50.0, "dose_ratio": 0.5, "share": 0.9,
           "log2_shift": -0.9, "log2_shift_error": 0.1, "reason": None}  # fmt: skip


def add_cells(
    folder: Folder, sample="S7", timepoint="relapse", day=270, plasma=100, altered=95.0, shares=None, pairs=()
):
    """Write the tables of one sample of cells; `shares`: {arm: (direction, carriers)}."""
    folder._row(sample, "cells", timepoint, day)
    base = {"sample": sample, "timepoint": timepoint, "day": day, "fraction": "BMMC"}
    qc = base | {"n_barcodes": 500, "n_few_features": 10, "n_mitochondrial": 0, "n_without_metadata": 0, "n_cells": 490,
                 "median_umis": 4000.0, "median_features": 1500.0, "median_mito_fraction": 0.05}  # fmt: skip
    write_table(pd.DataFrame([qc]), schemas.CELL_QC, folder.path / "P1.cell_qc.tsv")
    rows = [base | {"cell_type": "plasma", "n_cells": plasma, "n_total": 490, "share": plasma / 490,
                    "share_lower": 0.1, "share_upper": 0.3}]  # fmt: skip
    write_table(pd.DataFrame(rows), schemas.CELL_COMPOSITION, folder.path / "P1.composition.tsv")
    out = folder.path / "copy_number"
    out.mkdir(exist_ok=True)
    shares = shares or {}
    arms = [
        {"arm": arm, "bic_difference": 50.0, "p_adjusted": 1e-9, "significant": "yes" if arm in shares else "no",
         "direction": shares[arm][0] if arm in shares else None} | ARM_ROW
        for arm in ("1p", "1q", "16p", "17p")
    ]  # fmt: skip
    write_table(pd.DataFrame(arms), schemas.CELL_ARMS, out / "arms.tsv")
    told = [
        {"group": group, "arm": arm, "direction": direction, "n_cells": plasma, "n_altered": altered,
         "n_carriers": carriers, "share": carriers / plasma, "share_lower": 0.0, "share_upper": 1.0}
        for group in ("all", f"plasma:{sample}") for arm, (direction, carriers) in shares.items()
    ]  # fmt: skip
    write_table(
        pd.DataFrame(told, columns=schemas.CELL_ARM_SHARES.names), schemas.CELL_ARM_SHARES, out / "arm_shares.tsv"
    )
    both = [
        {"group": f"plasma:{sample}", "n_cells": plasma, "arm_1": one, "arm_2": two}
        | {f"share_{name}{end}": share for name in ("both", "first", "second") for end in ("", "_lower", "_upper")}
        for one, two, share in pairs
    ]
    write_table(pd.DataFrame(both, columns=schemas.CELL_ARM_PAIRS.names), schemas.CELL_ARM_PAIRS, out / "arm_pairs.tsv")
    write_json({"schema_version": "1.0", "not_assessable": None, "warnings": []}, out / "cell_copy_number.json")
    return folder


@pytest.fixture
def folder(tmp_path):
    def make(dna=True, **more) -> Folder:
        made = Folder(tmp_path / "evidence", **more)
        return made.tumour().coverage() if dna else made

    return make


@pytest.mark.parametrize("share", [0.0, 0.3, 0.97, 1.0])
def test_the_likelihood_is_an_integral_over_binomials(share):
    """Slow reference: a binomial whose probability is beta distributed, for every possible number of tumour cells."""
    mean = FALSE_CARRIERS + (1 - 2 * FALSE_CARRIERS) * share
    scale = 1 / CORRELATION - 1
    totals = [40, 45, 50, 55, 60]

    def one(total):
        density = stats.beta(mean * scale, (1 - mean) * scale).pdf
        return integrate.quad(lambda p: density(p) * stats.binom.pmf(38, total, p), 0, 1, limit=200)[0]

    found = ArmCells("16p", "loss", 60, 40.0, 38.0)
    assert math.exp(log_likelihood(found, share, False)) == pytest.approx(np.mean([one(t) for t in totals]), rel=1e-4)
    assert math.exp(log_likelihood(found, share, True)) == pytest.approx(one(40), rel=1e-4)


def test_fractions_of_cells_lie_between_whole_ones():
    low, mid, high = (float(log_likelihood(ArmCells("1p", "loss", 50, 50.0, k), 0.5, True)) for k in (20, 20.5, 21))
    assert low < mid < high


def test_samples_belong_together_by_label_or_by_day():
    arms = {"16p": ArmCells("16p", "loss", 50, 50.0, 50.0)}
    one = CellSample("S1", "before", 0, n_plasma=50, arms=arms)
    near = CellSample("S2", "later", 275, n_plasma=50, arms=arms)
    nearest = CellSample("S3", "later", 271, n_plasma=12, arms=arms)
    few = CellSample("S4", "relapse", 270, n_plasma=5, arms=arms)
    assert matching("relapse", 270, [one, near, nearest, few]) is nearest
    assert matching("before", 270, [one, near]) is one, "the label comes first"
    assert matching("relapse", 300, [one, near]) is None
    assert matching(None, None, [one, near]) is None


def subclonal(folder, ccf):
    """A stop in 70 % of the tumour cells on the copy that stays, the other copy lost in a share nobody is sure of."""
    stop = mutation("TNFRSF17", alt=44, depth=100)
    made = folder().copies({"16": (1, 0, ccf), "17": (1, 0, 1.0)}).somatic([stop]).genotypes(counted(stop))
    return made.arms({"17p": (1, 0, 1.0)})


def test_cells_sharpen_the_share_and_stand_in_the_chain(folder):
    alone = subclonal(folder, 0.9).judge()["TNFRSF17", "T1"]
    shares = {"16p": ("loss", 94.0), "17p": ("loss", 95.0)}
    made = add_cells(subclonal(folder, 0.9), shares=shares).judge()["TNFRSF17", "T1"]
    assert made["verdict"] == "biallelic"
    assert made["cells"]["used"] and made["cells"]["share"] == pytest.approx(94 / 95)
    assert [step["kind"] for step in made["evidence"]] == ["prior", "copy_number", "cells", "somatic", "unseen"]
    assert "Single cells: 16p lost in 99 % of 95 tumour cells of S7." in made["reason"]
    assert alone["cells"] is None
    before, after = (next(s["ccf"] for s in e["copy_number"]["states"] if s["total_cn"] == 1) for e in (alone, made))
    assert after > before


def test_cells_choose_between_states_the_dna_leaves_open(folder):
    tie = [{"16": (1, 0, 1.0), "weight": 0.5}, {"16": (2, 1, 1.0), "weight": 0.5}]
    lost = add_cells(folder().copies(tie), shares={"16p": ("loss", 95.0)}).judge()["TNFRSF17", "T1"]
    assert next(s["probability"] for s in lost["copy_number"]["states"] if s["total_cn"] == 1) > 0.99
    open_ = add_cells(folder().copies(tie), shares={"17p": ("loss", 95.0)}).judge()["TNFRSF17", "T1"]
    assert next(s["probability"] for s in open_["copy_number"]["states"] if s["total_cn"] == 1) == pytest.approx(0.5)
    assert not open_["cells"]["used"], "an arm that is not called is no evidence"


def test_a_focal_deletion_is_not_what_an_arm_shows(folder):
    made = folder().copies({"16": (1, 0, 1.0)})
    table = pd.read_csv(made.path / "T1.segments.tsv", sep="\t")
    part = table[table["chrom"].astype(str) == "16"].iloc[0].copy()
    rest = part.copy()
    part["end"], rest["start"], rest["total_cn"], rest["minor_cn"] = 110_000, 110_001, 2, 1
    table = pd.concat([table[table["chrom"].astype(str) != "16"], pd.DataFrame([part, rest])])
    write_table(table, schemas.SEGMENTS, made.path / "T1.segments.tsv")
    cells = add_cells(made, shares={"16p": ("gain", 90.0)}).judge()["TNFRSF17", "T1"]["cells"]
    assert not cells["used"] and "less than half of its arm" in cells["why_not"]


def test_a_patient_with_cells_only_has_rows_that_exclude_nothing(folder, tmp_path):
    made = add_cells(folder(dna=False, normal=None), shares={"16p": ("loss", 94.0)})
    genes = tmp_path / "genes.tsv"
    genes.write_text("gene\tchrom\tstart\tend\nTNFRSF17\t16\t100001\t103000\nTP53\t17\t50001\t70000\n")
    table = made.judge(genes=genes)
    lost, kept, nowhere = table["TNFRSF17", "S7"], table["TP53", "S7"], table["CD38", "S7"]
    assert lost["verdict"] == kept["verdict"] == nowhere["verdict"] == "not_assessable"
    assert lost["reason"].startswith("Without DNA no mutation can be seen")
    assert "16p lost in 99 % of 95 tumour cells of S7" in lost["reason"]
    assert lost["probability"] is None and lost["share"] is None, "nothing is known of the second hit"
    assert lost["copy_number"]["states"][0]["ccf"] == pytest.approx(0.98, abs=0.03)
    assert not kept["copy_number"]["measured"]
    missing = {row["what"] for row in read_evidence("P1", made.path, made.panel_path).missing}
    assert "dna" in missing and "cells" not in missing


def test_two_losses_in_the_same_cells_or_not(folder):
    states = {"16": (1, 0, 0.5), "17": (1, 0, 0.5)}
    shares = {"16p": ("loss", 50.0), "17p": ("loss", 48.0)}
    for share, same in ((0.48, True), (0.002, False)):
        made = folder().copies(states)
        made.arms({"16p": (1, 0, 0.5), "17p": (1, 0, 0.5)})
        add_cells(made, altered=98.0, shares=shares, pairs=[("16p", "17p", share)])
        (row,) = paired_losses(read_evidence("P1", made.path, made.panel_path), {"16p", "17p"}, 0.05)
        assert (row["probability_cells"] > 0.99) == same and (row["probability_cells"] < 0.05) == (not same)
        assert row["probability_dna"] < 0.2, "half and half forces nothing"


def test_one_called_arm_is_no_share_of_the_tumour_cells(folder):
    """Cells "with any change" all carry the only change: 29 of 61 plasma cells are not 100 % of the tumour cells."""
    found = ArmCells("1p", "loss", n_cells=61, n_altered=29.2, n_carriers=29.2)
    told = found.told()
    assert told["share"] is None and told["n_tumour_cells"] is None
    assert told_words(told) == "29 of 61 plasma cells"
    assert told_words(found.told(all_altered=True)) == "100 % of 29 tumour cells"
    most = ArmCells("1p", "loss", n_cells=61, n_altered=60.4, n_carriers=29.2)
    assert told_words(most.told()) == "48 % of 60 tumour cells"


def test_a_patient_whose_cells_tell_no_arm_still_has_every_gene(folder):
    made = folder(dna=False)
    add_cells(made, shares={})
    assert [one.sample for one in read_evidence("P1", made.path, made.panel_path).samples] == ["S7"]


def test_clonal_losses_are_in_the_same_cells_by_the_pigeonhole(folder):
    made = folder().copies({"16": (1, 0, 1.0), "17": (1, 0, 1.0)})
    made.arms({"16p": (1, 0, 1.0), "17p": (1, 0, 0.98)})
    (row,) = paired_losses(read_evidence("P1", made.path, made.panel_path), {"16p", "17p"}, 0.05)
    assert row["probability_dna"] == pytest.approx(0.99**2, abs=0.001), "the probabilities of both states"
    assert row["dna_at_least"] == pytest.approx(0.98)
    assert row["probability_cells"] is None


def test_arms_side_by_side(folder):
    made = folder().copies({"16": (1, 0, 1.0)})
    made.arms({"16p": (1, 0, 1.0), "17p": (2, 1, 1.0), "1p": (1, 0, 1.0), "1q": (3, 1, 1.0), "2p": (1, 0, 1.0)})
    add_cells(made, shares={"16p": ("loss", 90.0), "17p": ("loss", 60.0), "1q": ("loss", 50.0)})
    rows = {row["arm"]: row for row in compare_arms(read_evidence("P1", made.path, made.panel_path))}
    assert {arm: row["status"] for arm, row in rows.items()} == {
        "16p": "agree", "17p": "cells_only", "1p": "fits", "1q": "opposite", "2p": "not_testable"
    }  # fmt: skip
    assert rows["16p"]["cells_share"] == pytest.approx(90 / 95)
    table = pd.read_csv(made.path / "copy_number" / "arms.tsv", sep="\t").assign(log2_shift=0.05)
    write_table(table, schemas.CELL_ARMS, made.path / "copy_number" / "arms.tsv")
    rows = {row["arm"]: row for row in compare_arms(read_evidence("P1", made.path, made.panel_path))}
    assert rows["1p"]["status"] == "bulk_only", "no dose is missing in the cells"


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        ({"not_assessable": 3}, "not_assessable is 3"),
        ({"warnings": True}, "warnings is true, not a list"),
        ({"bulk": {"kappa": 0.9, "n_arms": 30, "kappa_lower": 0.8}}, "kappa_upper is None, not a number"),
        ({"alleles": [{"arm": "1p"}]}, "each item needs arm and n_cells"),
    ],
)
def test_a_summary_of_the_cells_in_a_wrong_form_is_one_line(tmp_path, spoiled, words):
    made = add_cells(Folder(tmp_path / "e").tumour())
    write_json({"schema_version": "1.0"} | spoiled, made.path / "copy_number" / "cell_copy_number.json")
    with pytest.raises(InputError, match=words) as caught:
        made.judge()
    assert "cell_copy_number.json: " in str(caught.value) and "\n" not in str(caught.value)
