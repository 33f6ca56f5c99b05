import numpy as np
import pytest

from tests.clinical.wells import INTERCEPT, SLOPE, draw_ct, qpcr_rows, standards, well, write_csv
from twohit import schemas
from twohit.clinical.expansion import curves_frame, fit_curves, measure_expansions, measure_samples, samples_frame
from twohit.clinical.run import read_clinical
from twohit.errors import TableErrors
from twohit.tables import read_table

# 160,000 copies over a LOQ of 10 are 4.2 logs; 1,000 are 2.
DAYS = {1: {-7: 0, 7: 2e3, 14: 1.6e5, 60: 500.0}, 2: {270: 0, 284: 1e3, 300: 200.0}}
TABLE = "day,measure,value,unit\n-30,m_spike,3,g/dL\n90,m_spike,<0.1,g/dL\n0,infusion,1,\n276,infusion,2,\n"
FISH = "day,sample,probe,abnormality,cells_scored,percent_abnormal,cutoff_percent\n-30,BM $1,del13,loss,200,88,7\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory, script):
    folder = tmp_path_factory.mktemp("course")
    (folder / "clinical.csv").write_text(TABLE)
    (folder / "fish.csv").write_text(FISH)
    write_csv(folder / "qpcr.csv", qpcr_rows(np.random.default_rng(5), DAYS))
    done = script(
        "read_clinical.py", "--patient", "P1", "--table", folder / "clinical.csv", "--qpcr", folder / "qpcr.csv",
        "--fish", folder / "fish.csv", "--outdir", folder / "out",
    )  # fmt: skip
    assert done.stderr == ""
    return folder


def test_the_study_s_expansions_are_found(course):
    rows = read_table(course / "out" / "P1.car_expansion.tsv", schemas.CAR_EXPANSION).set_index("infusion")
    assert rows.loc[1, "log_expansion"] == pytest.approx(4.2, abs=0.15)
    assert rows.loc[2, "log_expansion"] == pytest.approx(2.0, abs=0.15)
    assert rows["peak_day"].tolist() == [14, 284] and rows["baseline_day"].tolist() == [-7, 270]
    assert rows["bound"].tolist() == ["lower_bound"] * 2 and rows["log_expansion_upper"].isna().all()
    assert rows["note"].str.contains("may be larger").all()
    assert rows["efficiency"].between(0.93, 1.07).all() and (rows["r_squared"] > 0.99).all()


def test_samples_carry_dna_by_rnasep_and_their_limit(course):
    rows = read_table(course / "out" / "P1.car_qpcr.tsv", schemas.CAR_QPCR)
    assert set(rows["dna_source"]) == {"RNaseP"} and rows["dna_ng"].between(75, 130).all()
    assert rows["below_loq"].tolist() == ["yes", "no", "no", "no", "yes", "no", "no"]
    assert rows["days_after_infusion"].tolist() == [-7, 7, 14, 60, -6, 8, 24]
    silent = rows[rows["day"] == -7].iloc[0]
    assert (silent["copies_per_100ng"], silent["n_detected"]) == (0, 0)
    assert 0.8 < silent["copies_per_100ng_upper"] < 1.4  # ln(20) / 3 wells, and the error of the DNA
    assert rows["copies_per_ug"].to_numpy() == pytest.approx(10 * rows["copies_per_100ng"].to_numpy(), rel=1e-5)


def test_every_table_has_its_figures(course):
    made = {path.name for path in (course / "out").iterdir()}
    tables = {f"P1.{name}.tsv" for name in ("markers", "car_qpcr", "car_curves", "car_expansion", "fish")}
    figures = {f"P1.{name}.{kind}" for name in ("markers", "car_qpcr", "fish") for kind in ("svg", "png")}
    assert made == tables | figures


def test_same_input_same_bytes_and_only_what_was_given(course, tmp_path):
    read_clinical("P1", tmp_path, table=course / "clinical.csv", fish=course / "fish.csv")
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == ["P1.fish.png", "P1.fish.svg", "P1.fish.tsv", "P1.markers.png", "P1.markers.svg", "P1.markers.tsv"]
    for name in made:
        assert (tmp_path / name).read_bytes() == (course / "out" / name).read_bytes()


