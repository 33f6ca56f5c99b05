"""Small inline SVG figures of verdicts and of the genome."""

import textwrap

import pandas as pd
from markupsafe import Markup

from twohit.biallelic.verdict import LOST
from twohit.genome.contigs import Genome, plain
from twohit.report import palette as p
from twohit.report.shapes import circle, line, rect, svg, text

BAR = 150  # length of an allele in the picture
WIDTH = 500  # user units of the figures of a gene: about the pixels they get beside each other


DRAWN_COPIES = 4  # of one allele, behind each other
NOTE, NOTE_LETTERS, NOTE_STEP = 58 + BAR + 18, 36, 15  # words beside an allele: place, letters and height of a line
NOTE_LINES = 4


def share_bar(entry: dict) -> Markup:
    """Draw the share that lost both alleles: median, 90 % and 99 % intervals, from 0 to 100 % of tumour cells."""
    width, height, y = WIDTH, 58, 18
    inner = width - 2 * 16

    def at(share: float) -> float:
        return 16 + inner * share

    body = [rect(at(0), y - 5, inner, 10, "#edf0f4", 'rx="5"')]
    if entry["share"] is None:
        body.append(text(width / 2, y + 4, "no estimate", 12, p.MUTED, "middle"))
    else:
        body.append(line(at(entry["share_lower_99"]), y, at(entry["share_upper_99"]), y, p.LOST, 2))
        low, high = entry["share_lower"], entry["share_upper"]
        body.append(rect(at(low), y - 5, max(at(high) - at(low), 3), 10, p.LOST, 'rx="5" opacity="0.55"'))
        body.append(
            f'<circle cx="{at(entry["share"]):.1f}" cy="{y}" r="6.5" fill="{p.LOST}" stroke="#fff" stroke-width="1.5"/>'
        )
    if entry["lod_share"] is not None and entry["verdict"] not in LOST:
        x = at(entry["lod_share"])
        body.append(line(x, y - 12, x, y + 12, p.INK, 1.5, 'stroke-dasharray="3 2"'))
        anchor = "start" if entry["lod_share"] < 0.8 else "end"
        body.append(text(x + (4 if anchor == "start" else -4), y - 8, "limit of detection", 10.5, p.MUTED, anchor))
    for tick in (0, 0.25, 0.5, 0.75, 1):
        body.append(line(at(tick), y + 10, at(tick), y + 14, p.MUTED))
        body.append(text(at(tick), y + 25, f"{100 * tick:.0f}", 11, p.MUTED, "middle"))
    body.append(text(width / 2, height - 2, "% of tumour cells without an intact copy", 11, p.MUTED, "middle"))
    return svg(width, height, "Share of tumour cells that lost both alleles", body, "figure")


def allele_picture(entry: dict, purity: float | None = None) -> Markup:
    """Draw both alleles of the gene in the cells that carry the change: lost, copied, hit.

    `purity` : of the sample; with it the hits of a gained allele are drawn on as many of its copies as carry them.
    """
    body, y, end = [], 20.0, 0.0
    for name, copies, hits, note in _alleles(entry, purity):
        body += _allele(name, copies, hits, y)
        lines = textwrap.wrap(note, NOTE_LETTERS, max_lines=NOTE_LINES, placeholder=" ...")
        body += [text(NOTE, y + 4 + NOTE_STEP * k, words, 13, p.INK) for k, words in enumerate(lines)]
        end = y + 4 + NOTE_STEP * (len(lines) - 1)
        y += 34 + NOTE_STEP * max(len(lines) - 2, 0)
    return svg(WIDTH, max(y - 14, end + 6), "The two alleles of the gene", body, "figure")


def _allele(name: str, copies: int, hits: list[dict], y: float) -> list[str]:
    """One allele: a bar for each copy, dashed and crossed out where it is lost, a pin for each hit."""
    body = [text(0, y + 4, name, 13, p.MUTED)]
    if copies == 0:
        edge = f'rx="7" stroke="{p.LOST}" stroke-width="1.6" stroke-dasharray="5 4"'
        body += [rect(58, y - 7, BAR, 14, "none", edge), _cross(58 + BAR / 2, y)]
    carried = max((hit["carried"] for hit in hits), default=0)
    for c in reversed(range(min(copies, DRAWN_COPIES))):  # the copy in front is one that carries the hits
        fill, edge = ("#f5d9c8", p.LOST) if c < carried else ("#cfe3f1", p.ONE)
        place = (58 + 4 * c, y - 7 - 2 * c)
        body.append(rect(*place, BAR, 14, fill, f'rx="7" stroke="{edge}" stroke-width="1.4"'))
    for h, _ in enumerate(hits):
        x = 58 + BAR * (h + 1) / (len(hits) + 1)
        body += [line(x, y - 13, x, y + 7, p.LOST, 2), circle(x, y - 13, 4.5, p.LOST)]
    return body


