"""A contig with the genes that cells express and the compact genome lacks, and a CAR that borrows from some of them.

Reads of cells need a sequence for every gene of the profiles. It is invented: two exons a gene, on either strand.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.simulate.cell_profiles import TRANSGENE
from twohit.simulate.codes import BASES, COMPLEMENT, to_text
from twohit.simulate.reference import LINE
from twohit.tables import write_text

CONTIG = "cell_genes"
EXON, INTRON, GAP = 200, 150, 100  # bases; a gene has two exons
STREAM = 9  # of the patient's seed; cells have 8
TRANSGENE_LENGTH = 2_000  # bases
BORROWED = (("CD8A", 700, 150), ("TNFRSF9", 850, 120), ("CD247", 970, 160))  # gene, place in the transgene, bases


@dataclass(frozen=True)
class CellContig:
    """Sequences for reads of cells.

    Attributes
    ----------
    sequence : array of uint8
        Of the contig.
    genes : DataFrame
        gene, id, strand, start (0-based, on the contig) of each gene on it.
    messengers : dict of str to array of uint8
        By gene, 5' to 3'; the transgene's too.
    """

    sequence: np.ndarray
    genes: pd.DataFrame
    messengers: dict[str, np.ndarray]


def make_contig(genes: pd.DataFrame, known: set[str], seed: int) -> CellContig:
    """Draw the contig.

    Parameters
    ----------
    genes : DataFrame
        gene, id of every gene of the matrix.
    known : set of str
        Genes that the genome has already.
    seed : int
        The patient's.
    """
    rng = np.random.default_rng((seed, STREAM))
    placed = genes.loc[~genes["gene"].isin(known | {TRANSGENE}), ["gene", "id"]].reset_index(drop=True)
    span = 2 * EXON + INTRON
    placed["start"] = GAP + np.arange(len(placed)) * (span + GAP)
    placed["strand"] = np.where(np.arange(len(placed)) % 2, "-", "+")
    sequence = BASES[rng.integers(4, size=GAP + len(placed) * (span + GAP))]
    messengers = {}
    for row in placed.itertuples():
        first, second = row.start, row.start + EXON + INTRON
        bases = np.concatenate([sequence[first : first + EXON], sequence[second : second + EXON]])
        messengers[row.gene] = bases if row.strand == "+" else COMPLEMENT[bases[::-1]]
    construct = BASES[rng.integers(4, size=TRANSGENE_LENGTH)]
    for name, at, length in BORROWED:
        if name in messengers:
            construct[at : at + length] = messengers[name][-length:]
    messengers[TRANSGENE] = construct
    return CellContig(sequence, placed, messengers)


def add_to_reference(contig: CellContig, folder: Path) -> None:
    """Append the contig to genome.fa and genes.gff3, write transgene.fa."""
    text = to_text(contig.sequence)
    fasta = folder / "genome.fa"
    write_text(fasta, fasta.read_text(encoding="utf-8") + _record(CONTIG, text))
    write_text(folder / "transgene.fa", _record(TRANSGENE, to_text(contig.messengers[TRANSGENE])))
    lines = [line for row in contig.genes.itertuples() for line in _gene_lines(row)]
    gff = folder / "genes.gff3"
    write_text(gff, gff.read_text(encoding="utf-8") + "".join(f"{line}\n" for line in lines))


def _record(name: str, text: str) -> str:
    return f">{name}\n" + "".join(f"{text[i : i + LINE]}\n" for i in range(0, len(text), LINE))


def _gene_lines(row) -> list[str]:
    """Ensembl-style rows of a gene without coding bases."""
    second = row.start + EXON + INTRON
    end = second + EXON
    gene, transcript = f"gene:{row.id}", f"transcript:{row.id}T"

    def line(kind: str, start: int, stop: int, told: str) -> str:
        columns = (CONTIG, "twohit_simulator", kind, str(start + 1), str(stop), ".", row.strand, ".", told)
        return "\t".join(columns)

    return [
        line("ncRNA_gene", row.start, end, f"ID={gene};Name={row.gene};biotype=lncRNA;gene_id={row.id}"),
        line("lnc_RNA", row.start, end, f"ID={transcript};Parent={gene};biotype=lncRNA;transcript_id={row.id}T"),
        line("exon", row.start, row.start + EXON, f"Parent={transcript}"),
        line("exon", second, end, f"Parent={transcript}"),
    ]
