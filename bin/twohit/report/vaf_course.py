"""The counted mutations of a gene in every sample: share of reads over time, and what would have been seen."""

from itertools import pairwise

from markupsafe import Markup

from twohit.report import palette as p
from twohit.report.shapes import circle, line, svg, text

WIDTH, LEFT, RIGHT = 860, 58, 200  # user units; labels of the mutations stand at the right
TOP, HEIGHT = 14, 150
LETTER = 7.0  # user units of a digit of size 11 in a wide font
MOST_LETTERS = 28
COLOURS = (p.LOST, "#0072b2", "#007a5a", "#8e3f7b", "#8a5a00")
OTHERS = 14  # distance of two samples of one day, where there is room
RADIUS = 4.5  # of a circle; smaller where samples are close
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def vaf_course(gene: str, entries: list[dict]) -> Markup | None:
    """Draw the mutations that count; None where they were looked up in fewer than two samples.

    A filled circle with its 90 % interval where the mutation is seen; where not, an open triangle at the smallest share
    of reads that would have been seen.

    Parameters
    ----------
    gene : str
    entries : list of dict
        Entries of one gene, one per sample in order of time, germline hits already withheld if they must be.
    """
    entries = [entry for entry in entries if any(_looked_up(hit) for hit in entry["hits"])]
    names = list(dict.fromkeys(hit["variant"] for entry in entries for hit in entry["hits"] if _looked_up(hit)))
    if len(entries) < 2 or not names:
        return None
    places = _places(entries)
    body = _axes(entries, places, max(len(names) - len(COLOURS), 0))
    ends: list[tuple[float, str, str]] = []
    for number, name in enumerate(names[: len(COLOURS)]):
        ends.append(_curve(name, entries, places, COLOURS[number], body))
    body += _labels(ends)
    return svg(WIDTH, TOP + HEIGHT + 60, f"Mutations of {gene} in each sample", body, "genome")


def _looked_up(hit: dict) -> bool:
    return hit["vaf"] is not None and hit["status"] is not None


def _places(entries: list[dict]) -> list[float]:
    """Horizontal place of each sample: by day where all have one and they differ, else one step a sample."""
    width = WIDTH - LEFT - RIGHT
    days = [entry["day"] for entry in entries]
    if any(day is None for day in days) or len(set(days)) == 1:
        return [LEFT + width * (i + 0.5) / len(entries) for i in range(len(entries))]
    low, high = min(days), max(days)
    step, right = min(OTHERS, (width - 40) / len(days)), LEFT + width - 20
    made: list[float] = []
    for number, day in enumerate(days, 1):
        x = LEFT + 20 + (width - 40) * (day - low) / (high - low)
        x = max(x, made[-1] + step) if made else x
        made.append(min(x, right - step * (len(days) - number)))  # those that follow need their room too
    return made


def _y(share: float) -> float:
    return TOP + HEIGHT * (1 - share)


def _axes(entries: list[dict], places: list[float], more: int) -> list[str]:
    right = WIDTH - RIGHT
    made = [text(14, TOP + HEIGHT / 2, "VAF", 11, p.MUTED, "middle")]
    for tick in TICKS:
        made.append(line(LEFT, _y(tick), right, _y(tick), p.LINE, 0.8))
        made.append(text(LEFT - 6, _y(tick) + 4, f"{tick:g}", 11, p.MUTED, "end"))
    rows = {17: float("-inf"), 31: float("-inf")}  # where the last name of each of two rows ends
    for entry, x in zip(entries, places, strict=True):
        when = entry["timepoint"] or entry["sample"]
        words = when if len(when) <= MOST_LETTERS else f"{when[:26]}..."
        half = LETTER * len(words) / 2
        made.append(line(x, _y(0), x, _y(0) + 5, p.MUTED))
        below = next((row for row, end in rows.items() if x - half > end), None)
        if below is not None:  # of many samples not all can be named
            rows[below] = x + half + 4
            made.append(text(x, _y(0) + below, words, 11, p.MUTED, "middle"))
    timed = all(entry["day"] is not None for entry in entries)
    words = f"day {entries[0]['day']} to day {entries[-1]['day']}" if timed else "samples in order"
    note = "Circle: seen, with its 90 % interval; triangle: not seen, at the share of reads that would have been"
    note += f"; {more} more not drawn" if more else ""
    return [*made, text(LEFT, _y(0) + 47, f"{words}. {note}", 11, p.MUTED)]


def _curve(name: str, entries: list[dict], places: list[float], colour: str, body: list[str]) -> tuple:
    """Draw one mutation into `body`; height, label and colour of its end."""
    points, label, before = [], name, None
    apart = min((b - a for a, b in pairwise(places)), default=OTHERS)
    size = max(min(RADIUS, 0.4 * apart), 1.8)
    for entry, x in zip(entries, places, strict=True):
        hit = next((hit for hit in entry["hits"] if hit["variant"] == name and _looked_up(hit)), None)
        if hit is None:
            continue
        label = hit["label"]
        seen = hit["status"] == "detected"
        y = _y(hit["vaf"]) if seen else _y(min(hit["detectable_vaf"] or 1.0, 1.0))
        if before is not None:
            body.append(line(*before, x, y, colour, 1.4, "" if seen else 'stroke-dasharray="3 3"'))
        points.append((x, y, hit, seen))
        before = (x, y)
    for x, y, hit, seen in points:
        if seen:
            body.append(line(x, _y(hit["vaf_lower"]), x, _y(hit["vaf_upper"]), colour, 0.53 * size))
            body.append(circle(x, y, round(size, 1), colour))
        else:
            wide, high = 1.1 * size, 0.9 * size
            corners = f"{x - wide:.1f},{y - high:.1f} {x + wide:.1f},{y - high:.1f} {x:.1f},{y + wide:.1f}"
            body.append(f'<polygon points="{corners}" fill="#ffffff" stroke="{colour}" stroke-width="1.6"/>')
    return points[-1][1], label, colour


def _labels(ends: list[tuple[float, str, str]]) -> list[str]:
    """Labels at the right end, moved down where they would overlap."""
    made, last = [], float("-inf")
    for y, label, colour in sorted(ends):
        last = max(y, last + 14)
        words = label if len(label) <= MOST_LETTERS else f"{label[:26]}..."
        made.append(text(WIDTH - RIGHT + 10, last + 4, words, 12, colour, weight="600"))
    return made
