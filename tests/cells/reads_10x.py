"""A small simulator of 10x 3' reads with known molecules, on a made contig and a transgene."""

import gzip
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

CONTIG, N_GENES, N_CELLS = 60_000, 10, 50
GENE, EXON = 5000, 800  # bases: distance of genes, length of each of their two exons
SHIFT = 2500  # bases between the starts of a gene's exons
COUNTS = {"10xv2": 10, "10xv3": 12}  # bases of the UMI
CDNA = 90
COMPLEMENT = str.maketrans("ACGT", "TGCA")


@dataclass
class Library:
    """Files of a simulated sample, and its molecules as a set of (barcode, UMI, gene)."""

    fasta: Path
    gff: Path
    transgene: Path
    whitelist: Path
    first: Path
    second: Path
    molecules: set


def bases(rng, n):
    return "".join(rng.choices("ACGT", k=n))


def simulate(folder: Path, chemistry: str = "10xv3", seed: int = 1, per_gene: int = 4) -> Library:
    """Draw genome, gene models, whitelist (twice the cells) and reads; each molecule has one to three reads."""
    rng = random.Random(seed)
    contig, car = bases(rng, CONTIG), bases(rng, 1500)
    fasta, gff, transgene = folder / "genome.fa", folder / "genes.gff3", folder / "car.fa"
    fasta.write_text(f">chr1 made\n{contig}\n")
    transgene.write_text(f">CAR construct\n{car}\n")
    lines, messengers = ["##gff-version 3"], {"CAR": car}
    for k in range(N_GENES):
        start, strand, name = 1000 + k * GENE, "+-"[k % 2], f"ENSG{k:02d}"
        spans = [(start, start + EXON), (start + SHIFT, start + SHIFT + EXON)]
        lines.append(gff_line("gene", start, spans[1][1], strand, f"ID=gene:{name};Name=G{k}"))
        lines.append(gff_line("mRNA", start, spans[1][1], strand, f"ID=transcript:T{k};Parent=gene:{name}"))
        lines += [gff_line("exon", *span, strand, f"Parent=transcript:T{k}") for span in spans]
        text = "".join(contig[a:b] for a, b in spans)
        messengers[name] = text if strand == "+" else text.translate(COMPLEMENT)[::-1]
    gff.write_text("\n".join(lines) + "\n")
    codes = [bases(rng, 16) for _ in range(2 * N_CELLS)]
    whitelist = folder / "whitelist.txt.gz"
    whitelist.write_bytes(gzip.compress("".join(f"{code}\n" for code in codes).encode()))
    molecules, first, second = set(), [], []
    for code in codes[:N_CELLS]:
        for gene, messenger in messengers.items():
            for _ in range(rng.randint(1, 2 * per_gene - 1)):
                umi = bases(rng, COUNTS[chemistry])
                molecules.add((code, umi, gene))
                for _ in range(rng.randint(1, 3)):
                    at = rng.randrange(len(messenger) - CDNA)
                    first.append(code + umi)
                    second.append(messenger[at : at + CDNA])
    files = [write_fastq(folder / f"R{n}.fastq.gz", reads) for n, reads in ((1, first), (2, second))]
    return Library(fasta, gff, transgene, whitelist, *files, molecules)


def gff_line(sort, start, end, strand, told):
    return "\t".join(("chr1", "made", sort, str(start + 1), str(end), ".", strand, ".", told))


def write_fastq(path: Path, reads) -> Path:
    text = "".join(f"@r{number}\n{read}\n+\n{'I' * len(read)}\n" for number, read in enumerate(reads))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def prepare(script, library, folder: Path) -> Path:
    """Make the reference of a library's cells in a folder."""
    script("prepare_cell_reference.py", "--fasta", library.fasta, "--annotation", library.gff, "--transgene",
           library.transgene, "--memory", 2000, "--outdir", folder)  # fmt: skip
    return folder


def matrix(folder):
    """Counts of a 10x folder as {(barcode, gene id): n}."""

    def lines(name):
        return gzip.decompress((folder / name).read_bytes()).decode().splitlines()

    genes = [line.split("\t")[0] for line in lines("features.tsv.gz")]
    codes = lines("barcodes.tsv.gz")
    rows = [line.split() for line in lines("matrix.mtx.gz") if not line.startswith("%")][1:]
    return Counter({(codes[int(cell) - 1], genes[int(gene) - 1]): int(float(n)) for gene, cell, n in rows})
