"""Reads around each reported variant, one a row: bases that differ, strand, base quality, clips and insertions."""

from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from twohit.biallelic.evidence import PatientEvidence
from twohit.biallelic.withheld import germline_keys
from twohit.report import palette as p
from twohit.report.shapes import line, rect, svg, text

COLUMN, ROW, READ_HEIGHT = 12.0, 8.0, 6.4  # user units
LEFT, HEAD, FOOT = 8.0, 40.0, 64.0
BASE_COLOURS = {"A": "#009e73", "C": "#0072b2", "G": "#e69f00", "T": "#d55e00", "N": "#6b7684"}  # Okabe and Ito
STRANDS = {"+": ("#c3cbd6", "forward strand"), "-": ("#dccbb8", "reverse strand")}
DELETION, INSERTION, CLIP = "#1b2430", "#8e3f7b", "#56b4e9"
# How much is left of a read's opacity, and of the height of a base that differs, by digit of the quality (30 and more,
# 25, 20). A paler base would have another base's colour.
SHADES = {8: 1.0, 7: 1.0, 6: 1.0, 5: 0.75, 4: 0.6}
FAINT = 0.35  # below 20, where a base is not counted
TICK_EVERY = 10  # positions
LETTER = 7.0  # width of a letter of 12 units
KEY = ["chrom", "pos", "ref", "alt"]
LISTS = ("hits", "seen_not_counted", "removed")


@dataclass(frozen=True)
class Picture:
    """Reads of one sample at one variant."""

    sample: str
    label: str
    words: str
    svg: Markup


def pileups(result: dict, evidence: PatientEvidence) -> dict[str, list[Picture]]:
    """Draw every variant that an entry of the result tells, by gene, in order of samples and places.

    Parameters
    ----------
    result : dict
        What P.biallelic.json holds, germline hits already withheld if they must be: what it does not tell is not drawn.
    evidence : PatientEvidence
        Its samples have the tables of reads.
    """
    made: dict[str, list[Picture]] = {}
    tables = {one.sample: one.pileups for one in evidence.samples if one.pileups is not None}
    hidden = frozenset() if result.get("germline_reported") else germline_keys(evidence) or frozenset()
    for entry in result["verdicts"]:
        table = tables.get(entry["sample"])
        hits = {hit["variant"]: hit for name in LISTS for hit in entry[name]}
        for variant in sorted(hits, key=lambda key: (key.split(":")[0], int(key.split(":")[1]), key)):
            rows = _rows(table, variant)
            if len(rows):
                made.setdefault(entry["gene"], []).append(_picture(entry["sample"], hits[variant], rows, hidden))
    return made


def _rows(table: pd.DataFrame | None, variant: str) -> pd.DataFrame:
    if table is None:
        return pd.DataFrame()
    chrom, pos, ref, alt = variant.rsplit(":", 3)
    same = (table["chrom"] == chrom) & (table["pos"] == int(pos)) & (table["ref"] == ref) & (table["alt"] == alt)
    return table[same]


def _picture(sample: str, hit: dict, rows: pd.DataFrame, hidden: frozenset[str]) -> Picture:
    first = rows.iloc[0]
    n_alt, n_reads = int(first["n_alt"]), int(first["n_reads"])
    alt_shown = int((rows["allele"] == "alt").sum())
    words = f"{sample}, {hit['label']}: {n_alt} of {n_reads} reads carry it"
    if hit.get("depth") and (hit["alt_count"], hit["depth"]) != (n_alt, n_reads):
        words += f" (the verdict counts {hit['alt_count']} of {hit['depth']}: mates once, no base of low quality)"
    if len(rows) < n_reads:
        words += f"; drawn are {alt_shown} of these and {len(rows) - alt_shown} of the others"
    if hit.get("hgvs_c"):
        words = words.replace(hit["label"], f"{hit['label']} ({hit['hgvs_c']})", 1)
    return Picture(sample, hit["label"], words, draw(rows, words, _masked(first, hidden)))


def _masked(first: pd.Series, hidden: frozenset[str]) -> set[int]:
    """Columns of the window that would tell an inherited variant which is withheld."""
    start, size, columns = int(first["window_start"]), len(first["reference"]), set()
    for key in hidden:
        chrom, pos, ref, _ = key.rsplit(":", 3)
        if chrom == first["chrom"]:
            columns |= {
                column for column in range(int(pos) - start, int(pos) - start + len(ref) + 1) if 0 <= column < size
            }
    return columns - set(range(int(first["pos"]) - start, int(first["pos"]) - start + len(first["ref"])))


