"""Rules for the modules that no run shows reliably."""

from .conftest import ROOT


def test_json_is_read_whole():
    """groovy.json.JsonSlurper fills its maps when they are first read, which two channels may do at once.

    Then one of them misses what is there: a step, a half of a patient. JsonSlurperClassic reads everything at once.
    """
    modules = [ROOT / "main.nf", *sorted((ROOT / "modules").rglob("*.nf"))]
    modules.remove(ROOT / "modules" / "params.nf")  # before any channel is there, and in need of the schema's order
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in modules}
    assert any("JsonSlurperClassic()" in text for text in texts.values())
    assert [name for name, text in texts.items() if "JsonSlurper()" in text] == []
