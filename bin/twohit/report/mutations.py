"""The somatic mutations of a patient as a whole: one MAF, and a picture of their sorts and allele fractions."""

import pandas as pd
from markupsafe import Markup

from twohit.biallelic.evidence import PatientEvidence
from twohit.biallelic.withheld import germline_keys, somatic_only
from twohit.genome.contigs import Genome
from twohit.report import palette as p
from twohit.report.shapes import line, rect, svg, text
from twohit.variants.maf import maf_table
from twohit.variants.maf_summary import BASE_CHANGES, base_change

WIDTH, ROW, HEAD, GAP = 860.0, 20.0, 30.0, 30.0
PANELS = (("class", "By effect", 130.0), ("type", "By type", 40.0), ("base_change", "By base change", 40.0))
BINS = 10  # of allele fractions
BAR = 110.0  # longest bar
MOST_ROWS = 10
HISTOGRAM = (170.0, 130.0)  # width, height
COLOURS = {"class": "#0072b2", "type": "#009e73", "base_change": "#cc79a7", "vaf": "#56b4e9"}


def patient_maf(evidence: PatientEvidence, genome: Genome) -> pd.DataFrame | None:
    """Kept somatic mutations of all samples; germline variants are never in it. None where no sample has calls."""
    normal = evidence.normals[0] if evidence.normals else None
    told = [sample for sample in evidence.samples if sample.variants is not None]
    if not told:
        return None
    inherited = germline_keys(evidence)
    parts = [maf_table(somatic_only(s.variants, inherited), s.sample, normal, genome.name) for s in told]
    parts = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(parts, ignore_index=True)


def mutation_pictures(maf: pd.DataFrame | None) -> list[dict]:
    """Draw a picture a sample: sample, number of mutations, svg; [] without mutations."""
    if maf is None or maf.empty:
        return []
    return [
        {"sample": sample, "count": len(own), "svg": draw_summary(sample, own)}
        for sample, own in maf.groupby("Tumor_Sample_Barcode", sort=False)
    ]


def draw_summary(sample: str, maf: pd.DataFrame) -> Markup:
    """Draw counts by effect, type and base change, and the allele fractions, of one sample's MAF rows."""
    changes = [base_change(*row) for row in maf[["Reference_Allele", "Tumor_Seq_Allele2"]].itertuples(index=False)]
    counts = {
        "class": maf["Variant_Classification"].str.replace("_", " ").value_counts().to_dict(),
        "type": maf["Variant_Type"].value_counts().to_dict(),
        "base_change": {name: changes.count(name) for name in BASE_CHANGES},
    }
    body, x, height = [], 8.0, HEAD + HISTOGRAM[1] + 44
    for name, title, room in PANELS:
        rows = sorted(counts[name].items(), key=lambda item: (-item[1], item[0]) if name != "base_change" else item[0])
        body += _bars(rows[:MOST_ROWS], title, x, room, COLOURS[name])
        height = max(height, HEAD + ROW * len(rows[:MOST_ROWS]) + 20)
        x += room + BAR + 28 + GAP
    body += _histogram(maf, x)
    return svg(WIDTH, height, f"Somatic mutations of {sample} by effect, type, base change and allele fraction", body)


def _bars(rows: list[tuple[str, int]], title: str, x: float, room: float, colour: str) -> list[str]:
    most = max((count for _, count in rows), default=1) or 1
    made = [text(x, 16, title, 12, p.INK, weight="600")]
    for number, (name, count) in enumerate(rows):
        y = HEAD + ROW * number
        made.append(text(x + room - 4, y + 11, name, 11, p.INK, "end"))
        made.append(rect(x + room, y, BAR * count / most, ROW - 6, colour))
        made.append(text(x + room + BAR * count / most + 4, y + 11, str(count), 11, p.MUTED))
    return made


def _histogram(maf: pd.DataFrame, x: float) -> list[str]:
    depth = maf["t_depth"].astype(float)
    vaf = (maf["t_alt_count"].astype(float) / depth)[depth > 0]
    width, height = min(HISTOGRAM[0], WIDTH - x - 10), HISTOGRAM[1]
    counts = [int(((vaf * BINS).clip(0, BINS - 1e-9).astype(int) == k).sum()) for k in range(BINS)]
    most, bottom = max(counts) or 1, HEAD + height
    made = [text(x, 16, "Allele fraction", 12, p.INK, weight="600")]
    for k, count in enumerate(counts):
        tall = (height - 14) * count / most
        made.append(rect(x + width * k / BINS + 1, bottom - tall, width / BINS - 2, tall, COLOURS["vaf"]))
        if count:
            made.append(text(x + width * (k + 0.5) / BINS, bottom - tall - 3, str(count), 9, p.MUTED, "middle"))
    made.append(line(x, bottom, x + width, bottom, p.MUTED))
    for k in (0, 0.5, 1):
        made.append(text(x + width * k, bottom + 14, f"{k:g}", 10, p.MUTED, "middle"))
    made.append(text(x + width / 2, bottom + 29, "share of reads", 10, p.MUTED, "middle"))
    return made