def draw(rows: pd.DataFrame, title: str, masked: set[int] = frozenset()) -> Markup:
    """Draw the reads of one variant.

    Parameters
    ----------
    rows : DataFrame
        Rows of one variant and sample of the schema PILEUPS, in the order of the picture's rows.
    title : str
        For screen readers.
    masked : set of int
        Columns in which reads are drawn as the reference.
    """
    first = rows.iloc[0]
    reference, start = first["reference"], int(first["window_start"])
    width = 2 * LEFT + COLUMN * len(reference)
    bottom = HEAD + ROW * len(rows)
    column = int(first["pos"]) - start
    span = COLUMN * len(first["ref"])
    body = [rect(_x(column), HEAD - 18, span, bottom - HEAD + 20, "#f4efd8", 'stroke="#b9a44c" stroke-width="0.8"')]
    for number, row in enumerate(rows.itertuples()):
        body += _read(row, HEAD + ROW * number, masked)
    body += _axis(first["chrom"], reference, start, bottom)
    body += _legend(bottom + 52)
    return svg(width, bottom + FOOT, title, body, "genome reads")


def _x(column: float) -> float:
    return LEFT + COLUMN * column


def _read(row, y: float, masked: set[int]) -> list[str]:
    colour = STRANDS[row.strand][0]
    covered = [k for k, base in enumerate(row.bases) if base != "_"]
    if not covered:
        return []
    made = []
    for left, right, digit in _runs(row, masked):
        shade = f'fill-opacity="{SHADES.get(digit, FAINT):g}"'
        made.append(rect(_x(left), y, COLUMN * (right - left), READ_HEIGHT, colour, shade))
    for k in covered:
        base = row.bases[k]
        if base == "*" and k not in masked:
            made.append(line(_x(k), y + READ_HEIGHT / 2, _x(k + 1), y + READ_HEIGHT / 2, DELETION, 1.6))
        elif base in BASE_COLOURS and k not in masked:
            height = READ_HEIGHT * SHADES.get(int(row.qualities[k]), FAINT)
            made.append(rect(_x(k), y + READ_HEIGHT - height, COLUMN, height, BASE_COLOURS[base]))
    for item in (row.inserted or "").split(",") if isinstance(row.inserted, str) else []:
        at = int(item.split(":")[0])
        if at not in masked:
            made.append(line(_x(at), y - 0.8, _x(at), y + READ_HEIGHT + 0.8, INSERTION, 2.6))
    if row.clipped_left and covered[0] > 0:
        made.append(line(_x(covered[0]), y, _x(covered[0]), y + READ_HEIGHT, CLIP, 2.4))
    if row.clipped_right and covered[-1] < len(row.bases) - 1:
        made.append(line(_x(covered[-1] + 1), y, _x(covered[-1] + 1), y + READ_HEIGHT, CLIP, 2.4))
    return made


def _runs(row, masked: set[int]) -> list[tuple[int, int, int]]:
    """Stretches [left, right) of bases drawn as the reference with one quality."""
    found: list[list[int]] = []
    for k, base in enumerate(row.bases):
        if base == "_" or (base != "." and k not in masked):
            continue
        digit = min(int(row.qualities[k]), 6) if base == "." else 6
        if found and found[-1][1] == k and found[-1][2] == digit:
            found[-1][1] = k + 1
        else:
            found.append([k, k + 1, digit])
    return [tuple(run) for run in found]


def _axis(chrom: str, reference: str, start: int, bottom: float) -> list[str]:
    made = [
        text(_x(k) + COLUMN / 2, HEAD - 6, base, 10, BASE_COLOURS.get(base, p.MUTED), "middle", "600")
        for k, base in enumerate(reference)
    ]
    made.append(line(_x(0), bottom + 4, _x(len(reference)), bottom + 4, p.MUTED))
    for k in range(len(reference)):
        if (start + k) % TICK_EVERY == 0:
            x = _x(k) + COLUMN / 2
            anchor = "start" if k < 4 else "end" if k > len(reference) - 5 else "middle"
            made += [
                line(x, bottom + 4, x, bottom + 8, p.MUTED),
                text(x, bottom + 19, f"{start + k:,}", 10, p.MUTED, anchor),
            ]
    made.append(
        text(
            _x(len(reference) / 2),
            bottom + 33,
            f"position on {chrom}, reference bases above the reads",
            11,
            p.MUTED,
            "middle",
        )
    )
    return made


def _legend(y: float) -> list[str]:
    x, made = LEFT, []
    items = [(colour, f"read {base}") for base, colour in BASE_COLOURS.items() if base != "N"]
    items += list(STRANDS.values())
    items += [(INSERTION, "insertion"), (DELETION, "deletion"), (CLIP, "clipped")]
    for colour, words in items:
        made.append(rect(x, y - 8, 9, 9, colour))
        made.append(text(x + 12, y, words, 10.5, p.INK))
        x += 12 + 0.85 * LETTER * len(words) + 10
    return made
