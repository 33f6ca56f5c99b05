"""A further loss in a part of the cells beside one in all of them, wherever the verdict meets it."""

import numpy as np
import pandas as pd
import pytest

from tests.biallelic.folder import LENGTHS, PLACES, Folder, mutation
from tests.biallelic.test_same_event import COLUMNS, line
from twohit import schemas
from twohit.biallelic.arrangements import HitKind
from twohit.biallelic.cell_evidence import predicted_share, weigh
from twohit.biallelic.cell_samples import LOSS, ArmCells
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.posterior import CopyState, Hit
from twohit.biallelic.states import GeneCopies, _unlisted
from twohit.biallelic.summation import Sum
from twohit.errors import InputError
from twohit.tables import read_table, write_table

GENE = "TP53"
CHROM, START, END = PLACES[GENE]
PURITY = 0.85
NONE = (None, None)


def folder(path, parts: list[tuple], calls=(), tables=("solutions", "segments")) -> Folder:
    """Folder with `parts` of contig 17: (last base, total, minor, ccf, (total, minor) of the other cells)."""
    made = Folder(path).panel([GENE]).tumour().copies({}).coverage(genes=[GENE]).somatic(list(calls))
    for name, schema in (("solutions", schemas.SOLUTIONS), ("segments", schemas.SEGMENTS)):
        file = made.path / f"T1.{name}.tsv"
        table = read_table(file, schema)
        whole = table[table["chrom"] == CHROM].iloc[0].to_dict()
        rows, start = [], 1
        for end, total, minor, ccf, rest in parts:
            row = whole | {"start": start, "end": end, "total_cn": total, "minor_cn": minor, "ccf": ccf}
            row |= dict(zip(("rest_total_cn", "rest_minor_cn"), rest, strict=True))
            if name == "segments":
                row |= {"ccf_lower": max(ccf - 0.03, 0), "ccf_upper": min(ccf + 0.03, 1)}
            rows.append(row)
            start = end + 1
        frame = pd.concat([table[table["chrom"] != CHROM].astype(object), pd.DataFrame(rows, dtype=object)])
        write_table(frame, schema, file)
        if name not in tables:
            file.unlink()
    return made


@pytest.mark.parametrize("tables", [("solutions", "segments"), ("segments",)])
def test_a_mutation_on_the_last_copy_is_in_all_cells_that_have_one(tmp_path, tables):
    share = 0.4
    vaf = PURITY * (1 - share) / (PURITY * (1 - share) + 2 * (1 - PURITY))
    call = mutation(GENE, 100, "p.Q10*", alt=round(200 * vaf), depth=200)
    made = folder(tmp_path, [(LENGTHS[CHROM], 0, 0, share, (1, 0))], [call], tables)
    entry = made.judge()[GENE, "T1"]
    assert entry["verdict"] == "biallelic" and entry["share"] > 0.95


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_the_junction_of_a_nested_deletion_is_no_second_hit(tmp_path, share):
    """All of 17 lost one copy, `share` of the cells the gene's other one too, between two ends that the VCF has."""
    parts = [(START - 1001, 1, 0, 1.0, NONE), (250_000, 0, 0, share, (1, 0)), (LENGTHS[CHROM], 1, 0, 1.0, NONE)]
    made = folder(tmp_path, parts)
    alt = round(100 * PURITY * share / (PURITY + 2 * (1 - PURITY)))
    junction = line(START + 999, "<DEL>", "SVTYPE=DEL;END=250000", f"PR\t60,0\t{100 - alt},{alt}")
    (made.path / "T1.sv.vcf").write_text("##fileformat=VCFv4.2\n" + COLUMNS + junction)
    entry = made.judge()[GENE, "T1"]
    assert entry["verdict"] == "biallelic" and entry["share"] == pytest.approx(share, abs=0.03)
    assert entry["seen_not_counted"]


