"""A small sample: reference, reads in pairs with duplicates and overlaps, targets, gene models, panel."""

import random
from dataclasses import dataclass
from pathlib import Path

import pysam
import pytest

LENGTHS = {"chr1": 6000, "chrX": 4000}
READ = 60
GFF = (
    "##gff-version 3\n"
    "chr1\tx\tgene\t1001\t1600\t.\t+\t.\tID=gene:G1;biotype=protein_coding;Name=GENE1\n"
    "chr1\tx\tmRNA\t1001\t1600\t.\t+\t.\tID=transcript:T1;Parent=gene:G1;biotype=protein_coding\n"
    "chr1\tx\texon\t1001\t1600\t.\t+\t.\tParent=transcript:T1\n"
    "chr1\tx\tCDS\t1101\t1400\t.\t+\t0\tParent=transcript:T1\n"
    "chr1\tx\tgene\t5001\t5600\t.\t+\t.\tID=gene:G2;biotype=protein_coding;Name=FAR\n"
    "chr1\tx\tmRNA\t5001\t5600\t.\t+\t.\tID=transcript:T2;Parent=gene:G2;biotype=protein_coding\n"
    "chr1\tx\texon\t5001\t5600\t.\t+\t.\tParent=transcript:T2\n"
    "chr1\tx\tCDS\t5001\t5300\t.\t+\t0\tParent=transcript:T2\n"
)


@dataclass
class Sample:
    """Paths of the files a test needs, and a writer for variants of the BAM."""

    folder: Path
    reference: Path
    targets: Path
    gff: Path
    panel: Path
    bam: Path

    def write_bam(self, name, lengths=None, groups=({"ID": "L1", "SM": "S", "LB": "l"},), sort=None, copies=1):
        """Write pairs of chr1:900-1900 and chrX:500-1500; every fifth pair is there twice (a duplicate)."""
        rng = random.Random(7)
        lengths = lengths or LENGTHS
        header = {"HD": {"VN": "1.6", "SO": "unsorted"}, "SQ": [{"SN": c, "LN": n} for c, n in lengths.items()]}
        if groups:
            header["RG"] = list(groups)
        path = self.folder / name
        fasta = pysam.FastaFile(str(self.reference))
        with pysam.AlignmentFile(str(path), "wb", header=header) as out:
            number = 0
            for tid, low, n in ((0, 900, 400 * copies), (1, 500, 200 * copies)):
                for i in range(n):
                    start, size = low + rng.randrange(900), rng.randrange(80, 180)
                    for _ in range(2 if i % 5 == 0 else 1):
                        number += 1
                        group = groups[number % len(groups)]["ID"] if groups else None
                        for read in _pair(out.header, fasta, tid, start, size, f"r{number}", group, rng):
                            out.write(read)
        if sort == "coordinate":
            pysam.sort("-o", str(path.with_suffix(".s.bam")), str(path))
            path.with_suffix(".s.bam").replace(path)
        return path


def _pair(header, fasta, tid, start, size, name, group, rng):
    contig = fasta.references[tid]
    for second in (False, True):
        begin = start + size - READ if second else start
        read = pysam.AlignedSegment(header)
        read.query_name, read.reference_id, read.reference_start = name, tid, begin
        read.query_sequence = fasta.fetch(contig, begin, begin + READ)
        read.query_qualities = pysam.qualitystring_to_array("".join(rng.choice("I5%") for _ in range(READ)))
        read.mapping_quality, read.cigartuples = (60 if rng.random() < 0.9 else 5), [(0, READ)]
        read.flag = 0x1 | 0x2 | (0x80 | 0x10 if second else 0x40 | 0x20)
        read.next_reference_id, read.next_reference_start = tid, (start if second else start + size - READ)
        read.template_length = -size if second else size
        if group:
            read.set_tag("RG", group)
        yield read


@pytest.fixture
def sample(tmp_path):
    """The sample, with an unsorted and unmarked BAM."""
    rng = random.Random(1)
    reference = tmp_path / "ref.fa"
    reference.write_text("".join(f">{c}\n{''.join(rng.choices('ACGT', k=n))}\n" for c, n in LENGTHS.items()))
    pysam.faidx(str(reference))
    targets, gff, panel = tmp_path / "targets.bed", tmp_path / "genes.gff3", tmp_path / "panel.tsv"
    targets.write_text("chr1\t1000\t1300\nchr1\t1250\t1700\nchrX\t400\t1600\n")
    gff.write_text(GFF)
    panel.write_text("gene\trole\treason\tcitation\nGENE1\t\t\t\nFAR\t\t\t\n")
    made = Sample(tmp_path, reference, targets, gff, panel, tmp_path / "in.bam")
    made.write_bam("in.bam")
    return made
