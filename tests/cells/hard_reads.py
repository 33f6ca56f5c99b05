"""10x 3' reads as they are: errors, unspliced messengers, ambient droplets, a CAR with borrowed domains."""

import gzip
import random
from dataclasses import dataclass
from pathlib import Path

from tests.cells.reads_10x import CDNA, COMPLEMENT, bases, gff_line, write_fastq

CONTIG, N_GENES, N_CELLS, N_EMPTY = 120_000, 20, 60, 1_500
GENE, EXONS = 5_500, ((0, 500), (1_500, 1_900), (3_000, 3_600))  # bases: distance of genes, exons from a gene's start
PER_GENE, IN_EMPTY = 40, 12  # mean molecules of a gene in a cell, of all genes in an empty droplet
UNSPLICED, ERROR = 0.2, 0.003  # share of molecules with introns; of bases that are wrong
TAIL = 500  # bases before the 3' end that 3' reads come from
DOMAIN = 200  # bases that the CAR borrows from each of three genes
NESTED = 6  # a gene with another one in its intron, and a small RNA, which is not counted, in its last exon


@dataclass
class HardLibrary:
    """Files of a simulated sample, and its molecules of cells as {(barcode, gene): n}, and of empty droplets."""

    fasta: Path
    gff: Path
    transgene: Path
    whitelist: Path
    lanes: list
    cells: dict
    empty: dict
    wrong_barcodes: int


def simulate_hard(folder: Path, seed: int = 3) -> HardLibrary:
    """Draw a sample; v3, two lanes."""
    rng = random.Random(seed)
    contig = bases(rng, CONTIG)
    lines, spliced, unspliced = ["##gff-version 3"], {}, {}
    for k in range(N_GENES):
        start, strand, name = 2_000 + k * GENE, "+-"[k % 2], f"ENSG{k:02d}"
        spans = [(start + low, start + high) for low, high in EXONS]
        lines.append(gff_line("gene", start, spans[-1][1], strand, f"ID=gene:{name};Name=G{k}"))
        lines.append(gff_line("mRNA", start, spans[-1][1], strand, f"ID=transcript:T{k};Parent=gene:{name}"))
        lines += [gff_line("exon", *span, strand, f"Parent=transcript:T{k}") for span in spans]
        for text, store in (
            ("".join(contig[a:b] for a, b in spans), spliced),
            (contig[start : spans[-1][1]], unspliced),
        ):
            store[name] = text if strand == "+" else text.translate(COMPLEMENT)[::-1]
    start = 2_000 + NESTED * GENE + 700  # a gene within an intron, in its direction
    text = contig[start : start + 700]
    spliced["INSIDE"] = text if NESTED % 2 == 0 else text.translate(COMPLEMENT)[::-1]
    for sort, told in (
        ("gene", "ID=gene:INSIDE;Name=INSIDE"),
        ("mRNA", "ID=transcript:TI;Parent=gene:INSIDE"),
        ("exon", "Parent=transcript:TI"),
    ):
        lines.append(gff_line(sort, start, start + 700, "+-"[NESTED % 2], told))
    for sort, told in (
        ("gene", "ID=gene:SMALL;biotype=snRNA"),
        ("mRNA", "ID=transcript:TS;Parent=gene:SMALL"),
        ("exon", "Parent=transcript:TS"),
    ):
        lines.append(gff_line(sort, start + 3_000 - 700 + 100, start + 3_000 - 700 + 500, "+-"[NESTED % 2], told))
    borrowed = "".join(spliced[f"ENSG{k:02d}"][-DOMAIN:] for k in (1, 2, 3))
    spliced["CAR"] = bases(rng, 900) + borrowed + bases(rng, 400)  # 3' end: 100 borrowed bases, 400 of its own
    blind = bases(rng, 600) + spliced["ENSG04"][-700:]
    (folder / "genome.fa").write_text(f">chr1\n{contig}\n")
    (folder / "genes.gff3").write_text("\n".join(lines) + "\n")
    (folder / "car.fa").write_text(f">CAR\n{spliced['CAR']}\n>CAR_ends_in_gene\n{blind}\n")
    codes = list(dict.fromkeys(bases(rng, 16) for _ in range(4 * (N_CELLS + N_EMPTY))))
    (folder / "whitelist.txt.gz").write_bytes(gzip.compress("\n".join(codes).encode()))
    library = HardLibrary(*(folder / name for name in ("genome.fa", "genes.gff3", "car.fa", "whitelist.txt.gz")), [], {}, {}, 0)  # fmt: skip # noqa: E501
    first, second = [], []
    for number, code in enumerate(codes[: N_CELLS + N_EMPTY]):
        for gene in _molecules(rng, list(spliced), number < N_CELLS):
            store = library.cells if number < N_CELLS else library.empty
            store[code, gene] = store.get((code, gene), 0) + 1
            umi = bases(rng, 12)
            messenger = unspliced.get(gene) if rng.random() < UNSPLICED else spliced[gene]
            messenger = messenger or spliced[gene]
            for _ in range(rng.randint(1, 3)):
                at = len(messenger) - CDNA - rng.randrange(TAIL - CDNA)
                read = _read(rng, code)
                library.wrong_barcodes += read != code
                first.append(read + _read(rng, umi))
                second.append(_read(rng, messenger[at : at + CDNA]))
    half = len(first) // 2
    for lane, rows in ((1, slice(half)), (2, slice(half, None))):
        pair = [write_fastq(folder / f"L{lane}_R{n}.fastq.gz", reads[rows]) for n, reads in ((1, first), (2, second))]
        library.lanes.append(pair)
    return library


def _molecules(rng, genes: list[str], is_cell: bool) -> list[str]:
    if not is_cell:
        return rng.choices(genes, k=rng.randint(0, 2 * IN_EMPTY))
    return [gene for gene in genes for _ in range(rng.randint(1, 2 * PER_GENE - 1))]


def _read(rng, text: str) -> str:
    """A text with errors of sequencing."""
    if rng.random() < (1 - ERROR) ** len(text):
        return text
    at = rng.randrange(len(text))
    return text[:at] + rng.choice("ACGT".replace(text[at], "")) + text[at + 1 :]
