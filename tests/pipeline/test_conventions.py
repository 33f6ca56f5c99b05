"""What users of nf-core expect: an nf-test of every process, a config of one's own."""

import re
import subprocess

from .conftest import ROOT


def test_every_process_has_an_nf_test():
    modules = [path.read_text(encoding="utf-8") for path in (ROOT / "modules").rglob("*.nf")]
    processes = {name for text in modules for name in re.findall(r"^process (\w+)", text, re.MULTILINE)}
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "nf-test").iterdir())
    called = set(re.findall(r"^    ([A-Z][A-Z0-9_]+)\(", tests, re.MULTILINE))
    by_pipeline = set(re.findall(r"contains\('(\w+)'\)", tests))
    assert len(processes) > 30
    assert processes - called - by_pipeline == set()


def test_custom_config_is_read(tmp_path):
    (tmp_path / "mine.config").write_text("params.help = true\nthis is no config\n")
    (tmp_path / "params.json").write_text('{"custom_config": "mine.config"}')
    for given in (["--custom_config", "mine.config"], ["-params-file", "params.json"]):
        command = ["nextflow", "run", ROOT, *given, "--help"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "mine.config" in done.stdout + done.stderr
    (tmp_path / "mine.config").write_text("process.queue = 'short'\n")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
