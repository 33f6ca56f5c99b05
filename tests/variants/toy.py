"""Small genomes with known genes, written as the files the scripts read."""

import random
from pathlib import Path

import pysam

from tests.variants.slow import CODE, ToyGene, flip

SENSE = sorted(codon for codon, residue in CODE.items() if residue != "*")


def random_gene(seed: int, strand: str, codons: int = 60, exons: int = 3) -> ToyGene:
    """A gene of `exons` exons with UTRs, GT...AG introns of 40 bases and flanks of 60."""
    rng = random.Random(seed)

    def bases(count: int) -> str:
        return "".join(rng.choice("ACGT") for _ in range(count))

    spliced = bases(20) + "ATG" + "".join(rng.choice(SENSE) for _ in range(codons)) + "TAA" + bases(40)
    cuts = [len(spliced) * (i + 1) // exons for i in range(exons - 1)]
    genome, places = bases(60), []
    for start, end in zip([0, *cuts], [*cuts, len(spliced)], strict=True):
        places.append((len(genome), len(genome) + end - start))
        genome += spliced[start:end] + ("GT" + bases(36) + "AG" if end != len(spliced) else "")
    genome += bases(60)
    if strand == "-":
        size = len(genome)
        genome, places = flip(genome), [(size - end, size - start) for start, end in reversed(places)]
    return ToyGene(genome, tuple(places), strand, 20, 40)


def gff_lines(gene: ToyGene, chrom: str, name: str, tag: str = "", shift: int = 0) -> list[str]:
    """Ensembl-style lines of one gene with one transcript."""
    model = gene.transcript
    start, end = model.start + 1 + shift, model.end + shift
    tail = f";tag={tag}" if tag else ""
    lines = [
        f"{chrom}\ttoy\tgene\t{start}\t{end}\t.\t{gene.strand}\t.\tID=gene:G{name};Name={name};biotype=protein_coding",
        f"{chrom}\ttoy\tmRNA\t{start}\t{end}\t.\t{gene.strand}\t.\t"
        f"ID=transcript:T{name};Parent=gene:G{name};biotype=protein_coding{tail}",
    ]
    parent = f"Parent=transcript:T{name}"
    lines += [
        f"{chrom}\ttoy\texon\t{s + 1 + shift}\t{e + shift}\t.\t{gene.strand}\t.\t{parent}" for s, e in model.exons
    ]
    done = 0
    for s, e in model.cds if gene.strand == "+" else model.cds[::-1]:
        lines.append(
            f"{chrom}\ttoy\tCDS\t{s + 1 + shift}\t{e + shift}\t.\t{gene.strand}\t{-done % 3}\tID=CDS:P{name};{parent}"
        )
        done += e - s
    return lines


def write_fasta(path: Path, contigs: dict[str, str]) -> Path:
    path.write_text("".join(f">{name}\n{bases}\n" for name, bases in contigs.items()))
    pysam.faidx(str(path))
    return path


def write_gff(path: Path, lines: list[str]) -> Path:
    path.write_text("##gff-version 3\n" + "\n".join(lines) + "\n")
    return path


def write_vcf(path: Path, contigs: dict[str, str], records: list[str], samples=("T", "N"), extra: str = "") -> Path:
    """A VCF whose records are given from CHROM to FORMAT and samples, separated by blanks."""
    lines = ["##fileformat=VCFv4.2", *(f"##contig=<ID={name},length={len(b)}>" for name, b in contigs.items())]
    lines += [
        '##FILTER=<ID=weak_evidence,Description="x">',
        '##INFO=<ID=SOMATIC_POSTERIOR,Number=A,Type=Float,Description="x">',
        '##INFO=<ID=FILTER_GATK,Number=1,Type=String,Description="x">',
        '##INFO=<ID=FILTER_TWOHIT,Number=A,Type=String,Description="x">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">',
    ]
    lines += [extra] if extra else []
    lines.append("\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]))
    path.write_text("\n".join(lines + ["\t".join(record.split()) for record in records]) + "\n")
    return path