def test_mistakes_of_all_tables_are_printed_and_nothing_is_written(course, tmp_path, script):
    (tmp_path / "clinical.csv").write_text(TABLE + "1.5,m_spike,2,g/dL\n")
    (tmp_path / "fish.csv").write_text(FISH + "1,BM,nothing,loss,200,88,7\n")
    done = script(
        "read_clinical.py", "--patient", "P1", "--table", tmp_path / "clinical.csv", "--fish", tmp_path / "fish.csv",
        "--qpcr", tmp_path / "none.csv", "--outdir", tmp_path / "out", check=False,
    )  # fmt: skip
    assert done.returncode == 2 and not (tmp_path / "out").exists()
    lines = done.stderr.splitlines()
    assert len(lines) == 3 and all(line.startswith("read_clinical.py: error: ") for line in lines)
    assert "clinical.csv: row 6" in lines[0] and "none.csv: no such file" in lines[1] and "fish.csv: row 3" in lines[2]


def test_curve_that_rises_is_the_user_s_mistake(tmp_path):
    rows = qpcr_rows(np.random.default_rng(6), {1: {9: 100.0}}, reference=False)
    for row in rows:
        if row[3] == "standard":
            row[7] = f"{1e8 / float(row[7]):g}"
    with pytest.raises(TableErrors, match=r"row 2, column 'standard_copies'.*cycles per tenfold"):
        read_clinical("P1", tmp_path / "out", qpcr=write_csv(tmp_path / "qpcr.csv", rows))


def sample(day, infusion, copies, rng, repeats=3, plate="A"):
    return [
        well(draw_ct(copies, 0.1, rng) if copies else None, "sample", None, plate, name=f"{day}-{k}", day=day,
             infusion=infusion, mass=100.0)
        for k in range(repeats)
    ]  # fmt: skip


def expansions(wells, days=None):
    samples = measure_samples(wells, fit_curves(wells))
    rows = measure_expansions(samples, days)
    assert len(samples_frame(samples, rows)) == len(samples)
    return rows


def test_baseline_above_the_loq_gives_an_estimate_with_both_ends():
    rng = np.random.default_rng(7)
    row = expansions([*standards(0.1, rng), *sample(-1, 1, 1e3, rng), *sample(9, 1, 1e5, rng)])[0]
    assert row["bound"] == "estimate"
    assert row["log_expansion_lower"] < 2.0 < row["log_expansion_upper"]
    assert row["log_expansion"] == pytest.approx(2.0, abs=0.15)


def test_sample_of_the_infusion_s_day_is_its_baseline():
    rng = np.random.default_rng(8)
    wells = [*standards(0.1, rng), *sample(-9, 1, 0, rng), *sample(0, 1, 500.0, rng), *sample(9, 1, 1e4, rng)]
    row = expansions(wells)[0]
    assert (row["baseline_day"], row["bound"]) == (0, "estimate")


def test_what_cannot_be_told_is_empty_with_a_reason():
    rng = np.random.default_rng(9)
    wells = [*standards(0.1, rng), *sample(-5, 1, 0, rng), *sample(9, 1, 0, rng), *sample(70, 2, 1e4, rng)]
    first, second = expansions(wells, {1: 0, 2: 60})
    assert first["log_expansion"] is None and "above the LOQ" in first["note"]
    assert second["log_expansion"] is None and "no baseline" in second["note"]
    only_before = expansions([*standards(0.1, rng), *sample(-5, 1, 0, rng)])[0]
    assert only_before["peak"] is None and "no sample after" in only_before["note"]


def test_first_infusion_without_baseline_starts_at_the_loq_and_says_so():
    rng = np.random.default_rng(10)
    row = expansions([*standards(0.1, rng), *sample(9, 1, 1e4, rng)])[0]
    assert row["bound"] == "lower_bound" and row["log_expansion"] == pytest.approx(3, abs=0.15)
    assert "baseline taken as below the LOQ" in row["note"]


def test_second_infusion_without_a_table_takes_its_first_sample_as_baseline():
    rng = np.random.default_rng(11)
    wells = [*standards(0.1, rng), *sample(9, 1, 1e4, rng), *sample(100, 2, 0, rng), *sample(110, 2, 1e3, rng)]
    row = expansions(wells)[1]
    assert (row["baseline_day"], row["infusion_day"]) == (100, 100) and "first sample (day 100)" in row["note"]


def test_curves_table_fits_its_schema(tmp_path):
    from twohit.tables import write_table

    curves = fit_curves(standards(0.1, np.random.default_rng(12)))
    write_table(curves_frame(curves), schemas.CAR_CURVES, tmp_path / "c.tsv")
    row = read_table(tmp_path / "c.tsv", schemas.CAR_CURVES).iloc[0]
    assert (
        row["slope_lower"] < SLOPE < row["slope_upper"] and row["intercept_lower"] < INTERCEPT < row["intercept_upper"]
    )
    assert row["loq"] == 10 and "not checked" in row["note"]