def nested(weight: float, ccfs=((0.4, 1.0),)) -> CopyState:
    return CopyState(weight, 0, 0, 2, ccfs, ((0.8, 1.0),), 0, (1, 0), (2, 1))


def test_cells_that_all_lost_the_arm_agree_with_a_further_loss_in_a_part():
    alone = CopyState(0.1, 1, 0, 2, ((1.0, 1.0),), ((0.8, 1.0),), 0, (2, 1), (2, 1))
    assert predicted_share(nested(0.9), 0.4, LOSS) == 1.0
    found = ArmCells("17p", LOSS, 200, 200.0, 199.0)
    told = weigh(GeneCopies([nested(0.9), alone], True, True, 2), found, True)
    assert [state.weight for state in told.states] == pytest.approx([0.9, 0.1], abs=1e-6)
    points = tuple((float(c), 1 / 9) for c in np.linspace(0.3, 0.5, 9))
    (state,) = weigh(GeneCopies([nested(1.0, points)], True, True, 2), found, True).states
    assert [weight for _, weight in state.ccfs] == pytest.approx([1 / 9] * 9)


def test_a_subclonal_loss_beside_normal_cells_is_in_as_many_cells():
    state = CopyState(1.0, 1, 0, 2, ((0.4, 1.0),), ((0.8, 1.0),), 0, (2, 1), (2, 1))
    assert predicted_share(state, 0.4, LOSS) == pytest.approx(0.4)
    doubled = CopyState(1.0, 3, 1, 2, ((0.4, 1.0),), ((0.8, 1.0),), 0, (4, 2), (4, 2))
    assert predicted_share(doubled, 0.4, LOSS) == pytest.approx(0.4)


def test_a_loss_that_is_not_listed_is_on_top_of_a_listed_one_of_all_cells():
    row = pd.Series({"total_cn": 1, "minor_cn": 0, "ccf": 1.0, "probability": 0.6})
    chances = {"p_homozygous_loss": 0.4, "p_loh": 0.6, "p_copy_neutral_loh": 0.0, "p_gain": 0.0}
    rows = _unlisted(0, 0.4, [(row, 1.0)], pd.Series({"total_cn": 1, "minor_cn": 0, **chances}), (2, 1))
    assert rows and all(made[2:4] == (0, 0) and made[-1] == (1, 0) for made in rows)


@pytest.mark.parametrize(
    ("state", "rest", "message"),
    [
        ((0, 0), (1, None), "fill both rest_total_cn and rest_minor_cn"),
        ((0, 0), (None, 0), "fill both rest_total_cn and rest_minor_cn"),
        ((0, 0), (1, 3), "rest_minor_cn 3 is above rest_total_cn 1"),
        ((1, 0), (0, 0), "1 copies beside cells with none"),
    ],
)
def test_other_cells_that_cannot_be_are_one_line(tmp_path, state, rest, message):
    with pytest.raises(InputError, match=message):
        folder(tmp_path, [(LENGTHS[CHROM], *state, 0.4, rest)]).judge()


class Recorder:
    """Stands for what single cells say of a mutation and the arm: notes what is asked of them."""

    direction = LOSS

    def __init__(self):
        self.asked = []

    def factor(self, both, one, two, slack):
        self.asked.append((np.max(np.abs(both - two)), float(np.max(one))))
        return 1.0


@pytest.mark.parametrize(("state", "everywhere"), [(nested(1.0), True), (CopyState(1.0, 1, 0, 2, ((0.4, 1.0),),
                         ((0.8, 1.0),), 0, (2, 1), (2, 1)), False)])  # fmt: skip
def test_cells_are_asked_for_the_loss_that_all_of_them_have(state, everywhere):
    recorder = Recorder()
    hit = Hit("p.Q10*", HitKind(False), 60, 200)
    Sum([state], [hit], {}, Parameters(), {(-1, 0): recorder}).run()
    assert recorder.asked
    alike = [gap < 1e-9 and one == 1.0 for gap, one in recorder.asked]
    assert all(alike) if everywhere else not all(alike)
