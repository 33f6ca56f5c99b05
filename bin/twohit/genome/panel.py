"""The genes of a panel: what its row `*` stands for, and where they are: exons for germline calling."""

from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from twohit.errors import InputError
from twohit.genome.agreement import EVERY, check_panel, key
from twohit.genome.contigs import plain
from twohit.genome.transcripts import GeneModels, merge_regions, read_gff
from twohit.places import ASSETS
from twohit.plaintext import is_whole
from twohit.schemas import PANEL
from twohit.tables import read_table
from twohit.textfiles import text_lines

PADDING = 20  # bases on both sides of an exon: splice sites and the bases around them
TARGET, OTHER = "target", "other"  # roles: of a therapy's target; of a gene of which no more is known
BUILT_IN = ASSETS / "panels" / "myeloma.tsv"
REARRANGED = ("IG_", "TR_")  # biotypes of genes that B and T cells lose in good health, when they join V, D and J


def has_every(panel: pd.DataFrame) -> bool:
    """Whether a panel has the row `*`."""
    return bool((panel["gene"] == EVERY).any())


def expand_panel(panel: pd.DataFrame, models: GeneModels, contigs: Iterable[str] | None = None) -> pd.DataFrame:
    """Put the genes that `*` stands for in its place; a panel without it stays as it is.

    Parameters
    ----------
    panel : DataFrame
        The PANEL table.
    models : GeneModels
        Of all genes.
    contigs : iterable of str, optional
        Contigs of the models that count, in genome order; all of them by default.

    Returns
    -------
    DataFrame
        The panel's own rows, then the other coding genes in genome order. What the built-in panel tells of those is
        theirs; the role of the rest is `other`.

    Raises
    ------
    InputError
        If no gene is left.
    """
    if not has_every(panel):
        return panel
    given = panel.loc[panel["gene"] != EVERY, PANEL.names]
    named = set(given["gene"])
    rows = given.to_dict("records") + described(g for g in coding_genes(models, contigs) if g not in named)
    if not rows:
        raise InputError(f"{models.path}: has no coding gene that '*' of a panel could stand for; list the genes")
    return pd.DataFrame(rows, columns=PANEL.names)


def described(genes: Iterable[str]) -> list[dict]:
    """Rows of a panel for genes: role, reason and citation of the built-in panel, else the role `other`."""
    known = {row["gene"]: row for row in built_in().to_dict("records")}
    return [known.get(gene) or dict.fromkeys(PANEL.names) | {"gene": gene, "role": OTHER} for gene in genes]


def built_in() -> pd.DataFrame:
    """Read the panel that twohit comes with."""
    return read_table(BUILT_IN, PANEL)[PANEL.names]


def coding_genes(models: GeneModels, contigs: Iterable[str] | None = None) -> list[str]:
    """Names of genes with a coding transcript in genome order, each once.

    Left out are genes without a name, those of the mitochondrion, which has no two alleles, and segments of
    immunoglobulin and T-cell receptor genes.
    """
    rank = None if contigs is None else {name: number for number, name in enumerate(contigs)}
    places = []
    for name, found in models.genes.items():
        coding = {transcript.chrom for transcript in models.transcripts.get(name, ()) if transcript.is_coding}
        for gene in found:
            used = gene.chrom in coding and (rank is None or gene.chrom in rank) and key(gene.chrom) != "MT"
            if used and gene.name != gene.id and not gene.biotype.startswith(REARRANGED):
                order = _natural(gene.chrom) if rank is None else rank[gene.chrom]
                places.append((order, gene.start, gene.end, name))
    return list(dict.fromkeys(place[-1] for place in sorted(places)))


def _natural(chrom: str) -> tuple:
    """Order of contigs where no FASTA tells it: 1, 2, ... 22, then the others by name."""
    bare = plain(chrom)
    return (0, int(bare), chrom) if is_whole(bare) else (1, 0, chrom)


def read_with_models(panel: Path, gff: Path) -> tuple[pd.DataFrame, GeneModels]:
    """Read a panel, with the genes that `*` stands for, and the models of its genes (of all genes with `*`)."""
    table = read_table(panel, PANEL)
    models = read_gff(gff, None if has_every(table) else set(table["gene"]))
    return expand_panel(table, models), models


def read_names(panel: Path, gff: Path) -> set[str]:
    """Read the genes of a panel; gene models are looked at for `*` only."""
    table = read_table(panel, PANEL)
    return set((expand_panel(table, read_gff(gff)) if has_every(table) else table)["gene"])


def read_known(panel: Path) -> pd.DataFrame:
    """Read a panel where no gene models are: `*` stands for what the built-in panel has beside the panel's own rows."""
    table = read_table(panel, PANEL)
    if not has_every(table):
        return table
    given, more = table.loc[table["gene"] != EVERY, PANEL.names], built_in()
    more = more[~more["gene"].isin(given["gene"])]
    return pd.DataFrame(given.to_dict("records") + more.to_dict("records"), columns=PANEL.names)


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
        Contig lengths, so that padding ends where the contig does; `*` stands for genes on these contigs.

    Returns
    -------
    list of (str, int, int)
        0-based half-open regions, sorted by contig and start.

    Raises
    ------
    InputError
        If a panel gene is not in the GFF3, or no region is left.
    """
    table = read_table(panel, PANEL)
    models = read_gff(gff)
    check_panel(table["gene"], models, panel)
    genes = expand_panel(table, models, lengths)["gene"]
    regions = [r for gene in genes for r in models.exon_regions(gene, padding, every_transcript=True)]
    if lengths is not None:
        regions = [(chrom, start, min(end, lengths.get(chrom, end))) for chrom, start, end in regions]
    merged = merge_regions(regions)
    if targets is not None:
        merged = _touched(merged, merge_regions(_read_bed(targets)))
        if not merged:
            raise InputError(f"{targets}: covers no exon of a gene of {panel}; give targets that cover the panel")
    return merged


def _touched(regions: list[tuple[str, int, int]], targets: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Regions that overlap a target; targets are sorted and merged."""
    kept = []
    for chrom, start, end in regions:
        before = bisect_left(targets, (chrom, end)) - 1  # the last target that starts before the region ends
        if before >= 0 and targets[before][0] == chrom and targets[before][2] > start:
            kept.append((chrom, start, end))
    return kept


def _read_bed(path: Path) -> list[tuple[str, int, int]]:
    found = []
    for number, line in enumerate(text_lines(path, "give a BED"), 1):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        columns = line.split("\t")
        if len(columns) < 3 or not (is_whole(columns[1].strip()) and is_whole(columns[2].strip())):
            raise InputError(f"{path}: line {number}: not a BED interval (chrom, start, end by tabs)")
        found.append((columns[0], int(columns[1]), int(columns[2])))
    return found
