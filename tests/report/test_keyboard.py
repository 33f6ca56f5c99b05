"""The page by keyboard alone: real keys in a real browser. Everything is reached, seen when it is, and acts."""

import shutil

import pytest

from tests.conftest import needs
from tests.report.devtools import Browser
from tests.report.test_browser import CHROMIUM, page  # noqa: F401  (page is a fixture)

pytestmark = pytest.mark.slow
# What a mouse can use, in the order of the page: links, fields, boxes that open, what scrolls sideways.
CONTROLS = """(function () {
  var all = Array.from(document.querySelectorAll("a[href], input, summary, .wide"));
  return all.filter(function (e) {
    return e.checkVisibility() && (!e.matches(".wide") || e.scrollWidth > e.clientWidth + 1); });
})()"""
# The focused element: its place among the controls, where it is on the screen, and whether anything marks it.
FOCUSED = (
    """(function () {
  var e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
  return {at: """
    + CONTROLS
    + """.indexOf(e), tag: e.tagName, text: e.innerText.slice(0, 40), id: e.id,
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0,
    covered: !e.closest("nav, .skip") && box.top < document.querySelector("nav").getBoundingClientRect().bottom
      && box.bottom > document.querySelector("nav").getBoundingClientRect().top && !e.matches(".wide"),
    marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1};
})()"""
)


@pytest.fixture
def browser(tmp_path, page):  # noqa: F811
    needs(CHROMIUM is not None, "needs a browser: Debian's chromium (apt-get install)")
    needs(shutil.which("bash") is not None, "needs bash")
    made = Browser(CHROMIUM, tmp_path)
    try:
        made.open(page)
        yield made
        assert made.console == []
    finally:
        made.close()


def test_tab_reaches_every_control_once_in_order_and_shows_where_it_is(browser):
    count = browser.ask(f"{CONTROLS}.length")
    assert count >= 20
    seen = []
    for _ in range(count):
        browser.press("Tab")
        seen.append(browser.ask(FOCUSED))
    assert [one["at"] for one in seen] == list(range(count))
    assert [one for one in seen if not one["inside"]] == [], "what has the focus is on the screen"
    assert [one for one in seen if not one["marked"]] == [], "what has the focus is marked"
    back = []
    for _ in range(count - 1):
        browser.press("Tab", shift=True)
        back.append(browser.ask(FOCUSED))
    assert [one["at"] for one in back] == list(range(count - 2, -1, -1)), "and back"
    assert [one for one in seen + back if one["covered"]] == [], "nothing with the focus is behind the bar of sections"


def test_every_control_of_the_opened_page_is_reached(browser):
    browser.ask("document.querySelectorAll('details').forEach(function (box) { box.open = true; })")
    browser.ask("new Promise(function (done) { setTimeout(done, 50); })")
    count = browser.ask(f"{CONTROLS}.length")
    places = []
    for _ in range(count):
        browser.press("Tab")
        places.append(browser.ask(FOCUSED)["at"])
    assert places == list(range(count))


def test_the_first_tab_offers_to_skip_to_the_evidence(browser):
    browser.press("Tab")
    first = browser.ask(FOCUSED)
    assert first["text"] == "Skip to the evidence" and first["inside"]
    browser.press("Enter")
    browser.until("location.hash === '#genes'")
    heading, bar = (f"document.querySelector('{one}').getBoundingClientRect()" for one in ("#genes", "nav"))
    browser.until(f"{heading}.top < 200")
    assert browser.ask(f"{heading}.top - {bar}.bottom") >= 0, "the bar of sections does not cover the heading"
    browser.press("Tab")
    after = browser.ask("document.getElementById('genes').compareDocumentPosition(document.activeElement)")
    assert after & 4, "the next control is behind the heading"


def to(browser, condition: str) -> None:
    """Press Tab until the focused element `e` fulfils a condition."""
    for _ in range(300):
        browser.press("Tab")
        if browser.ask(f"(function (e) {{ return {condition}; }})(document.activeElement)"):
            return
    raise AssertionError(f"never reached: {condition}")


def test_enter_and_space_open_and_close_a_box(browser):
    to(browser, "e.tagName === 'SUMMARY' && !e.parentElement.open")
    for key, state in ((" ", True), ("Enter", False), ("Enter", True), (" ", False)):
        browser.press(key)
        browser.until(f"document.activeElement.parentElement.open === {str(state).lower()}")


def test_enter_on_a_gene_opens_its_evidence_and_goes_there(browser):
    to(browser, "e.matches('table.verdicts a') && e.innerText === 'CD38'")
    browser.press("Enter")
    target = "document.getElementById(decodeURIComponent(location.hash.slice(1)))"
    browser.until(f"location.hash.length > 1 && {target}.open && {target}.innerText.includes('CD38')")
    browser.until(f"{target}.getBoundingClientRect().top < innerHeight")
    browser.press("Tab")
    assert browser.ask(f"{target}.contains(document.activeElement)"), "reading goes on where the link led"


def test_typing_narrows_the_verdicts_and_escape_shows_all(browser):
    rows = "Array.from(document.querySelectorAll('table.verdicts tbody tr')).filter(function (r) { return !r.hidden; })"
    whole = browser.ask(f"{rows}.length")
    to(browser, "e.id === 'filter'")
    for key in "tp53":
        browser.press(key)
    browser.until(f"{rows}.length < {whole} && {rows}.every(function (r) {{ return r.dataset.gene === 'TP53'; }})")
    assert browser.ask("document.getElementById('filtered').innerText").endswith(f"of {whole} rows")
    browser.press("Escape")
    browser.until(f"{rows}.length === {whole}")


def test_what_is_wider_than_a_phone_scrolls_with_the_arrow_keys(tmp_path, page):  # noqa: F811
    needs(CHROMIUM is not None, "needs a browser: Debian's chromium (apt-get install)")
    made = Browser(CHROMIUM, tmp_path)
    try:
        made.send("Emulation.setDeviceMetricsOverride", width=400, height=900, deviceScaleFactor=1, mobile=False)
        made.open(page)
        to(made, "e.matches('.wide')")
        made.press("ArrowRight")
        made.until("document.activeElement.scrollLeft > 0")
        assert made.console == []
    finally:
        made.close()
