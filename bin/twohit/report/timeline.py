"""The course of a patient on one axis of days: measures, myeloma cells, infusions, treatments, samples."""

import math

from markupsafe import Markup, escape

from twohit.biallelic.evidence import PatientEvidence
from twohit.report import palette as p
from twohit.report.curves import Curve, curves_of
from twohit.report.shapes import circle, line, mark, rect, svg, text

WIDTH, LEFT, RIGHT = 1060, 150, 20
PANEL, ROW, GAP = 74, 20, 12  # heights in user units: of a curve, of a row of marks, between them
NAMES = 18  # of the names above a panel of several curves
LETTER = 7.0  # user units of a digit of size 11 in a wide font (0.64 em); small letters are narrower
LONG_GAP = 60  # days without a measurement: the line between is dashed
LOG_FROM = 50  # largest over smallest value from which an axis is logarithmic
LANES = ("infusion", "treatment", "response")


def timeline(evidence: PatientEvidence, targets: list[str]) -> Markup | None:
    """Draw the course; None when nothing of the patient has a day.

    Parameters
    ----------
    targets : list of str
        Genes whose messenger in plasma cells is drawn.
    """
    curves, lanes = curves_of(evidence, targets), _lanes(evidence)
    days = [point[0] for curve in curves for point in curve.points] + [day for lane in lanes for day, _ in lane[1]]
    if not days or not (curves or len(days) > 1):
        return None
    low, high = min(days), max(days)
    margin = max(0.02 * (high - low), 1)
    first, last = low - margin, high + margin

    def at(day: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - first) / (last - first)

    body: list[str] = []
    placed = [_place(marks, at) for _, marks, _ in lanes]
    rows = sum(1 + max(row for *_, row in lane) for lane in placed)
    tops, below = _tops(curves)
    height = below + len(lanes) * 6 + rows * ROW + 46
    body += [rect(LEFT, top, WIDTH - LEFT - RIGHT, PANEL, "#f5f7f9") for top in tops]
    infusions = [day for title, marks, _ in lanes if title == "infusion" for day, _ in marks]
    for day in infusions:
        body.append(line(at(day), GAP, at(day), height - 40, p.LOST, 1, 'stroke-dasharray="4 3" opacity="0.6"'))
    for curve, top in zip(curves, tops):
        body += _draw_curve(curve, at, top)
    y = below
    for (title, _, colour), lane in zip(lanes, placed):
        body += _draw_lane(title, lane, colour, y)
        y += ROW * (1 + max(row for *_, row in lane)) + 6
    body += _axis(first, last, at, height - 40)
    return svg(WIDTH, height, "Course of the patient: measures, samples and treatments over days", body, "genome")


def _tops(curves: list[Curve]) -> tuple[list[float], float]:
    """Top of each panel, and the end of the last; names of several curves stand above theirs."""
    tops, y = [], GAP
    for curve in curves:
        y += NAMES if curve.others else 0
        tops.append(y)
        y += PANEL + GAP
    return tops, y


def _lanes(evidence: PatientEvidence) -> list[tuple[str, list[tuple[int, str]], str]]:
    """Lanes (title, [(day, words)], colour) of what happened and what was sampled."""
    found = []
    markers = evidence.clinical.markers
    looks = {"infusion": p.LOST, "treatment": p.ONE, "response": p.INTACT}
    for name in LANES if markers is not None else ():
        rows = markers[markers["measure"] == name].sort_values("day")
        if len(rows):
            found.append((name, [(int(r.day), str(r.value)) for r in rows.itertuples()], looks[name]))
    dna = [(s.day, s.sample) for s in evidence.samples if s.day is not None and s.cells is None]
    cells = [(s.day, s.sample) for s in (evidence.cells.samples if evidence.cells else []) if s.day is not None]
    for title, marks in (("DNA", dna), ("single cells", cells)):
        if marks:
            found.append((title, sorted(marks), p.INK))
    return found


