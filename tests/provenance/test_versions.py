"""run/versions.tsv tells what the results rest on."""

import re

from tests.conftest import ROOT
from twohit.schemas import VERSIONS
from twohit.tables import read_table


def test_every_locked_package_and_program_is_told(script, tmp_path):
    given = ("--nextflow", "25.04.4", "--revision", "abc", "--gatk", "4.6.2.0")
    script("tool_versions.py", *given, "--out", tmp_path / "versions.tsv")
    told = dict(read_table(tmp_path / "versions.tsv", VERSIONS).itertuples(index=False))
    assert (told["nextflow"], told["revision"]) == ("25.04.4", "abc")
    assert {"twohit", "python", "bwa", "samtools", "bcftools", "gatk", "STAR"} <= set(told)
    lock = (ROOT / "containers" / "twohit" / "requirements.txt").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9_-]+)==(\S+)", lock, re.MULTILINE))
    asked = re.findall(r"^([a-z0-9_-]+)", (ROOT / "containers/twohit/requirements.in").read_text(), re.MULTILINE)
    assert len(asked) > 15
    assert {name: told[name] for name in asked} == {name: locked[name] for name in asked}
