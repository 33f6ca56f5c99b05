"""The mutations of a gene along its protein: one pin each, coloured by what it does to the copy it sits on."""

import re
from dataclasses import dataclass

from markupsafe import Markup

from twohit.report import palette as p
from twohit.report.domains import Domain
from twohit.report.shapes import circle, line, rect, svg, text

WIDTH, MARGIN = 860, 24  # user units: about the pixels of a gene's section
LETTER = 7.0  # width of a letter of 12 units, for labels that must not overlap
LEVEL = 17  # height of a row of labels
PIN = 26  # least length of a pin
MAX_LABELS = 24  # gravest first; more would not be read
STACK = 11  # distance of pins at one residue
BODY = 22  # height of the protein
TICKS = (5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000)
RESIDUE = re.compile(r"p\.[A-Z*](\d+)")
CODING = re.compile(r"c\.(\d+)")
DOMAIN_FILLS = ("#cfe3f1", "#dcefe6", "#f3e3c2", "#eadcec")
LOOKS = {  # judgement: colour (Okabe and Ito, darkened), words; gravest first
    "loss": (p.LOST, "loss of the copy"),
    "epitope_altered": (p.CONFLICT, "bound residue changed"),
    "uncertain": (p.ONE, "effect uncertain"),
    "no_loss": (p.OPEN, "no loss"),
}


@dataclass(frozen=True)
class Pin:
    """One mutation: residue, label, judgement, and whether a filter removed it."""

    residue: int
    label: str
    judgement: str
    removed: bool


def pins(entries: list[dict], length: int) -> list[Pin]:
    """Collect the mutations of a gene's entries that have a place on the protein, each once, in order of place.

    Parameters
    ----------
    entries : list of dict
        Entries of one gene, one per sample, germline hits already withheld if they must be.
    length : int
        Residues of the protein; a change past it is left out.
    """
    found: dict[str, Pin] = {}
    for entry in entries:
        for name in ("hits", "seen_not_counted", "removed"):
            for hit in entry[name]:
                residue = _residue(hit, length)
                if residue is None or (name == "removed" and hit["variant"] in found):
                    continue
                found[hit["variant"]] = Pin(residue, hit["label"], hit["loss_judgement"], name == "removed")
    return sorted(found.values(), key=lambda pin: (pin.residue, pin.label))


def _residue(hit: dict, length: int) -> int | None:
    """Residue of a change; of a splice change that of the nearest coding base."""
    match = RESIDUE.match(hit["hgvs_p"] or "")
    if match:
        residue = int(match[1])
    elif hit["loss_judgement"] != "no_loss" and (match := CODING.match(hit["hgvs_c"] or "")):
        residue = (int(match[1]) + 2) // 3
    else:
        return None
    return min(residue, length) if 1 <= residue <= length + 1 else None  # the stop codon stands at the last residue


def lollipop(gene: str, entries: list[dict], length: int | None, domains: list[Domain]) -> Markup | None:
    """Draw the mutations of a gene; None where there are none or the protein's length is not known.

    Parameters
    ----------
    gene : str
    entries : list of dict
        Its entries of P.biallelic.json.
    length : int or None
        Residues of the protein that the names count on.
    domains : list of Domain
        Drawn only if they are of a protein of that length.
    """
    drawn = pins(entries, length) if length else []
    if not drawn:
        return None
    levels = _levels(drawn, length)
    head = LEVEL * (max(levels.values(), default=0) + 1) + 6
    stacks = max(sum(pin.residue == other.residue for pin in drawn) for other in drawn)
    top = head + PIN + STACK * (stacks - 1)
    body = [rect(MARGIN, top, WIDTH - 2 * MARGIN, BODY, "#e6eaef", 'rx="4"')]
    domains = [one for one in domains if one.length == length]
    body += _domains(domains, length, top)
    body += _pins(drawn, levels, length, head, top)
    body += _axis(length, top + BODY)
    body += _legend(drawn, domains, length, top + BODY + 58)
    return svg(WIDTH, top + BODY + 66, f"Mutations of {gene} along its {length} amino acids", body, "genome")


def _at(residue: float, length: int) -> float:
    return MARGIN + (WIDTH - 2 * MARGIN) * (residue - 0.5) / length


def _levels(drawn: list[Pin], length: int) -> dict[Pin, int]:
    """Row of each label, the lowest in which it is free; the gravest mutations first where not all get one."""
    order = list(LOOKS)
    wanted = sorted(drawn, key=lambda pin: (pin.removed, order.index(pin.judgement), pin.residue))[:MAX_LABELS]
    taken: list[list[tuple[float, float]]] = []
    levels = {}
    for pin in sorted(wanted, key=lambda pin: pin.residue):
        left, right = _span(pin, length)
        row = next((i for i, row in enumerate(taken) if all(right < a or b < left for a, b in row)), len(taken))
        if row == len(taken):
            taken.append([])
        taken[row].append((left, right))
        levels[pin] = row
    return levels