def _draw_curve(curve: Curve, at, top: float) -> list[str]:
    """Draw a panel: its axis, and each of its curves with intervals."""
    points = [point for one in curve.family for point in one.points]
    values = [point[1] for point in points]
    highest = max([point[3] or point[1] for point in points])
    positive = min(values) > 0
    logarithmic = positive and highest / min(values) > LOG_FROM and not curve.others
    if logarithmic:
        floor, ceiling = math.floor(math.log10(min(values))), math.ceil(math.log10(highest))
        ceiling += ceiling == floor
    else:
        floor, ceiling = 0.0, _round_up(highest)

    def up(value: float) -> float:
        place = math.log10(max(value, 10.0**floor)) if logarithmic else value
        return top + PANEL - PANEL * (place - floor) / (ceiling - floor)

    body = []
    for tick in (10.0**floor, 10.0**ceiling) if logarithmic else (0.0, ceiling):
        body.append(text(LEFT - 8, up(tick) + 4, f"{tick:,.6g}", 11, p.MUTED, "end"))
    body.append(text(0, top + PANEL / 2 - 1, curve.title, 12.5, p.INK, weight="600"))
    body.append(text(0, top + PANEL / 2 + 14, curve.unit + (", log" if logarithmic else ""), 11, p.MUTED))
    for number, one in enumerate(curve.family):
        body += _draw_points(one, number, at, up)
    return body + (_draw_names(curve, top) if curve.others else [])


def _draw_points(curve: Curve, number: int, at, up) -> list[str]:
    """Draw the points of one curve with its mark, joined by lines; dashed where nothing was measured for long."""
    body = []
    for (day, value, *_), (after, then, *_) in zip(curve.points, curve.points[1:], strict=False):
        dashes = 'stroke-dasharray="2 4"' if after - day > LONG_GAP else ""
        body.append(line(at(day), up(value), at(after), up(then), curve.colour, 1.6, dashes))
    for day, value, lower, upper, is_limit in curve.points:
        if lower is not None:
            body.append(line(at(day), up(lower), at(day), up(upper), curve.colour, 1.4))
        face = "#fff" if is_limit else curve.colour
        words = f"{curve.name or curve.title}, day {day}: {'limit ' if is_limit else ''}{value:.4g} {curve.unit}"
        point = mark(number, at(day), up(value), 3.4, face, f'stroke="{curve.colour}" stroke-width="1.4"')
        body.append(f"<g><title>{escape(words.removesuffix(', 90 %'))}</title>{point}</g>")
    return body


def _draw_names(curve: Curve, top: float) -> list[str]:
    """Names of the curves of one panel, in their colours, above it."""
    body, x = [], float(LEFT)
    for number, one in enumerate(curve.family):
        body += [mark(number, x + 4, top - 8, 4, one.colour), text(x + 12, top - 4, one.name, 11, p.INK)]
        x += 12 + LETTER * len(one.name) + 16
    return body


def _place(marks: list[tuple[int, str]], at) -> list[tuple[float, float, str, int]]:
    """Place the words of a lane so that none covers another: (x of the mark, x of the words, words, row)."""
    ends: list[float] = []  # where each row is taken up to
    placed = []
    for day, words in marks:
        x, wide = at(day), LETTER * len(words)
        start = min(x + 7, WIDTH - wide)  # words of a mark near the right edge stand to its left
        start = start if start >= x + 7 else max(x - 7 - wide, 0)
        row = next((k for k, end in enumerate(ends) if min(start, x - 5) > end), len(ends))
        ends[row:] = (
            [max(start + wide, x + 5) + 4] if row == len(ends) else [max(start + wide, x + 5) + 4, *ends[row + 1 :]]
        )
        placed.append((x, start, words, row))
    return placed


def _draw_lane(title: str, placed: list[tuple], colour: str, top: float) -> list[str]:
    body = [text(0, top + ROW / 2 + 4, title, 12.5, p.INK, weight="600")]
    for row in range(1 + max(row for *_, row in placed)):
        y = top + ROW * (row + 0.5)
        body.append(line(LEFT, y, WIDTH - RIGHT, y, p.LINE, 0.8))
    for x, start, words, row in placed:
        y = top + ROW * (row + 0.5)
        body.append(rect(start - 1, y - 7, LETTER * len(words) + 2, 14, "#fff"))
        body += [circle(x, y, 4, colour), text(start, y + 4, words, 11, p.INK)]
    return body


def _axis(first: float, last: float, at, y: float) -> list[str]:
    step = _round_up((last - first) / 9)
    body = [line(LEFT, y, WIDTH - RIGHT, y, p.MUTED)]
    tick = math.ceil(first / step) * step
    while tick <= last:
        body += [
            line(at(tick), y, at(tick), y + 4, p.MUTED),
            text(at(tick), y + 17, f"{tick:g}", 11, p.MUTED, "middle"),
        ]
        tick += step
    body.append(text((LEFT + WIDTH - RIGHT) / 2, y + 32, "days from the first infusion", 11.5, p.MUTED, "middle"))
    return body


def _round_up(value: float) -> float:
    """Round up to 1, 2, 2.5 or 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value * (1 - 1e-9))
