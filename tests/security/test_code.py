"""What the code may not do with files and words of a user: run them, unpickle them, put them where they like."""

import ast
import json
import re

import pytest

from tests.conftest import ROOT
from twohit import schemas
from twohit.clinical import fish, markers, qpcr_table
from twohit.samples.rows import COLUMNS
from twohit.tables import Table

SOURCES = sorted((ROOT / "bin").rglob("*.py")) + sorted((ROOT / "docs").glob("*.py"))
FORBIDDEN = ("pickle", "cPickle", "dill", "joblib", "marshal", "shelve", "yaml", "telnetlib", "xmlrpc", "requests")
CALLS = ("eval", "exec", "compile", "os.system", "os.popen", "pd.read_pickle", "tempfile.mktemp", "pd.eval")
METHODS = ("extractall", "to_pickle", "read_pickle")  # an archive puts files where it likes
BIRTH = re.compile(r"birth|dob|surname|first_?name|last_?name|address|phone|e_?mail|mrn|insurance|social|postcode|zip")
QUOTED = {  # parameters that may be any text, and where they become a word of a command
    "cell_reference": "quoted(settings.cell_reference)",
    "transgene_feature": "'--transgene-feature': names ? quoted(names)",
    "research_use": "--research-use ${quoted(settings.research_use)}",
    "missense_column": "--missense-column=${quoted(column)}",
}


def dotted(node) -> str:
    """Name of what is called, e.g. np.load."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def faults(text: str) -> list[str]:
    """Lines of a source that may run or unpickle what a user gives."""
    found = []
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        found += [f"{node.lineno}: import {name}" for name in names if name.split(".")[0] in FORBIDDEN]
        if not isinstance(node, ast.Call):
            continue
        name, given = dotted(node.func), {word.arg: word.value for word in node.keywords}
        shell = "shell" in given and getattr(given["shell"], "value", None) is not False
        allowed = getattr(given.get("allow_pickle"), "value", None)
        loads = name.endswith("np.load") or name == "numpy.load"
        if name in CALLS or name.rsplit(".", 1)[-1] in METHODS or shell or allowed or (loads and allowed is not False):
            found.append(f"{node.lineno}: {name}")
    return found


def test_the_search_finds_what_it_looks_for():
    bad = [
        "import pickle", "from yaml import load", "eval(x)", "os.system(x)", "np.load(p)",
        "np.load(p, allow_pickle=True)",
        "subprocess.run(x, shell=True)", "archive.extractall()", "pd.read_pickle(p)",
    ]  # fmt: skip
    assert all(len(faults(line)) == 1 for line in bad)
    assert faults("np.load(p, allow_pickle=False)\nsubprocess.run([x])\nre.compile(x)") == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_nothing_of_a_user_is_run_or_unpickled(path):
    assert faults(path.read_text(encoding="utf-8")) == []


def rules() -> dict[str, dict]:
    groups = json.loads((ROOT / "nextflow_schema.json").read_text(encoding="utf-8"))["$defs"].values()
    return {name: rule for group in groups for name, rule in group["properties"].items()}


def test_texts_of_parameters_are_one_word_of_bash():
    """Numbers and words of a list are checked by modules/params.nf; what may be any text is quoted."""
    free = {
        name
        for name, rule in rules().items()
        if rule["type"] == "string" and not {"enum", "anyOf"} & rule.keys() and "path" not in rule.get("format", "")
    }
    assert free - {"outdir", "registry"} == QUOTED.keys()  # a folder of Nextflow's own; a name that podman checks
    told = "".join(
        (ROOT / "modules" / name).read_text() for name in ("cells/main.nf", "report/main.nf", "bulk/annotate.nf")
    )
    assert all(line in told for line in QUOTED.values())


def tables() -> list[Table]:
    return [item for item in vars(schemas).values() if isinstance(item, Table)]


def test_ids_only_are_asked_for():
    """No date of birth, no name: a day counts from the first infusion."""
    asked = {*COLUMNS, *fish.COLUMNS, *markers.COLUMNS, *qpcr_table.COLUMNS}
    written = {column.name for table in tables() for column in table.columns}
    assert len(tables()) > 30 and len(written) > 200
    assert [name for name in sorted(asked | written) if BIRTH.search(name) or name in ("age", "date")] == []
    assert "name" not in asked


def test_every_parameter_asks_for_no_person():
    assert len(rules()) > 30
    assert [name for name in rules() if BIRTH.search(name)] == []
