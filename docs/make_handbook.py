#!/usr/bin/env python3
"""Build the handbook as pages for a browser: README, changes and every page of docs/, with their pictures.

`python docs/make_handbook.py FOLDER` (`make handbook`: results/handbook). Nothing is fetched, then or when it is read.
"""

import html
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STYLE = """
body { margin: 0 auto; max-width: 62rem; padding: 0 1.5rem 4rem; font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
nav { padding: .6rem 0; border-bottom: 1px solid #ccd; } nav a { margin-right: 1rem; white-space: nowrap; }
pre { background: #f4f5f7; padding: .7rem; overflow-x: auto; } code { background: #f4f5f7; } img { max-width: 100%; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border: 1px solid #ccd; padding: .3rem .5rem; text-align: left; vertical-align: top; }
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body><nav>{nav}</nav><main>
{body}</main></body></html>
"""


def pages() -> list[Path]:
    """Every page, the README first; heads of made pages are parts, not pages."""
    found = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in found if not page.stem.endswith("_head")]


def anchor(heading: str) -> str:
    """Name that a link to a heading ends in: lower case, signs left out, spaces as hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def target(page: Path) -> str:
    """Place of a page in the handbook, from its top."""
    return str(page.relative_to(ROOT).with_suffix(".html")).replace("README.html", "index.html")


def render(page: Path) -> str:
    """Turn one page into HTML."""
    from markdown_it import MarkdownIt

    text = re.sub(r"<!--.*?-->\n", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(tokens[place + 1].content))
        for part in token.children or []:
            if part.type == "link_open" and "://" not in part.attrs["href"]:
                part.attrSet("href", re.sub(r"\.md(?=#|$)", ".html", part.attrs["href"]).replace("README", "index"))
    up = "../" * (len(page.relative_to(ROOT).parts) - 1)
    links = [(up + target(other), other.stem) for other in pages() if other.parent.name != "methods"]
    nav = " ".join(f'<a href="{place}">{name.replace("_", " ").lower()}</a>' for place, name in links)
    title = re.search(r"^#+ (.*)", text, re.MULTILINE)[1]
    body = reader.renderer.render(tokens, reader.options, {})
    return PAGE.format(title=html.escape(title), style=STYLE, nav=nav, body=body)


def main(folder: Path) -> None:
    """Write all pages and copy their pictures."""
    for page in pages():
        out = folder / target(page)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(render(page), encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "img", folder / "docs" / "img", dirs_exist_ok=True)
    print(f"{folder / 'index.html'}: {len(pages())} pages")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
