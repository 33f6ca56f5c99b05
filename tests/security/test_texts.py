"""Hostile names and values: refused at the door with one line, or harmless where they end."""

import csv
import io
import json

import h5py
import numpy as np
import pandas as pd
import pytest

from tests.bad_inputs.test_bad_inputs import call, copy, written
from tests.bad_inputs.test_fuzz import h5_bytes
from tests.samples.sheets import HEADER, TUMOR, checked, write_files
from twohit import schemas
from twohit.cells.matrix_io import read_matrix
from twohit.errors import InputError
from twohit.plaintext import unsafe_text
from twohit.tables import read_table, write_json, write_table

SHELL = [
    "$(touch HACKED)",
    "`touch HACKED`",
    "; touch HACKED",
    "| touch HACKED",
    "a & touch HACKED",
    "' ; touch HACKED '",
]
PAGE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&lt;b&gt;", "javascript:alert(1)"]
PATHS = ["../../etc/passwd", "/etc/passwd", "..", "a/b", "con\\x"]
FORMULAS = ["=1+1", '=HYPERLINK("http://x","y")', "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", " =1+1"]
UNSEEN = ["a\u202eb", "a\u200bb", "a\ufeffb", "a\x1bb", "a\x00b", "a\nb", "a\tb", "a\u2028b", "a\u2066b"]
PLAIN = [
    "",
    "-",
    "+",
    "=",
    "3",
    "-3.5",
    "+3 months",
    "–",
    "µ",
    "Δ",
    "naïve",
    "病院",
    "Ünïcödé",
    "p.=",
    "c.-12A>G",
    "(x)",
    "a=b",
]
LONG = "x" * 10_000
ENDINGS = "\nEND_OF_SAMPLES\ntouch HACKED\ncat <<'X'\n"  # would end the text that a task writes its table from


@pytest.fixture
def folder(tmp_path):
    return write_files(tmp_path)


def told(value):
    """A row whose timepoint is that value, as csv writes it."""
    cells = ["P1", "T", "tumor", value, "270", "female", "t_1.fq.gz", "t_2.fq.gz"]
    out = io.StringIO()
    csv.writer(out, lineterminator="", quoting=csv.QUOTE_ALL).writerow(cells)
    return out.getvalue() + "," * (HEADER.count(",") + 1 - len(cells))


@pytest.mark.parametrize("value", [*FORMULAS, *UNSEEN, ENDINGS])
def test_what_is_no_plain_text(value):
    assert unsafe_text(value)


@pytest.mark.parametrize("value", [*PLAIN, *SHELL, *PAGE, *PATHS])
def test_what_is_plain_text(value):
    assert unsafe_text(value) is None


@pytest.mark.parametrize("column", ["patient", "sample", "lane"])
@pytest.mark.parametrize("value", [*SHELL, *PAGE, *PATHS, *FORMULAS, *UNSEEN[:4], "Ünïcödé", LONG, "-rf", ".hidden"])
def test_an_id_is_letters_digits_and_three_signs(folder, column, value):
    places = HEADER.split(",").index(column)
    cells = [*TUMOR.split(","), ""]
    cells[places] = f'"{value}"'.replace('""', '"') if '"' not in value else value.replace('"', "'")
    _, errors, _ = checked(folder, ",".join(cells))
    assert any(f"samples.csv: row 2, column {column!r}" in line and "for instance" in line for line in errors), errors
    assert all(len(line) < 600 for line in errors)


@pytest.mark.parametrize("value", [*FORMULAS, *UNSEEN[:4], ENDINGS, LONG])
def test_a_timepoint_that_is_refused(folder, value):
    _, errors, _ = checked(folder, told(value))
    assert [line for line in errors if "row 2, column 'timepoint'" in line] and len(errors) == 1, errors


@pytest.mark.parametrize("value", [*SHELL, *PAGE, *PATHS, "病院", "+3 months"])
def test_a_timepoint_that_is_taken_as_it_is(folder, value):
    (patient,), errors, _ = checked(folder, told(value))
    assert errors == [] and patient["rows"][0]["timepoint"] == value


