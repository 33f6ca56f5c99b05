"""Where the genes of a panel are: exons for germline calling."""

from pathlib import Path

from twohit.errors import InputError
from twohit.genome.agreement import check_panel
from twohit.genome.transcripts import merge_regions, read_gff
from twohit.plaintext import is_whole
from twohit.schemas import PANEL
from twohit.tables import read_table
from twohit.textfiles import text_lines

PADDING = 20  # bases on both sides of an exon: splice sites and the bases around them


def panel_regions(
    gff: Path,
    panel: Path,
    targets: Path | None = None,
    padding: int = PADDING,
    lengths: dict[str, int] | None = None,
) -> list[tuple[str, int, int]]:
    """List the exons of a panel's genes (all transcripts), padded and merged.

    Parameters
    ----------
    gff, panel : Path
        Gene models and panel.tsv.
    targets : Path, optional
        BED; regions without any overlap with a target are left out, the others are kept whole.
    padding : int
        Bases added on both sides of each exon.
    lengths : dict of str to int, optional
        Contig lengths, so that padding ends where the contig does.

    Returns
    -------
    list of (str, int, int)
        0-based half-open regions, sorted by contig and start.

    Raises
    ------
    InputError
        If a panel gene is not in the GFF3, or no region is left.
    """
    genes = list(read_table(panel, PANEL)["gene"])
    models = read_gff(gff)
    check_panel(genes, models, panel)
    regions = [r for gene in genes for r in models.exon_regions(gene, padding, every_transcript=True)]
    if lengths is not None:
        regions = [(chrom, start, min(end, lengths.get(chrom, end))) for chrom, start, end in regions]
    merged = merge_regions(regions)
    if targets is not None:
        covered = _read_bed(targets)
        merged = [r for r in merged if any(s < r[2] and r[1] < e for s, e in covered.get(r[0], ()))]
        if not merged:
            raise InputError(f"{targets}: covers no exon of a gene of {panel}; give targets that cover the panel")
    return merged


def _read_bed(path: Path) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for number, line in enumerate(text_lines(path, "give a BED"), 1):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        columns = line.split("\t")
        if len(columns) < 3 or not (is_whole(columns[1].strip()) and is_whole(columns[2].strip())):
            raise InputError(f"{path}: line {number}: not a BED interval (chrom, start, end by tabs)")
        found.setdefault(columns[0], []).append((int(columns[1]), int(columns[2])))
    return found
