#!/usr/bin/env python3
"""Take the pictures of docs/img/ from a report, in a browser (Debian's chromium).

`python docs/make_pictures.py REPORT.html`

The report is that of the demo patient, `results/demo/P1/report/P1.report.html` after `make demo`. Look at each picture
afterwards: docs/read_the_report.md and the README speak of what they show.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

IMAGES = Path(__file__).resolve().parent / "img"
WIDTH = 1160  # pixels
MARGIN = 12  # pixels of white left around what is shown
COLOURS = 256  # of a picture: small files
# Leaves the elements of SHOWN: for a heading all up to the next one, else the element alone.
SCRIPT = """<script>
(function () {
  var first = document.querySelector("SHOWN"), kept = [first], next = first.nextElementSibling;
  while (first.tagName === "H2" && next && next.tagName !== "H2") { kept.push(next); next = next.nextElementSibling; }
  var main = document.createElement("main");
  kept.forEach(function (element) { main.appendChild(element); });
  main.querySelectorAll("img").forEach(function (image) { image.loading = "eager"; });
  document.body.replaceChildren(main);
})();
</script>"""
# Name of the picture: what is shown (None: the page as it opens), pixels from its top.
PICTURES = {
    "report": (None, 1130),
    "course": ("#course", 6000),
    "cells": ("#cells", 1152),
    "gene": ("details.gene:has(img[alt*='around TNFRSF17 '])", 6000),
    "genome": ("#genome", 6000),
}


def take(page: Path, shown: str | None, height: int, folder: Path) -> Image.Image:
    """Take the picture of the page, or of a part of it."""
    text = page.read_text(encoding="utf-8")
    if shown:
        text = text.replace("</body>", SCRIPT.replace("SHOWN", shown) + "</body>")
    (folder / "page.html").write_text(text, encoding="utf-8")
    picture = folder / "picture.png"
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--screenshot={picture}",
        f"--window-size={WIDTH},{height}", f"--user-data-dir={folder}/profile", (folder / "page.html").as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return trimmed(Image.open(picture).convert("RGB")) if shown else Image.open(picture).convert("RGB")


def trimmed(picture: Image.Image) -> Image.Image:
    """Cut off the empty space around what is drawn."""
    empty = Image.new("RGB", picture.size, picture.getpixel((0, 0)))
    left, top, right, bottom = ImageChops.difference(picture, empty).getbbox()
    box = (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN)
    largest = (picture.width, picture.height) * 2
    return picture.crop(tuple(min(max(0, place), end) for place, end in zip(box, largest)))


def main(page: Path) -> None:
    """Take every picture."""
    if not page.is_file() or shutil.which("chromium") is None:
        sys.exit(f"make_pictures.py: needs {page} and the program chromium; run `make demo`, install chromium")
    for name, (shown, height) in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            picture = take(page, shown, height, Path(folder))
        picture.quantize(COLOURS).save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