@pytest.mark.parametrize(
    "name", ["-rf.fq.gz", "$HOME.fq.gz", "a\u202ezg.fq.gz", "a\nb.fq.gz", "t[1].fq.gz", "t*.fq.gz", "{t}.fq.gz"]
)
def test_a_file_name_that_is_refused(folder, name):
    (folder / name).write_bytes((folder / "t_1.fq.gz").read_bytes())
    _, errors, _ = checked(folder, f'P1,T,tumor,,,,"{name}",t_2.fq.gz')
    assert any("column 'fastq_1'" in line and "rename the file" in line for line in errors), errors


@pytest.mark.parametrize("value", [*FORMULAS, *UNSEEN])
@pytest.mark.parametrize("column", ["gene", "reason"])
def test_tables_refuse_formulas_and_unseen_signs(tmp_path, column, value):
    row = {"gene": "TP53", "role": "target", "reason": "x", "citation": None} | {column: value}
    with pytest.raises(InputError, match=f"x.tsv: row 2, column '{column}'"):
        write_table(pd.DataFrame([row]), schemas.PANEL, tmp_path / "x.tsv")
    with open(tmp_path / "x.tsv", "w", newline="") as out:
        lines = csv.writer(out, delimiter="\t")
        lines.writerows([row.keys(), row.values()])
    if value == "a\0b":
        return  # pandas ends the cell there
    with pytest.raises(InputError, match="x.tsv: "):
        read_table(tmp_path / "x.tsv", schemas.PANEL)


@pytest.mark.parametrize("value", [*SHELL, *PAGE, *PATHS, LONG, "病院", '"', "'", "a,b"])
def test_tables_and_json_keep_what_is_plain(tmp_path, value):
    row = {"gene": value, "role": "target", "reason": value, "citation": None}
    write_table(pd.DataFrame([row]), schemas.PANEL, tmp_path / "x.tsv")
    assert read_table(tmp_path / "x.tsv", schemas.PANEL)["reason"].tolist() == [value]
    write_json({"a": value}, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": value}


@pytest.mark.xdist_group("bad_inputs")
@pytest.mark.parametrize("value", ["=1+1", "a\u202eb"])
@pytest.mark.parametrize(
    ("name", "file", "column", "separator"),
    [
        ("read_clinical.py", "clinical/fish.csv", "probe", ","),
        ("read_clinical.py", "clinical/qpcr.csv", "target", ","),
        ("read_clinical.py", "clinical/qpcr.csv", "well", ","),
        ("report_biallelic_loss.py", "evidence/panel.tsv", "reason", "\t"),
        ("report_biallelic_loss.py", "evidence/T1.variants.tsv", "hgvs_p", "\t"),
        ("call_cell_copy_number.py", "groups.tsv", "group", "\t"),
        ("panel_regions.py", "panel.tsv", "gene", "\t"),
    ],
)
def test_scripts_refuse_formulas_and_unseen_signs(good, tmp_path, name, file, column, separator, value):
    from tests.bad_inputs.edits import column as put

    home = copy(good, tmp_path / "w")
    data = put(column, value, 1, separator)((home / file).read_bytes())
    (home / file).unlink()
    (home / file).write_bytes(data)
    done = call(name, home)
    lines = [line for line in done.stderr.splitlines() if line.startswith(f"{name}: error: ")]
    assert done.returncode == 2 and written(home) == [], done.stderr[-1000:]
    assert any(f"{file}: row 2, column {column!r}" in line for line in lines), lines
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("part", ["barcodes", "features/name"])
@pytest.mark.parametrize("value", ["=1+1", "@SUM(A1)", "a\u202eb", *SHELL, *PAGE, "../x", "x" * 10_000])
def test_names_of_cells_and_genes_in_an_h5(tmp_path, part, value):
    """Formulas and unseen signs are refused before anything is written; the rest is a name like any other."""
    (tmp_path / "x.h5").write_bytes(h5_bytes())
    with h5py.File(tmp_path / "x.h5", "r+") as handle:
        names = [name.decode() for name in handle[f"matrix/{part}"][()]]
        del handle[f"matrix/{part}"]
        handle[f"matrix/{part}"] = np.array([value, *names[1:]], dtype=h5py.string_dtype())
    if unsafe_text(value):
        with pytest.raises(InputError, match="x.h5: (cell|gene) .* (formula|cannot be seen)"):
            read_matrix(tmp_path / "x.h5")
    else:
        matrix = read_matrix(tmp_path / "x.h5")
        assert value in (matrix.barcodes[0], matrix.symbols[0])
