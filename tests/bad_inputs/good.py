"""One valid input of every kind, small: what the cases break."""

import gzip
from pathlib import Path

import pysam

from tests.bad_inputs.good_results import make_barcoded, make_finished
from tests.biallelic.folder import Folder, mutation
from tests.cells.reads_10x import simulate as simulate_cell_reads
from twohit.simulate.tiny_patient import simulate_tiny_patient

READ = 100  # bases
SITES = 1_000  # SNPs of the counts
VCF = """##fileformat=VCFv4.2
##MutectVersion=2.2
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">
##INFO=<ID=TLOD,Number=A,Type=Float,Description="x">
##contig=<ID=chr16,length={length}>
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	T	N
chr16	{pos}	.	{ref}	{alt}	.	.	TLOD=60	GT:AD	0/1:60,40	0/0:80,0
"""


def make_good(folder: Path, script) -> Path:
    """Make all inputs below `folder`.

    Reads, references, cells and clinical tables are those of the smallest simulated patient; dna/ holds counts and
    tables of another one; tenx/ reads of cells; evidence/ what a report is made from; finished/, barcoded/ and atlas/
    are of good_results.py.
    """
    script("simulate_patient.py", "--preset", "tiny", "--seed", 1, "--outdir", folder)
    fasta = folder / "reference" / "genome.fa"
    pysam.faidx(str(fasta))
    with pysam.FastaFile(str(fasta)) as genome:
        sequence = genome.fetch("chr16").upper()
        contigs = [{"SN": name, "LN": genome.get_reference_length(name)} for name in genome.references]
    for sample in ("T", "N"):
        write_bam(folder / f"{sample}.bam", sample, contigs, sequence)
    ref = sequence[1000]
    text = VCF.format(length=len(sequence), pos=1001, ref=ref, alt="A" if ref != "A" else "C")
    (folder / "raw.vcf").write_text(text)
    more = ("--origin", "somatic", "--gff", folder / "reference" / "genes.gff3", "--reference", fasta)
    script(
        "annotate_variants.py", "--vcf", folder / "raw.vcf", *more, "--tumor", "T", "--out", folder / "T.variants.tsv"
    )
    script("prepare_reference.py", "--fasta", fasta, "--outdir", folder / "made")  # bwa's index
    for path in (folder / "made").glob("genome.fa.*"):
        path.replace(fasta.parent / path.name)
    simulate_tiny_patient(1, folder / "dna")
    with gzip.open(folder / "dna" / "P1.snp_counts.csv.gz", "rt") as lines:
        kept = [next(lines) for _ in range(SITES)]
    (folder / "counts.csv").write_text("".join(kept))
    with gzip.open(folder / "cells" / "S7" / "barcodes.tsv.gz", "rt") as lines:
        cells = [f"{line.strip()}\t{'B' if k % 2 else 'plasma'}" for k, line in enumerate(lines)]
    (folder / "groups.tsv").write_text("\n".join(["cell\tgroup", *cells]) + "\n")
    (folder / "cells.tsv").write_text(
        "sample\ttimepoint\tday\tfraction\tmatrix\tmetadata\nS7\trelapse\t280\tBMMC\tcells/S7\t\n"
    )
    (folder / "h5.tsv").write_text(
        (folder / "cells.tsv").read_text().replace("S7", "S1").replace("cells/S1", "cells/S1.h5")
    )
    tenx = folder / "tenx"
    tenx.mkdir()
    cells = simulate_cell_reads(tenx)
    given = ("--fasta", cells.fasta, "--annotation", cells.gff, "--memory", 2000)
    script("prepare_cell_reference.py", *given, "--outdir", tenx)
    stop = mutation("TNFRSF17", alt=58, depth=110)
    made = Folder(folder / "evidence").tumour("T1", "relapse", 270).copies({"16": (1, 0, 1.0)}).coverage()
    made.somatic([stop]).genotypes([(stop, 58, 110)])
    make_finished(folder, script)
    make_barcoded(folder, script)
    return folder


def write_bam(path: Path, sample: str, contigs: list[dict], sequence: str) -> None:
    """Write 120 reads of chr16, indexed."""
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": contigs, "RG": [{"ID": sample, "SM": sample}]}
    with pysam.AlignmentFile(str(path), "wb", header=header) as out:
        for k in range(120):
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.reference_name, read.reference_start = f"r{k}", "chr16", 500 + 10 * k
            read.query_sequence = sequence[500 + 10 * k : 500 + 10 * k + READ]
            read.query_qualities = pysam.qualitystring_to_array("F" * READ)
            read.cigarstring, read.mapping_quality, read.flag = f"{READ}M", 60, 0
            read.set_tag("RG", sample)
            out.write(read)
    pysam.index(str(path))
