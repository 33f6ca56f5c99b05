"""The page in a real browser, from a file, with the network off: drawn, quiet, as wide as the screen, printable."""

import json
import re
import shutil
import subprocess

import pytest

from tests.biallelic.folder import Folder, mutation
from tests.conftest import needs

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECTIONS = ("course", "genes", "genome", "purity", "quality", "run")
# Runs after the page's own script and writes what it sees into the title.
PROBE = """<script>
(function () {
  var wide = Array.from(document.querySelectorAll("body *")).filter(function (e) {
    return e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".wide, nav, svg, table, .skip"); });
  var flat = Array.from(document.querySelectorAll("svg")).filter(function (e) {
    return e.checkVisibility() && e.getBoundingClientRect().width < 5; });
  var first = document.querySelectorAll("a, summary")[0];
  first.focus();
  var field = document.getElementById("filter"), rows = document.querySelectorAll("table.verdicts tbody tr");
  field.value = "tp53"; field.dispatchEvent(new Event("input"));
  var left = Array.from(rows).filter(function (row) { return row.getBoundingClientRect().height > 0; });
  var named = left.every(function (row) { return row.cells[0].innerText.indexOf("TP53") >= 0; });
  field.value = ""; field.dispatchEvent(new Event("input"));
  var closed = Array.from(document.querySelectorAll(".wide")).filter(function (box) {
    return box.checkVisibility() && box.scrollWidth > box.clientWidth + 1 && box.tabIndex !== 0; });
  document.title = "PROBE " + JSON.stringify({
    scroll: document.documentElement.scrollWidth - innerWidth, flat: flat.length,
    wide: wide.map(function (e) { return e.outerHTML.slice(0, 80); }),
    broken: Array.from(document.images).filter(function (i) { return !i.naturalWidth; }).length,
    sections: Array.from(document.querySelectorAll("h2")).map(function (h) { return h.id; }),
    focus: document.activeElement === first, left: left.length, rows: rows.length, named: named,
    shown: Array.from(rows).filter(function (row) { return row.getBoundingClientRect().height > 0; }).length,
    unreachable: closed.length });
})();
</script>"""

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def browser():
    needs(CHROMIUM is not None, "needs a browser: Debian's chromium (apt-get install)")


def browse(page, folder, *options):
    """Open a page without network; stdout and what the console said."""
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--v=0",
        f"--user-data-dir={folder}/profile", *options, page.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture
def page(script, tmp_path):
    stop = mutation("TNFRSF17", alt=58, depth=110)
    made = Folder(tmp_path / "evidence").tumour("T0", "diagnosis", -100).tumour("T1", "relapse", 270)
    made.copies({"16": (1, 0, 1.0)}).coverage().somatic([stop]).genotypes([(stop, 58, 110)])
    made.copies({"16": (1, 0, 1.0)}, sample="T0").coverage("T0").somatic([], "T0").genotypes([(stop, 0, 120)], "T0")
    script(
        "report_biallelic_loss.py", "--patient", made.patient, "--evidence", made.path, "--panel", made.panel_path,
        "--genome", made.genome, "--outdir", tmp_path / "out",
    )  # fmt: skip
    return tmp_path / "out" / "P1.report.html"


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_is_drawn_and_fits(page, tmp_path, width):
    probed = tmp_path / "probed.html"
    probed.write_text(page.read_text().replace("</body>", PROBE + "</body>"))
    # a window of Chromium is never narrower than 500: a frame has the width asked for
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<iframe src="{probed.name}" width="{width}" height="900" style="border:0"></iframe><script>'
        'var frame = document.querySelector("iframe");'
        "frame.onload = function () { document.title = frame.contentDocument.title; };</script>"
    )
    text, console = browse(
        frame, tmp_path, "--allow-file-access-from-files", "--window-size=1400,1000", "--virtual-time-budget=5000",
        "--dump-dom",
    )  # fmt: skip
    assert not console
    seen = json.loads(re.search(r"<title>PROBE (.+?)</title>", text)[1].replace("&lt;", "<").replace("&gt;", ">"))
    assert seen["scroll"] <= 0 and not seen["wide"]
    assert seen["flat"] == 0 and seen["broken"] == 0 and seen["focus"]
    assert seen["left"] == 2 and seen["named"] and seen["shown"] == seen["rows"] == 9, "the filter of the verdicts"
    assert seen["unreachable"] == 0, "what scrolls sideways can be reached with the keyboard"
    assert set(SECTIONS) <= set(seen["sections"])


def test_it_prints_to_a_pdf(page, tmp_path):
    target = tmp_path / "page.pdf"
    _, console = browse(page, tmp_path, f"--print-to-pdf={target}", "--no-pdf-header-footer")
    assert not console
    data = target.read_bytes()
    pages = data.count(b"/Type /Page\n") + data.count(b"/Type /Page ")
    assert data.startswith(b"%PDF") and 2 <= pages <= 12, "nine genes in two samples"


def test_what_is_printed_is_as_wide_as_the_paper(page, tmp_path):
    """The rules of print, asked for on a screen of the paper's width: nothing is cut at the right edge."""
    text = page.read_text().replace("@media print", "@media all").replace("@media screen", "@media speech")
    text = text.replace("</body>", PROBE + "</body>")
    probed = tmp_path / "paper.html"
    probed.write_text(text.replace('.closest(".wide, nav, svg, table, .skip")', '.closest("nav, svg, .skip")'))
    text, _ = browse(probed, tmp_path, "--window-size=700,1000", "--virtual-time-budget=5000", "--dump-dom")
    seen = json.loads(re.search(r"<title>PROBE (.+?)</title>", text)[1].replace("&lt;", "<").replace("&gt;", ">"))
    assert seen["scroll"] <= 0 and not seen["wide"]