def _span(pin: Pin, length: int) -> tuple[float, float]:
    """Left and right end of a label, kept within the picture."""
    half = LETTER * len(_words(pin)) / 2 + 3
    middle = min(max(_at(pin.residue, length), half), WIDTH - half)
    return middle - half, middle + half


def _words(pin: Pin) -> str:
    label = pin.label if len(pin.label) <= 28 else f"{pin.label[:26]}..."
    return f"{label} (removed)" if pin.removed else label


def _pins(drawn: list[Pin], levels: dict[Pin, int], length: int, head: float, top: float) -> list[str]:
    stems, heads, labels, seen = [], [], [], {}
    for pin in drawn:
        x, color = _at(pin.residue, length), LOOKS[pin.judgement][0]
        y = top - PIN - STACK * seen.get(pin.residue, 0) + 10
        seen[pin.residue] = seen.get(pin.residue, 0) + 1
        stems.append(line(x, y, x, top, "#8a94a1", 1.2))
        fill = "#ffffff" if pin.removed else color
        heads.append(circle(x, y, 5.5, fill, f'stroke="{color}" stroke-width="1.8"'))
        if pin in levels:
            left, right = _span(pin, length)
            base = head - 6 - LEVEL * levels[pin]
            stems.append(line(x, base + 3, x, y, "#c9d0d9", 1, 'stroke-dasharray="2 2"'))
            labels.append(rect(left + 2, base - 10.5, right - left - 4, 14, "#ffffff"))
            labels.append(text((left + right) / 2, base, _words(pin), 12, p.MUTED if pin.removed else p.INK, "middle"))
    return stems + heads + labels


def _domains(domains: list[Domain], length: int, top: float) -> list[str]:
    drawn = []
    for number, one in enumerate(domains):
        left, right = _at(one.first - 0.5, length), _at(one.last + 0.5, length)
        fill = DOMAIN_FILLS[number % len(DOMAIN_FILLS)]
        drawn.append(rect(left, top - 1, right - left, BODY + 2, fill, 'stroke="#8a94a1" stroke-width="0.8"'))
        if _fits(one, length):
            drawn.append(text((left + right) / 2, top + 15, one.name, 12, p.INK, "middle"))
    return drawn


def _fits(domain: Domain, length: int) -> bool:
    """Whether a domain's name can be written in it; else it is told below the picture."""
    return LETTER * len(domain.name) < (WIDTH - 2 * MARGIN) * (domain.last - domain.first + 1) / length


def _axis(length: int, y: float) -> list[str]:
    step = next((tick for tick in TICKS if length / tick <= 8), TICKS[-1])
    marks = [1, *(tick for tick in range(step, length, step) if tick < length - step / 2), length]
    drawn = [line(_at(1, length), y + 6, _at(length, length), y + 6, p.MUTED)]
    for mark in marks:
        x = _at(mark, length)
        drawn += [line(x, y + 6, x, y + 11, p.MUTED), text(x, y + 23, str(mark), 11, p.MUTED, "middle")]
    return [*drawn, text(WIDTH / 2, y + 38, "amino acid", 11, p.MUTED, "middle")]


def _legend(drawn: list[Pin], domains: list[Domain], length: int, y: float) -> list[str]:
    x, made = float(MARGIN), []
    there = {pin.judgement for pin in drawn}
    items = [(color, color, words) for name, (color, words) in LOOKS.items() if name in there]
    if any(pin.removed for pin in drawn):
        items.append(("#ffffff", p.MUTED, "removed by the filter"))
    for fill, edge, words in items:
        made.append(circle(x + 6, y - 4, 5.5, fill, f'stroke="{edge}" stroke-width="1.8"'))
        made.append(text(x + 17, y, words, 12, p.INK))
        x += 17 + LETTER * len(words) + 16
    for number, one in enumerate(domains):
        if not _fits(one, length):
            words = f"{one.name} ({one.first} to {one.last})"
            fill = DOMAIN_FILLS[number % len(DOMAIN_FILLS)]
            made.append(rect(x, y - 10, 12, 12, fill, 'stroke="#8a94a1" stroke-width="0.8"'))
            made.append(text(x + 17, y, words, 12, p.INK))
            x += 17 + LETTER * len(words) + 16
    return made
