"""Shapes of inline SVG figures; every text from data is escaped, every figure has a title for screen readers."""

from markupsafe import Markup, escape

from twohit.report import palette as p


def svg(width: float, height: float, title: str, body: list[str], css: str = "") -> Markup:
    """Wrap shapes into an accessible SVG that scales with its box."""
    head = (
        f'<svg class="{css}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}" '
        f'preserveAspectRatio="xMinYMid meet"><title>{escape(title)}</title>'
    )
    # the title is escaped above; texts of the body come from text(), which escapes them
    return Markup(head + "".join(body) + "</svg>")  # nosec B704


def text(
    x: float, y: float, words: str, size: float = 12, fill: str = p.INK, anchor: str = "start", weight: str = "400"
) -> str:
    """Make a text element."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )


def rect(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    """Make a rectangle."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" fill="{fill}" {more}/>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 1, more: str = "") -> str:
    """Make a line."""
    place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {place} stroke="{stroke}" stroke-width="{width:g}" {more}/>'


def circle(x: float, y: float, radius: float, fill: str, more: str = "") -> str:
    """Make a circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" {more}/>'


CORNERS = ((), (-1, -1, 1, -1, 1, 1, -1, 1), (0, -1.3, 1.2, 0.9, -1.2, 0.9), (0, -1.4, 1.4, 0, 0, 1.4, -1.4, 0))


def mark(number: int, x: float, y: float, radius: float, fill: str, more: str = "") -> str:
    """Make the mark of one of several curves, so that colour is not all that tells them apart: circle, square,
    triangle, diamond, and again.
    """
    corners = CORNERS[number % len(CORNERS)]
    if not corners:
        return circle(x, y, radius, fill, more)
    points = " ".join(
        f"{x + radius * a:.1f},{y + radius * b:.1f}" for a, b in zip(corners[::2], corners[1::2], strict=True)
    )
    return f'<polygon points="{points}" fill="{fill}" {more}/>'


def standalone(picture: Markup) -> str:
    """Make an inline SVG a file of its own: with its name space, and the page's letters."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" font-family="Helvetica, Arial, DejaVu Sans, sans-serif" '
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + str(picture).replace("<svg ", head, 1) + "\n"
