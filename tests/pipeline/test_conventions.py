"""What users of nf-core expect: an nf-test of every process."""

import re

from .conftest import ROOT


def test_every_process_has_an_nf_test():
    modules = [path.read_text(encoding="utf-8") for path in (ROOT / "modules").rglob("*.nf")]
    processes = {name for text in modules for name in re.findall(r"^process (\w+)", text, re.MULTILINE)}
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "nf-test").iterdir())
    called = set(re.findall(r"^    ([A-Z][A-Z0-9_]+)\(", tests, re.MULTILINE))
    by_pipeline = set(re.findall(r"contains\('(\w+)'\)", tests))
    assert len(processes) > 30
    assert processes - called - by_pipeline == set()
