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
  var cut = [], over = [];
  document.querySelectorAll("svg").forEach(function (picture) {
    if (!picture.checkVisibility()) { return; }
    var edge = picture.getBoundingClientRect();
    var texts = Array.from(picture.querySelectorAll("text")).map(function (e) {
      return [e.textContent, e.getBoundingClientRect()]; });
    texts.forEach(function (one, i) {
      var a = one[1];
      if (a.right > edge.right + 1 || a.left < edge.left - 1 || a.bottom > edge.bottom + 1 || a.top < edge.top - 1) {
        cut.push(one[0]); }
      texts.slice(i + 1).forEach(function (other) {
        var b = other[1];
        if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4) { over.push([one[0], other[0]]); } });
    });
  });
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
  var tight = Array.from(document.querySelectorAll(".summary .count, .badge")).filter(function (box) {
    return box.checkVisibility() && box.scrollWidth > box.clientWidth + 1; });
  document.title = "PROBE " + JSON.stringify({
    scroll: document.documentElement.scrollWidth - innerWidth, flat: flat.length,
    wide: wide.map(function (e) { return e.outerHTML.slice(0, 80); }),
    broken: Array.from(document.images).filter(function (i) { return !i.naturalWidth; }).length,
    sections: Array.from(document.querySelectorAll("h2")).map(function (h) { return h.id; }),
    focus: document.activeElement === first, left: left.length, rows: rows.length, named: named,
    shown: Array.from(rows).filter(function (row) { return row.getBoundingClientRect().height > 0; }).length,
    unreachable: closed.length, cut: cut.slice(0, 9), over: over.slice(0, 9),
    tight: tight.map(function (e) { return e.innerText; }) });
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


