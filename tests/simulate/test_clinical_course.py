"""The clinical tables: accepted by read_clinical.py, and what it finds is what was put in."""

import numpy as np
import pandas as pd
import pytest

from twohit import schemas
from twohit.clinical.reading import Problems
from twohit.clinical.run import read_clinical
from twohit.simulate.clinical_course import write_clinical
from twohit.simulate.qpcr_wells import EXPANSIONS, FLOOR, true_course
from twohit.tables import read_json, read_table


@pytest.fixture(scope="module")
def course(tiny_folder, tmp_path_factory):
    """Truth, and what is read from the tables of the tiny patient."""
    out = tmp_path_factory.mktemp("clinical")
    tables = [tiny_folder / "clinical" / f"{name}.csv" for name in ("markers", "qpcr", "fish")]
    assert read_clinical("P1", out, *tables) == []
    names = ("MARKERS", "CAR_QPCR", "CAR_EXPANSION", "CAR_CURVES", "FISH")
    read = {name: read_table(out / f"P1.{name.lower()}.tsv", getattr(schemas, name)) for name in names}
    return read_json(tiny_folder / "truth.json")["clinical"], read


def test_expansions_are_those_put_in(course):
    told, read = course
    rows = read["CAR_EXPANSION"]
    assert [row["log_expansion"] for row in told["expansions"]] == pytest.approx(EXPANSIONS)
    assert rows["log_expansion"].tolist() == pytest.approx(EXPANSIONS, abs=0.15)
    assert rows["bound"].tolist() == ["lower_bound", "estimate"] == [row["bound"] for row in told["expansions"]]
    assert rows["peak_day"].tolist() == [row["peak_day"] for row in told["expansions"]]
    assert rows["loq"].to_numpy() == pytest.approx(FLOOR, rel=0.3)


def test_copies_lie_in_their_intervals_and_curves_are_good(course):
    told, read = course
    samples = read["CAR_QPCR"].set_index("day")
    true = pd.Series({row["day"]: row["copies_per_100ng"] for row in told["car_copies"]}).reindex(samples.index)
    inside = (samples["copies_per_100ng_lower"] <= true) & (true <= samples["copies_per_100ng_upper"])
    assert len(true) == 16 and inside.sum() >= 12  # 90 % intervals, shared curves
    assert samples.loc[-1, "n_detected"] == 0
    curves = read["CAR_CURVES"]
    assert curves["efficiency"].between(0.9, 1.1).all() and (curves["r_squared"] > 0.99).all()
    assert curves["ntc_copies"].isna().all() and (curves["ntc_wells"] == 3).all()


def test_fish_says_what_the_study_says_and_what_the_clones_say(course):
    rows = course[1]["FISH"].set_index(["day", "probe"])["percent_abnormal"]
    assert [rows[-20, name] for name in ("t(11;14)", "13q14", "17p13.1")] == [96, 94, 4]
    assert rows[280, "17p13.1"] > 90 and rows[280, "13q14"] > 90 and rows[280, "1q22"] > 90
    assert max(rows[280, name] for name in ("t(4;14)", "t(14;16)", "t(14;20)", "11", "8q24.1")) < 5


def test_markers_respond_and_come_back_but_soluble_bcma_does_not(course):
    table = course[1]["MARKERS"]
    values = {
        name: rows.set_index("day")["value"].astype(float)
        for name, rows in table.groupby("measure")
        if name in ("m_spike", "flc_lambda", "sbcma")
    }
    for name in ("m_spike", "flc_lambda"):
        assert values[name][90] < 0.5 * values[name][0] < values[name][310]
    assert values["sbcma"][90] < 0.01 * values["sbcma"][0] and values["sbcma"][310] < 0.05 * values["sbcma"][0]
    assert table.loc[table["measure"] == "infusion", "day"].tolist() == [0, 310]
    assert "<" in set(table.loc[table["measure"] == "sbcma", "qualifier"])


@pytest.mark.parametrize("seed", range(4))
def test_every_seed_is_accepted(tiny, seed, tmp_path):
    from twohit.clinical.fish import read_fish
    from twohit.clinical.markers import infusion_days, read_markers
    from twohit.clinical.qpcr_table import read_qpcr

    write_clinical(tmp_path, tiny.segments, seed)
    problems, place = Problems(), tmp_path / "clinical"
    days = infusion_days(read_markers(place / "markers.csv", problems))
    wells = read_qpcr(place / "qpcr.csv", days, problems)
    read_fish(place / "fish.csv", problems)
    assert not problems.errors and not problems.warnings
    assert len({(well.plate, well.well) for well in wells}) == len(wells) == 2 * 87


def test_the_course_never_falls_below_what_was_there():
    for number, day in ((1, 0), (2, 310)):
        course = true_course(number, day)
        values = np.array(list(course.values()))
        assert min(course) == day - 1 and values.argmax() not in (0, len(values) - 1)
