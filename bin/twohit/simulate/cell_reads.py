"""Reads of 10x 3' cells as FASTQ: R1 barcode and UMI, R2 cDNA; cells, their ambient counts and empty droplets."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.simulate.barcoded import (
    ANYWHERE,
    DISTANCE,
    ERRORS,
    MORE_READS,
    QUALITIES,
    QUALITY_STEPS,
    READ_LENGTH,
    UMI_LENGTH,
    Tumour,
    molecule_reads,
)
from twohit.simulate.cell_contig import CellContig
from twohit.simulate.codes import BASE_CODE, BASES, COMPLEMENT, to_array

BARCODE = 16  # bases
EMPTY_DROPLETS = 10  # for each barcode of a cell
EMPTY_COUNTS = 15.0  # mean counts of an empty droplet
DECOYS = 3  # barcodes of the whitelist that are in no droplet, for each that is
LANES = 2
PHRED = 33
LEVEL = 1  # of gzip


def write_cell_reads(
    prefix: Path, tumour: Tumour, drawn, genes: pd.DataFrame, contig: CellContig, rng: np.random.Generator
) -> tuple[list[tuple[Path, Path]], list[str]]:
    """Write the reads of one sample.

    Parameters
    ----------
    prefix : Path
        PREFIX_L1_R1.fastq.gz and so on are written.
    tumour : Tumour
        Genome, copies and variants: reads of its genes carry the mutations.
    drawn : DrawnCells
    genes : DataFrame
        Genes of the matrix, in order.
    contig : CellContig
        Sequences of the genes that the genome lacks.
    rng : Generator

    Returns
    -------
    files : list of (Path, Path)
        R1 and R2 of each lane.
    barcodes : list of str
        Whitelist, sorted: barcodes of all droplets and as many others.
    """
    cells = [name.split("-")[0] for name in drawn.cells["barcode"]]
    n_empty = EMPTY_DROPLETS * len(cells)
    codes = _new_barcodes(n_empty + DECOYS * (n_empty + len(cells)), set(cells), rng)
    droplets = cells + codes[:n_empty]
    first, second, quality = _invented_genes(drawn, genes, contig, len(droplets), rng)
    barcode = np.frombuffer("".join(droplets).encode(), dtype=np.uint8).reshape(-1, BARCODE)
    parts = [(np.hstack([barcode[first[0]], first[1]]), second, quality)]
    known = _genes_of_genome(tumour, drawn, genes, codes[n_empty:], rng)
    parts += [known] if len(known[0]) else []
    ours, theirs, quality = (np.concatenate([part[k] for part in parts]) for k in range(3))
    order = rng.permutation(len(ours))
    ours, ours_quality = _sequenced(ours[order], rng)
    theirs, quality = theirs[order], quality[order]
    files = []
    for lane, rows in enumerate(np.array_split(np.arange(len(order)), LANES), 1):
        pair = tuple(prefix.with_name(f"{prefix.name}_L{lane}_R{mate}.fastq.gz") for mate in (1, 2))
        _write(pair[0], ours[rows], ours_quality[rows], lane)
        _write(pair[1], theirs[rows], quality[rows], lane)
        files.append(pair)
    return files, sorted(cells + codes)


def _new_barcodes(n: int, taken: set[str], rng: np.random.Generator) -> list[str]:
    """Barcodes that are not taken, each once."""
    found: dict[str, None] = {}
    while len(found) < n:
        made = BASES[rng.integers(4, size=(n - len(found), BARCODE))]
        found.update((code, None) for code in (row.tobytes().decode() for row in made) if code not in taken)
    return list(found)


def _invented_genes(drawn, genes: pd.DataFrame, contig: CellContig, n_droplets: int, rng):
    """Reads of the genes of the contig: ((droplet, UMI), cDNA, Phred) of each."""
    names = genes["gene"].tolist()
    columns = np.array([k for k, name in enumerate(names) if name in contig.messengers])
    counts = drawn.counts[:, columns].tocoo()
    droplet, gene = np.repeat(counts.row, counts.data), np.repeat(counts.col, counts.data)
    soup = np.asarray(drawn.counts[:, columns].sum(axis=0)).ravel()
    n_empty = rng.poisson(EMPTY_COUNTS, n_droplets - drawn.counts.shape[0])
    droplet = np.concatenate([droplet, drawn.counts.shape[0] + np.repeat(np.arange(len(n_empty)), n_empty)])
    gene = np.concatenate([gene, rng.choice(len(columns), size=n_empty.sum(), p=soup / soup.sum())])
    umi = BASES[rng.integers(4, size=(len(gene), UMI_LENGTH))]
    again = np.repeat(np.arange(len(gene)), 1 + rng.poisson(MORE_READS, len(gene)))
    messengers = [contig.messengers[names[k]] for k in columns]
    joined, length = np.concatenate(messengers), np.array([len(bases) for bases in messengers])
    free = length[gene[again]] - READ_LENGTH
    near = np.minimum(rng.exponential(DISTANCE, len(again)).astype(int), free)
    far = np.where(rng.random(len(again)) < ANYWHERE, rng.integers(free + 1), near)
    start = (np.cumsum(length) - length)[gene[again]] + free - far
    bases, quality = _sequenced(joined[start[:, None] + np.arange(READ_LENGTH)], rng)
    return (droplet[again], umi[again]), bases, quality


def _genes_of_genome(tumour: Tumour, drawn, genes: pd.DataFrame, others: list[str], rng):
    """Reads of the genome's own genes with the patient's variants: (barcode and UMI, cDNA, Phred)."""
    first, second, quality = [], [], []
    for _, _, bases, phred, _, reverse, barcode, umi, _ in molecule_reads(tumour, drawn, genes, rng):
        if len(bases) < READ_LENGTH:
            continue
        code = barcode.split("-")[0] if barcode is not None else others[int(rng.integers(len(others)))]
        first.append(to_array(code + umi))
        second.append(COMPLEMENT[bases[::-1]] if reverse else bases)
        quality.append(phred[::-1] if reverse else phred)
    if not first:
        return np.empty((0, BARCODE + UMI_LENGTH)), None, None
    return np.array(first), np.array(second), np.array(quality, dtype=np.uint8)


def _sequenced(bases: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Bases with the errors that their qualities state, and the qualities."""
    quality = QUALITIES[np.searchsorted(QUALITY_STEPS, rng.random(bases.shape, dtype=np.float32), side="right")]
    quality = quality.astype(np.uint8)
    wrong = rng.random(bases.shape, dtype=np.float32) < ERRORS[quality]
    made = bases.copy()
    made[wrong] = BASES[(BASE_CODE[bases[wrong]] + rng.integers(1, 4, wrong.sum())) % 4]
    return made, quality


def _write(path: Path, bases: np.ndarray, quality: np.ndarray, lane: int) -> None:
    """Write a FASTQ, gzipped without name and time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}")
    with (
        open(part, "wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=LEVEL) as out,
    ):
        for number, (row, phred) in enumerate(zip(bases, quality + PHRED, strict=True)):
            out.write(b"@L%d:%d\n%s\n+\n%s\n" % (lane, number, row.tobytes(), phred.tobytes()))
    part.replace(path)
