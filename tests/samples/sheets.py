"""Samplesheets for the tests: rows, the files that they name, and what the check says of them."""

import gzip
import struct
from pathlib import Path

from twohit.samples.patients import check
from twohit.samples.rows import read_rows

HEADER = "patient,sample,kind,timepoint,day,sex,fastq_1,fastq_2,lane,bam,vcf,snp_counts"
RAW = "##filtering_status=Warning: unfiltered Mutect 2 calls.  Please run FilterMutectCalls to remove false positives."


def write_bam(path: Path, sample: str) -> None:
    text = f"@HD\tVN:1.6\n@RG\tID:1\tSM:{sample}\n".encode()
    with gzip.open(path, "wb") as out:
        out.write(b"BAM\x01" + struct.pack("<i", len(text)) + text + struct.pack("<i", 0))
    path.with_suffix(".bam.bai").write_bytes(b"BAI\x01")


def write_vcf(path: Path, samples: list[str], *lines: str) -> None:
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]
    with gzip.open(path, "wt") as out:
        out.write("\n".join(["##fileformat=VCFv4.2", *lines, "\t".join(columns)]) + "\n")


def write_counts(path: Path, files: int) -> None:
    names = [f"File{number}{letter}" for number in range(1, files + 1) for letter in "RAED"]
    path.write_text(",".join(["Chromosome", "Position", "Ref", "Alt", *names]) + "\n")


def write_files(folder: Path) -> Path:
    """Write files of every kind that rows of the tests name."""
    for name in ("n_1", "n_2", "t_1", "t_2", "t2_1", "t2_2"):
        (folder / f"{name}.fq.gz").write_bytes(gzip.compress(f"@{name}\nA\n+\nI\n".encode()))
    (folder / "copy_1.fq.gz").write_bytes((folder / "t_1.fq.gz").read_bytes())
    write_bam(folder / "n.bam", "N")
    write_bam(folder / "t.bam", "T")
    write_vcf(folder / "raw.vcf.gz", ["N", "T"], RAW, "##normal_sample=N", "##tumor_sample=T")
    write_vcf(folder / "filtered.vcf.gz", ["T", "N"])
    with gzip.open(folder / "filtered.vcf.gz", "at") as out:
        out.write("1\t9\t.\tA\tC\t.\t.\t.\tGT\t0/1\t0/0\n1\t10\t.\tA\tC\t.\tPASS\t.\tGT\t0/1\t0/0\n")
    write_vcf(folder / "unfiltered.vcf.gz", ["T", "N"])
    with gzip.open(folder / "unfiltered.vcf.gz", "at") as out:
        out.write("1\t9\t.\tA\tC\t.\t.\t.\tGT\t0/1\t0/0\n")
    write_counts(folder / "two.csv", 2)
    write_counts(folder / "three.csv", 3)
    return folder


def checked(folder, *rows, header=HEADER, references=frozenset({"fasta", "gff"})):
    """Patients, errors and warnings of a samplesheet with these rows; short rows are filled with empty cells."""
    width = header.count(",") + 1
    lines = [row + "," * (width - 1 - row.count(",")) for row in rows]
    path = folder / "samples.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    sheet = read_rows(path)
    patients = check(sheet, set(references))
    return patients, sheet.errors, sheet.warnings


NORMAL = "P1,N,normal,,,,n_1.fq.gz,n_2.fq.gz"
TUMOR = "P1,T,tumor,relapse,270,female,t_1.fq.gz,t_2.fq.gz"