@pytest.fixture
def many(script, tmp_path):
    """A hundred samples with two mutations of a gene, and long names."""
    made = Folder(tmp_path / "evidence").panel(["TNFRSF17", "TP53"])
    stops = [mutation("TNFRSF17", offset=100 + 60 * k, label=f"p.Q{38 + 20 * k}*") for k in range(7)]
    for k in range(100):
        sample = f"marrow_{k:03d}"
        made.tumour(sample, f"timepoint {k}", 3 * (k // 2)).coverage(sample)
        made.copies({"16": (1, 0, 1.0) if k < 50 else (2, 1, 1.0)}, sample=sample)
        found = [stops[k % 7], stops[(k + 1) % 7]] if k > 20 else []
        counts = [(stop, 40 if stop in found else 0, 110) for stop in stops]
        made.somatic([stop | {"tumor_alt": 40, "tumor_ref": 70} for stop in found], sample).genotypes(counts, sample)
    script(
        "report_biallelic_loss.py", "--patient", made.patient, "--evidence", made.path, "--panel", made.panel_path,
        "--genome", made.genome, "--outdir", tmp_path / "out",
    )  # fmt: skip
    return tmp_path / "out" / "P1.report.html"


@pytest.mark.parametrize("width", [1280, 400])
def test_a_hundred_samples_are_drawn_within_their_pictures(many, tmp_path, width):
    from tests.report.devtools import Browser

    assert many.stat().st_size < 10_000_000
    browser = Browser(CHROMIUM, tmp_path)
    try:
        browser.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        browser.open(many)
        browser.ask("document.querySelectorAll('details').forEach(function (box) { box.open = true; })")
        browser.ask(re.sub("</?script>", "", PROBE))
        seen = json.loads(browser.ask("document.title").removeprefix("PROBE "))
        assert (seen["cut"], seen["over"], seen["tight"], seen["flat"]) == ([], [], [], 0)
        assert seen["scroll"] <= 0 and not seen["wide"]
        assert browser.ask("document.querySelector('.summary').innerText").count("marrow_") <= 2, "one sample a gene"
        assert browser.console == []
    finally:
        browser.close()


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
    assert seen["cut"] == [], "words of a picture that end outside it"
    assert seen["over"] == [], "words of a picture that lie on each other"
    assert seen["tight"] == [], "words that reach into the next column"
    assert seen["unreachable"] == 0, "what scrolls sideways can be reached with the keyboard"
    assert set(SECTIONS) <= set(seen["sections"])


@pytest.fixture
def every_verdict(script, tmp_path):
    """A page that has each verdict, the longest words among them."""
    deep = mutation("TNFRSF17", alt=70, depth=110)
    stop = mutation("TP53", alt=83, depth=112)
    made = Folder(tmp_path / "evidence").tumour().coverage(genes=["TNFRSF17", "TP53", "CD38"]).somatic([deep, stop])
    leaning = {"16": (0, 0, 1.0), "17": (1, 0, 1.0)}
    made.copies([leaning | {"1": (1, 0, 1.0), "weight": 0.8}, leaning | {"weight": 0.2}])
    script(
        "report_biallelic_loss.py", "--patient", made.patient, "--evidence", made.path, "--panel", made.panel_path,
        "--genome", made.genome, "--outdir", tmp_path / "out",
    )  # fmt: skip
    return tmp_path / "out" / "P1.report.html"


@pytest.mark.parametrize(("width", "medium"), [(1280, "screen"), (400, "screen"), (700, "print")])
def test_the_longest_words_of_a_verdict_stay_in_their_column(every_verdict, tmp_path, width, medium):
    from tests.report.devtools import Browser

    browser = Browser(CHROMIUM, tmp_path)
    try:
        browser.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        browser.send("Emulation.setEmulatedMedia", media=medium)
        browser.open(every_verdict)
        words = browser.ask("document.querySelector('.summary').innerText")
        assert "Evidence contradicts itself" in words and "Not both lost, one perhaps" in words
        over = """Array.from(document.querySelectorAll(".summary li")).filter(function (row) {
          var a = row.children[0], b = row.children[1].getBoundingClientRect();
          var end = Math.max.apply(null, Array.from(a.children).map(function (e) {
            return e.getBoundingClientRect().right; }));
          return end > b.left && a.getBoundingClientRect().bottom > b.top + 2; }).map(function (r) {
            return r.innerText; })"""
        assert browser.ask(over) == []
    finally:
        browser.close()


def test_it_prints_to_a_pdf(page, tmp_path):
    target = tmp_path / "page.pdf"
    _, console = browse(page, tmp_path, f"--print-to-pdf={target}", "--no-pdf-header-footer")
    assert not console
    data = target.read_bytes()
    pages = data.count(b"/Type /Page\n") + data.count(b"/Type /Page ")
    assert data.startswith(b"%PDF") and 2 <= pages <= 12, "nine genes in two samples"


def test_printing_opens_what_belongs_to_a_loss_and_leaves_other_genes_closed(every_verdict, tmp_path):
    from tests.report.devtools import Browser

    browser = Browser(CHROMIUM, tmp_path)
    try:
        browser.open(every_verdict)
        closed = (
            "Array.from(document.querySelectorAll('.gene:not([open]) h3')).map(function (e) { return e.innerText; })"
        )
        folded = "document.querySelectorAll('.gene[open] details:not([open], .long)').length"
        before = browser.ask(closed)
        assert "CD38" in before and "TP53" not in before
        browser.ask("window.dispatchEvent(new Event('beforeprint'))")
        assert browser.ask(closed) == before and browser.ask(folded) == 0
        browser.ask("document.querySelectorAll('.gene').forEach(function (box) { box.open = true; })")
        browser.ask("window.dispatchEvent(new Event('afterprint'))")
        assert browser.ask(closed) == [], "what the reader opened stays open"
    finally:
        browser.close()


def test_what_is_printed_is_as_wide_as_the_paper(page, tmp_path):
    """The rules of print, asked for on a screen of the paper's width: nothing is cut at the right edge."""
    text = page.read_text().replace("@media print", "@media all").replace("@media screen", "@media speech")
    text = text.replace("</body>", PROBE + "</body>")
    probed = tmp_path / "paper.html"
    probed.write_text(text.replace('.closest(".wide, nav, svg, table, .skip")', '.closest("nav, svg, .skip")'))
    text, _ = browse(probed, tmp_path, "--window-size=700,1000", "--virtual-time-budget=5000", "--dump-dom")
    seen = json.loads(re.search(r"<title>PROBE (.+?)</title>", text)[1].replace("&lt;", "<").replace("&gt;", ">"))
    assert seen["scroll"] <= 0 and not seen["wide"]