def _cross(x: float, y: float, size: float = 5) -> str:
    return line(x - size, y - size, x + size, y + size, p.LOST, 2.2) + line(
        x - size, y + size, x + size, y - size, p.LOST, 2.2
    )


def _carried(hit: dict, best: dict, major: int, normal: int, purity: float | None) -> int:
    """On how many of the copies of its allele a hit is, from its share of the reads; all of them where that is not
    known.
    """
    known = purity and hit["vaf"] is not None and hit["ccf"] and hit["origin"] == "somatic"
    if major < 2 or not known:
        return max(major, 1)
    copies = hit["vaf"] * (purity * best["total_cn"] + (1 - purity) * normal) / (purity * hit["ccf"])
    return min(max(round(copies), 1), major)


def _alleles(entry: dict, purity: float | None) -> list[tuple[str, int, list[dict], str]]:
    """Rows (name, copies, hits on it, words) of the most probable state; hits sit where the verdict puts them."""
    states = entry["copy_number"]["states"]
    normal = entry["copy_number"]["normal_copies"] or 2
    best = states[0] if states else {"total_cn": normal, "minor_cn": normal // 2, "ccf": 1.0}
    major, minor = best["total_cn"] - best["minor_cn"], best["minor_cn"]
    changed = (best["total_cn"], best["minor_cn"]) != (normal, normal // 2)
    cells = f" in {100 * best['ccf']:.0f} % of tumour cells" if changed else ""
    everywhere = " in all tumour cells" if best.get("rest_minor_cn") == 0 else cells  # the other cells lost it too
    hits = [
        hit | {"carried": _carried(hit, best, major, normal, purity)}
        for hit in entry["hits"]
        if hit["depth"] is None or hit["alt_count"]
    ]
    first, second = (hits[:1], hits[1:]) if minor > 0 and entry["phase"] != "cis" else (hits, [])
    rows = [("allele 1", major, first, _allele_words(major, first, cells if major != 1 else ""))]
    if normal == 2:
        rows.append(("allele 2", minor, second, _allele_words(minor, second, everywhere if minor != 1 else "")))
    if entry["phase"] == "unknown" and len(hits) > 1:
        rows.append(("", -1, [], "Which allele each mutation is on is not known."))
    if entry["withheld"]:
        rows.append(("", -1, [], "a further hit is withheld"))
    return rows


def _allele_words(copies: int, hits: list[dict], cells: str) -> str:
    words = [f"lost{cells}"] if copies == 0 else [] if copies == 1 else [f"{copies} copies{cells}"]
    free = copies - max((hit["carried"] for hit in hits), default=copies)
    if free > 0:
        words[0] += f", {free} without the hit"
    for hit in hits:
        share = (
            f" in {100 * hit['ccf']:.0f} % of tumour cells"
            if hit["ccf"] is not None and hit["origin"] == "somatic"
            else ""
        )
        words.append(f"{'inherited ' if hit['origin'] == 'germline' else ''}{hit['label']}{share}")
    return "; ".join(words) or "no damaging hit found"


def chain_bar(change: float, largest: float, unseen: bool = False) -> Markup:
    """Draw a bar to the right for evidence that speaks for a loss, to the left against it; grey for a mere chance."""
    width, height, middle = 160, 16, 80
    length = 74 * min(abs(change) / max(largest, 1e-9), 1)
    x = middle if change >= 0 else middle - length
    body = [line(middle, 1, middle, 15, p.LINE)]
    colour = p.OPEN if unseen else p.LOST if change >= 0 else p.ONE
    body.append(rect(x, 4, length, 8, colour, 'rx="2"'))
    return svg(width, height, f"change of log odds {change:+.1f}", body, "chain")


def genome_view(segments, genome: Genome, title: str) -> Markup:
    """Draw total and minor copies along the genome from the segments table."""
    width, height, left, top, bottom = 1000, 210, 46, 14, 170
    total_length = sum(genome.lengths.values())
    offset, start = {}, 0
    for chrom, length in genome.lengths.items():
        offset[chrom] = start
        start += length

    def at(chrom: str, pos: float) -> float:
        return left + (width - left - 6) * (offset[chrom] + pos) / total_length

    def up(copies: float) -> float:
        return bottom - (bottom - top) * min(copies, 5) / 5

    body = []
    for k, (chrom, length) in enumerate(genome.lengths.items()):
        x0, x1 = at(chrom, 0), at(chrom, length)
        if k % 2:
            body.append(rect(x0, top, x1 - x0, bottom - top, "#f3f5f8"))
        if x1 - x0 > 12:
            body.append(text((x0 + x1) / 2, bottom + 15, chrom, 11, p.MUTED, "middle"))
    for copies in range(6):
        body.append(line(left, up(copies), width - 6, up(copies), p.LINE, 0.6))
        body.append(text(left - 6, up(copies) + 4, "5+" if copies == 5 else str(copies), 11, p.MUTED, "end"))
    for row in segments.to_dict("records"):
        chrom = plain(row["chrom"])
        if chrom not in offset or pd.isna(row["total_cn"]):
            continue
        body += _segment(row, at(chrom, row["start"]), at(chrom, row["end"]), up)
    body.append(text(left, height - 6, "chromosome", 11, p.MUTED))
    body.append(
        f'<text transform="translate(12 {(top + bottom) / 2:.0f}) rotate(-90)" font-size="11" '
        f'fill="{p.MUTED}" text-anchor="middle">copies</text>'
    )
    body += [rect(width - 250, height - 14, 18, 5, p.INK), text(width - 228, height - 8, "total", 11, p.MUTED)]
    body += [
        rect(width - 180, height - 14, 18, 5, p.PROBABLE),
        text(width - 158, height - 8, "minor allele", 11, p.MUTED),
    ]
    return svg(width, height, title, body, "genome")


def _segment(row: dict, x0: float, x1: float, up) -> list[str]:
    ccf = 1.0 if pd.isna(row["ccf"]) else float(row["ccf"])
    shade = f'opacity="{0.35 + 0.65 * ccf:.2f}"'
    made = [line(x0, up(float(row["total_cn"])) - 2, max(x1, x0 + 1), up(float(row["total_cn"])) - 2, p.INK, 4, shade)]
    if not pd.isna(row["minor_cn"]):
        y = up(float(row["minor_cn"])) + 2
        made.append(line(x0, y, max(x1, x0 + 1), y, p.PROBABLE, 4, shade))
    return made


def verdict_glyph(alleles: str) -> Markup:
    """Draw two small marks, one for each allele: crossed (lost), filled (intact), question, exclamation."""
    body = []
    for k, mark in enumerate(alleles):
        x = 1 + 17 * k
        if mark == "o":
            body.append(rect(x, 1, 14, 14, "currentColor", 'rx="3"'))
        else:
            body.append(rect(x, 1, 14, 14, "none", 'rx="3" stroke="currentColor" stroke-width="1.6"'))
        if mark == "x":
            body.append(f'<path d="M{x + 3.5} 4.5l7 7m0-7l-7 7" stroke="currentColor" stroke-width="2" fill="none"/>')
        elif mark in "?!":
            body.append(text(x + 7, 12.3, mark, 11, "currentColor", "middle", "700"))
    # body holds shapes only: a mark of `alleles` is drawn when it is "?" or "!", and text() escapes it
    return Markup(f'<svg class="glyph" viewBox="0 0 33 16" aria-hidden="true">{"".join(body)}</svg>')  # nosec B704


def mini_bar(entry: dict) -> Markup:
    """Draw the share with its 90 % interval, small, for the table of verdicts."""
    width, y = 120, 7
    body = [rect(0, y - 3.5, width, 7, "#e6eaef", 'rx="3.5"')]
    if entry["share"] is not None:
        low, high = width * entry["share_lower"], width * entry["share_upper"]
        body.append(rect(min(low, width - 3), y - 3.5, max(high - low, 3), 7, p.LOST, 'rx="3.5" opacity="0.5"'))
        x = min(max(width * entry["share"], 3), width - 3)
        body.append(f'<circle cx="{x:.1f}" cy="{y}" r="4.5" fill="{p.LOST}"/>')
    return svg(width, 14, "share of tumour cells with its 90 % interval", body, "mini")
