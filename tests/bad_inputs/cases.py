"""The table of bad inputs: which script, which file is broken and how, and what the one line on stderr must say."""

import re
from dataclasses import dataclass

from tests.bad_inputs.edits import again, column, cut, empty, head, junk, line, missing, more, packed, text, without

COMMANDS = {  # every script with its valid inputs, run in the folder of good.py
    "check_samplesheet.py": "--input samplesheet.csv --out out/x.json --outdir out",
    "prepare_reference.py": "--fasta reference/genome.fa --gff reference/genes.gff3 --targets reference/targets.bed "
    "--common-snps reference/common_snps.vcf.gz --panel panel.tsv --genome reference/genome.json --no-bwa --outdir out",
    "align_lane.py": "--fastq-1 fastq/P1_N_L1_R1.fastq.gz --fastq-2 fastq/P1_N_L1_R2.fastq.gz --sample P1_N "
    "--reference reference/genome.fa --out out/x.bam",
    "postprocess_alignment.py": "--bam T.bam --sample T --reference reference/genome.fa "
    "--targets reference/targets.bed --gff reference/genes.gff3 --panel panel.tsv --outdir out",
    "count_snps.py": "--normal N.bam --tumor T.bam --sites reference/common_snps.vcf.gz --out out/x.csv.gz",
    "import_calls.py": "--vcf raw.vcf --reference reference/genome.fa --out out/x.vcf.gz",
    "filter_somatic.py": "--vcf raw.vcf --tumor T --normal N --reference reference/genome.fa --out out/x.vcf.gz",
    "annotate_variants.py": "--vcf raw.vcf --origin somatic --gff reference/genes.gff3 "
    "--reference reference/genome.fa --tumor T --normal N --out out/x.tsv",
    "panel_regions.py": "--gff reference/genes.gff3 --panel panel.tsv --targets reference/targets.bed --out out/x.bed",
    "genotype_variants.py": "--bam T.bam --normal N.bam --sample T --variants T.variants.tsv "
    "--reference reference/genome.fa --outdir out",
    "segment_copy_number.py": "--snp-counts counts.csv --sample T --genome GRCh38 --no-plots --outdir out",
    "estimate_clonality.py": "--tumor T1 --variants evidence/T1.variants.tsv --solutions evidence/T1.solutions.tsv "
    "--purity-ploidy evidence/T1.purity_ploidy.json --out out/x.tsv",
    "prepare_cell_reference.py": "--fasta tenx/genome.fa --annotation tenx/genes.gff3 --transgene tenx/car.fa "
    "--no-index --outdir out",
    "count_cells.py": "--fastq-1 tenx/R1.fastq.gz --fastq-2 tenx/R2.fastq.gz --whitelist tenx/whitelist.txt.gz "
    "--index tenx/index --sample S7 --memory 2000 --outdir out",
    "analyse_cells.py": "--patient P1 --samples cells.tsv --panel panel.tsv --outdir out",
    "call_cell_copy_number.py": "--matrix cells/S7 --groups groups.tsv --reference B --genes reference/genes.tsv "
    "--genome reference/genome.json --outdir out",
    "read_clinical.py": "--patient P1 --table clinical/markers.csv --qpcr clinical/qpcr.csv --fish clinical/fish.csv "
    "--outdir out",
    "report_biallelic_loss.py": "--patient P1 --evidence evidence --panel evidence/panel.tsv "
    "--genome evidence/mini.json --outdir out",
}


@dataclass(frozen=True)
class Case:
    """One broken input.

    Attributes
    ----------
    name : str
    script : str
    file : str or None
        What is broken; None: an option is.
    edit : callable or None
        How, see edits.py.
    says : str
        Words that the message holds: the file, the row or value, what is wrong.
    options : str
        Options added to the command of the script; the last of two of the same name holds.
    """

    name: str
    script: str
    file: str | None
    edit: object
    says: str
    options: str = ""


SHEET, REFERENCE, LANE = "check_samplesheet.py", "prepare_reference.py", "align_lane.py"
POST, COUNT, IMPORT, FILTER = "postprocess_alignment.py", "count_snps.py", "import_calls.py", "filter_somatic.py"
ANNOTATE, REGIONS, GENOTYPE = "annotate_variants.py", "panel_regions.py", "genotype_variants.py"
SEGMENT, CLONALITY, ATLAS = "segment_copy_number.py", "estimate_clonality.py", "analyse_cells.py"
CELLS, CLINICAL, REPORT = "call_cell_copy_number.py", "read_clinical.py", "report_biallelic_loss.py"
FASTQ, COUNTS, H5 = "fastq/P1_N_L1_R1.fastq.gz", "counts.csv", "cells/S1.h5"
MATRIX = "cells/S7/matrix.mtx.gz"
PREPARE, READS, TENX = "prepare_cell_reference.py", "count_cells.py", "tenx/R1.fastq.gz"

# fmt: off
CASES = [
    # samplesheet
    Case("no samplesheet", SHEET, "samplesheet.csv", missing, "--input samplesheet.csv: no such file"),
    Case("empty samplesheet", SHEET, "samplesheet.csv", empty, "samplesheet.csv: the file is empty"),
    Case("only a header", SHEET, "samplesheet.csv", head(1), "samplesheet.csv: row 2, column 'patient', value '': there is no row under the header"),
    Case("junk as samplesheet", SHEET, "samplesheet.csv", junk, "samplesheet.csv: not a readable CSV"),
    Case("samplesheet without patient", SHEET, "samplesheet.csv", without("patient", ","), "samplesheet.csv: row 1: column 'patient' is missing"),
    Case("unknown column", SHEET, "samplesheet.csv", text("lane", "line"), "samplesheet.csv: row 1: column 'line' is unknown"),
    Case("unknown kind", SHEET, "samplesheet.csv", text("normal", "blood"), "samplesheet.csv: row 2, column 'kind', value 'blood': is not a kind"),
    Case("file that is not there", SHEET, "samplesheet.csv", text("P1_N_L1_R1", "P9_N_L1_R1"), "samplesheet.csv: row 2, column 'fastq_1', value 'fastq/P9_N_L1_R1.fastq.gz': no such file"),
    Case("same reads twice", SHEET, "samplesheet.csv", text("P1_T_L2_R1", "P1_T_L1_R1"), "samplesheet.csv: row 4, column 'fastq_1', value 'fastq/P1_T_L1_R1.fastq.gz': the file is used in row 3,"),
    Case("same row twice", SHEET, "samplesheet.csv", again, "samplesheet.csv: row 9, column 'fish', value 'clinical/fish.csv': row 8 gives one already"),
    Case("one fastq only", SHEET, "samplesheet.csv", column("fastq_2", "", 1, ","), "samplesheet.csv: row 2, column 'fastq_2', value '': is empty"),
    Case("day that is no number", SHEET, "samplesheet.csv", column("day", "Tuesday", 2, ","), "samplesheet.csv: row 4, column 'day', value '280': row 3 says 'Tuesday' for 'P1_T'"),
    Case("unknown sex", SHEET, "samplesheet.csv", column("sex", "x", 1, ","), "samplesheet.csv: row 8, column 'sex', value 'female': row 2 says 'x' for 'P1'"),
    Case("two sexes", SHEET, "samplesheet.csv", column("sex", "male", 1, ","), "samplesheet.csv: row 8, column 'sex', value 'female': row 2 says 'male' for 'P1'"),
    Case("name with a slash", SHEET, "samplesheet.csv", column("sample", "../P1", 1, ","), "samplesheet.csv: row 2, column 'sample', value '../P1': has characters that are unsafe in file names"),
    Case("name with a semicolon", SHEET, "samplesheet.csv", column("patient", "P1;rm", 1, ","), "samplesheet.csv: row 2, column 'patient', value 'P1;rm': has characters that are unsafe in file names"),
    Case("name of 10,000 letters", SHEET, "samplesheet.csv", column("sample", "x" * 10_000, 1, ","), "samplesheet.csv: row 2, column 'sample', value"),
    Case("row too long", SHEET, "samplesheet.csv", more("P1,X,tumor" + ",," * 20), "samplesheet.csv: row 9, column 'patient', value 'P1': 43 cells, the header has"),
    Case("two normals", SHEET, "samplesheet.csv", text("P1,P1_T,tumor", "P1,P1_T,normal"), "samplesheet.csv: row 4, column 'kind', value 'tumor': sample 'P1_T' is 'normal' in row 3"),
    Case("timepoint that is a formula", SHEET, "samplesheet.csv", column("timepoint", "=1+1", 1, ","), "samplesheet.csv: row 2, column 'timepoint', value '=1+1': would run as a formula in a spreadsheet"),
    Case("timepoint with an unseen sign", SHEET, "samplesheet.csv", column("timepoint", "re\u200blapse", 1, ","), "has a character that cannot be seen (U+200B); type it again without it"),
    Case("timepoint of 10,000 letters", SHEET, "samplesheet.csv", column("timepoint", "x" * 10_000, 1, ","), "is too long; use at most 100 letters"),
    Case("file name with a dollar", SHEET, "samplesheet.csv", text("fastq/P1_N_L1_R1", "fastq/$HOME"), "samplesheet.csv: row 2, column 'fastq_1', value 'fastq/$HOME.fastq.gz': the file's name starts with '-' or holds '$'"),
    Case("date of birth", SHEET, "samplesheet.csv", text("lane", "date_of_birth"), "samplesheet.csv: row 1: column 'date_of_birth' is unknown"),
    Case("date as day", SHEET, "samplesheet.csv", column("day", "2024-01-05", 1, ","), "samplesheet.csv: row 2, column 'day', value '2024-01-05': is not a whole number"),
    # reference
    Case("no genome", REFERENCE, "reference/genome.fa", missing, "reference/genome.fa: no such file"),
    Case("genome without sequence", REFERENCE, "reference/genome.fa", text(">chr1$", "chr1"), "reference/genome.fa: not a FASTA"),
    Case("junk as genome", REFERENCE, "reference/genome.fa", junk, "reference/genome.fa: not a FASTA"),
    Case("contig twice", REFERENCE, "reference/genome.fa", text(">chr11$", ">chr1"), "reference/genome.fa: a contig is in it twice, so that no read maps to it uniquely"),
    Case("genes of another build", REFERENCE, "reference/genes.gff3", text("chr1\t", "chr99\t"), "panel.tsv: gene 'CDKN2C' is on chr99 of reference/genes.gff3, which the FASTA lacks"),
    Case("gene beyond its contig", REFERENCE, "reference/genes.gff3", text(r"gene\t(\d+)\t(\d+)", r"gene\t\g<1>\t99999999"), "ends at chr1:99999999, past the contig's end (24895)"),
    Case("gff with a short row", REFERENCE, "reference/genes.gff3", more("chr1\tx\tgene\t5"), "reference/genes.gff3: line 393 has 4 columns, a GFF3 line has 9"),
    Case("gff that is no gff", REFERENCE, "reference/genes.gff3", junk, "reference/genes.gff3: not readable as text"),
    Case("targets of another build", REFERENCE, "reference/targets.bed", more("chr99\t1\t100"), "reference/targets.bed: line 107: contig chr99 is not in the FASTA"),
    Case("target backwards", REFERENCE, "reference/targets.bed", more("chr1\t500\t100"), "reference/targets.bed: line 107: not a BED interval"),
    Case("target that is no number", REFERENCE, "reference/targets.bed", more("chr1\tone\t100"), "reference/targets.bed: line 107: not a BED interval"),
    Case("target beyond its contig", REFERENCE, "reference/targets.bed", more("chr1\t1\t99999999"), "reference/targets.bed: line 107: ends at 99999999, past the end of chr1"),
    Case("no target", REFERENCE, "reference/targets.bed", empty, "reference/targets.bed: the file is empty"),
    Case("snps that are no vcf", REFERENCE, "reference/common_snps.vcf.gz", junk, "reference/common_snps.vcf.gz: not readable as a VCF"),
    Case("snps cut off", REFERENCE, "reference/common_snps.vcf.gz", cut(0.5), "reference/common_snps.vcf.gz: the bgzip file is cut off"),
    Case("panel without genes", REFERENCE, "panel.tsv", head(1), "panel.tsv: has no row below its header"),
    Case("panel gene unknown", REFERENCE, "panel.tsv", more("NOGENE\ttarget\t\t"), "panel.tsv: gene 'NOGENE' is not a gene of reference/genes.gff3"),
    Case("panel gene twice", REFERENCE, "panel.tsv", again, "panel.tsv: gene 'KDM6A' is listed twice"),
    Case("panel of every gene twice", REFERENCE, "panel.tsv", more("*\tother\t\t", "*\tother\t\t"), "panel.tsv: gene '*' is listed twice"),
    Case("genome json broken", REFERENCE, "reference/genome.json", cut(0.5), "reference/genome.json: not valid JSON"),
    Case("genome of another length", REFERENCE, "reference/genome.json", text('"length": (\\d+)', '"length": 1'), "reference/genome.json: contig 1: centromere 12340 is not within its length 1"),
    # reads
    Case("reads cut off", LANE, FASTQ, cut(0.7), "fastq/P1_N_L1_R1.fastq.gz or fastq/P1_N_L1_R2.fastq.gz: is cut off or damaged: the reads of both files must"),
    Case("reads that are no fastq", LANE, FASTQ, packed(junk), "fastq/P1_N_L1_R2.fastq.gz: is not of the same reads as its mates"),
    Case("junk as reads", LANE, FASTQ, junk, "fastq/P1_N_L1_R2.fastq.gz: is not of the same reads as its mates"),
    Case("mate missing", LANE, FASTQ, packed(head(4000)), "fastq/P1_N_L1_R1.fastq.gz: has fewer reads than its mates: the reads of both files must be whole and in one"),
    Case("reads out of order", LANE, FASTQ, packed(lambda d: b"".join(d.splitlines(keepends=True)[4:] + d.splitlines(keepends=True)[:4])), "fastq/P1_N_L1_R2.fastq.gz: is not of the same reads as its mates"),
    Case("quality shorter than bases", LANE, FASTQ, packed(line(3, "FFF")), "fastq/P1_N_L1_R2.fastq.gz: is not of the same reads as its mates"),
    Case("no reads", LANE, FASTQ, packed(empty), "fastq/P1_N_L1_R1.fastq.gz: has fewer reads than its mates: the reads of both files must be whole and in one"),
    # alignments
    Case("bam cut off", POST, "T.bam", cut(0.6), "T.bam: cut off or damaged"),
    Case("junk as bam", POST, "T.bam", junk, "T.bam: cut off or damaged"),
    Case("bam of another sample", POST, None, None, "T.bam: its reads are of sample T, not of OTHER", "--sample OTHER"),
    Case("bam of another genome", POST, "reference/genome.fa.fai", text("^chr16\t", "chrZ\t"), "T.bam: contig chr16 is not in reference/genome.fa"),
    Case("targets missing", POST, "reference/targets.bed", missing, "reference/targets.bed: no such file"),
    Case("counting a bam without index", COUNT, "T.bam.bai", missing, "T.bam: has no index"),
    Case("counting a bam cut off", COUNT, "T.bam", cut(0.6), "T.bam: not a readable BAM or CRAM"),
    Case("sites that are no vcf", COUNT, "reference/common_snps.vcf.gz", junk, "reference/common_snps.vcf.gz: bcftools cannot read it as a VCF"),
    Case("no bam", COUNT, "N.bam", missing, "N.bam: no such file"),
    Case("negative quality", COUNT, None, None, "--min-base-quality and --min-mapping-quality must be 0 or more", "--min-base-quality -1"),
    # calls
    Case("vcf cut in a row", IMPORT, "raw.vcf", cut(0.97), "raw.vcf: bcftools sort could not read it: [E::vcf_parse_format] Number of columns at chr16:1001 does not"),
    Case("vcf without header", IMPORT, "raw.vcf", lambda d: d.splitlines(keepends=True)[-1], "raw.vcf: no '#CHROM' line before the first record"),
    Case("vcf of another build", IMPORT, "raw.vcf", text("\t([ACGT])\t([ACGT])\t", r"\t\2\t\1\t"), "raw.vcf: line 8: REF is A at chr16:1001, but reference/genome.fa has T"),
    Case("position that is a word", IMPORT, "raw.vcf", text("^chr16\t1001", "chr16\tten"), "raw.vcf: line 8: position 'ten' is not a number"),
    Case("variant past the end", IMPORT, "raw.vcf", text("^chr16\t1001", "chr16\t99999999"), "raw.vcf: line 8: chr16:99999999 is past the contig's end in reference/genome.fa"),
    Case("variant on no contig", IMPORT, "raw.vcf", text("^chr16\t", "chr99\t"), "raw.vcf: line 8: contig chr99 is not in reference/genome.fa"),
    Case("position in signs of another script", IMPORT, "raw.vcf", text("^chr16\t1001", "chr16\t١٠"), "raw.vcf: line 8: position '١٠' is not a number"),
    Case("empty vcf", IMPORT, "raw.vcf", empty, "raw.vcf: the file is empty"),
    Case("tumour not in the vcf", FILTER, None, None, "raw.vcf: --tumor 'X' is not a sample of the VCF", "--tumor X"),
    Case("tumour and normal the same", FILTER, None, None, "--normal T: the same sample as --tumor", "--normal T"),
    Case("vcf without AD", FILTER, "raw.vcf", text("GT:AD", "GT:XX"), "raw.vcf: chr16:1001 has no allele depths"),
    Case("calls of another caller", FILTER, "raw.vcf", text("##MutectVersion=2.2", "##source=strelka"), "raw.vcf: not a VCF of Mutect2 but of strelka"),
    Case("calls without the chr prefix", FILTER, "raw.vcf", text("^chr16\t", "16\t"), "raw.vcf: contig 16 is not in reference/genome.fa"),
    Case("calls of a contig of another length", FILTER, "raw.vcf", text("(ID=chr16,length=)\\d+", r"\g<1>90354753"), "raw.vcf: contig chr16 has 90354753 bases, in reference/genome.fa"),
    Case("stats missing", FILTER, None, None, "nowhere.stats: no such file", "--stats nowhere.stats"),
    Case("contamination table broken", FILTER, "panel.tsv", line(0, "x\ty"), "panel.tsv: column 'sample' is missing", "--contamination panel.tsv"),
    Case("orientation no archive", FILTER, "panel.tsv", line(0, "x"), "panel.tsv: not an archive of LearnReadOrientationModel", "--orientation panel.tsv"),
    Case("negative depth", FILTER, None, None, "--min-depth must be 0 or more and --beta above 0", "--min-depth -5"),
    Case("gene models missing", ANNOTATE, "reference/genes.gff3", missing, "reference/genes.gff3: no such file"),
    Case("gene models junk", ANNOTATE, "reference/genes.gff3", junk, "reference/genes.gff3: not readable as text"),
    Case("no fasta index", ANNOTATE, "reference/genome.fa.fai", missing, "reference/genome.fa: its index reference/genome.fa.fai is missing"),
    Case("annotator without annotation", ANNOTATE, None, None, "raw.vcf: no CSQ, ANN, BCSQ in its header, so it is not annotated", "--annotator given"),
    Case("hotspots broken", ANNOTATE, "groups.tsv", head(3), "groups.tsv: column 'gene' is missing", "--hotspots groups.tsv"),
    Case("panel without header", REGIONS, "panel.tsv", line(0, "TP53\tx\ty\tz"), "panel.tsv: column 'gene' is missing"),
    Case("negative padding", REGIONS, None, None, "--padding -3 must be 0 or more bases", "--padding -3"),
    Case("variants broken", GENOTYPE, "T.variants.tsv", lambda _: b"chrom\tpos\nchr16\tten\n", "T.variants.tsv: column 'ref' is missing"),
    # copy number
    Case("no counts", SEGMENT, COUNTS, missing, "counts.csv: no such file"),
    Case("counts empty", SEGMENT, COUNTS, empty, "counts.csv: the file is empty"),
    Case("counts header only", SEGMENT, COUNTS, head(1), "counts.csv: holds no site"),
    Case("ten sites", SEGMENT, COUNTS, head(8), "counts.csv: only 7 sites have 8 reads in the normal"),
    Case("count that is no number", SEGMENT, COUNTS, column("File1R", "many", 5, ","), "counts.csv: row 6, column 'File1R': 'many' is not a count"),
    Case("negative count", SEGMENT, COUNTS, column("File1R", "-4", 5, ","), "counts.csv: row 6, column 'File1R': '-4' is not a count"),
    Case("position that is no number", SEGMENT, COUNTS, column("Position", "x", 5, ","), "counts.csv: row 6, column 'Position': 'x' is not a count"),
    Case("position past the contig", SEGMENT, COUNTS, column("Position", "999999999", 5, ","), "counts.csv: position 1:999999999 is past the contig"),
    Case("no tumour column", SEGMENT, COUNTS, lambda d: b"\n".join(b",".join(r.split(b",")[:8]) for r in d.splitlines()), "counts.csv: column 'File2R' is missing"),
    Case("missing column", SEGMENT, COUNTS, without("File2A", ","), "counts.csv: column 'File2A' is missing"),
    Case("row cut short", SEGMENT, COUNTS, more('"chr1",5,"A"'), "counts.csv: row 1001, column 'File1R': 'nan' is not a count"),
    Case("junk as counts", SEGMENT, COUNTS, junk, "counts.csv: not a readable CSV"),
    Case("contigs of no genome", SEGMENT, COUNTS, lambda d: d.replace(b'"chr', b'"scaffold'), "counts.csv: no contig of GRCh38"),
    Case("two names for one tumour", SEGMENT, None, None, "counts.csv: holds 1 tumour(s), --sample names 2", "--sample A B"),
    Case("unknown genome", SEGMENT, None, None, "--genome mars: unknown", "--genome mars"),
    Case("table of GC without its columns", SEGMENT, "groups.tsv", lambda _: b"contig\tgc\n1\t0.4\n", "groups.tsv: needs the columns chrom, window, gc", "--gc-table groups.tsv"),
    Case("purity above one", SEGMENT, None, None, "--purity 1.5: must be a number within 0.03 and 1", "--purity 1.5"),
    Case("genes on no contig", SEGMENT, "groups.tsv", lambda _: b"gene\tchrom\tstart\tend\nA\tzz\t1\t2\n", "groups.tsv: no gene on a contig of GRCh38", "--genes groups.tsv"),
    Case("gene backwards", SEGMENT, "groups.tsv", lambda _: b"gene\tchrom\tstart\tend\nA\tchr1\t9\t2\n", "groups.tsv: gene A: start 9 is after end 2", "--genes groups.tsv"),
    # clonality
    Case("solutions missing a column", CLONALITY, "evidence/T1.solutions.tsv", without("ccf"), "evidence/T1.solutions.tsv: column 'ccf' is missing"),
    Case("copies below zero", CLONALITY, "evidence/T1.solutions.tsv", column("total_cn", "-1"), "evidence/T1.solutions.tsv: row 2, column 'total_cn': -1 is not allowed"),
    Case("minor above total", CLONALITY, "evidence/T1.solutions.tsv", column("minor_cn", "9"), "evidence/T1.solutions.tsv: row 2: minor_cn 9 is above total_cn 2"),
    Case("purity json broken", CLONALITY, "evidence/T1.purity_ploidy.json", cut(0.4), "evidence/T1.purity_ploidy.json: not valid JSON"),
    Case("purity json a list", CLONALITY, "evidence/T1.purity_ploidy.json", lambda _: b"[1]", "evidence/T1.purity_ploidy.json: holds a list, not a JSON object"),
    Case("purity json without an end", CLONALITY, "evidence/T1.purity_ploidy.json", lambda _: b'{"a":' * 100_000, "evidence/T1.purity_ploidy.json: not valid JSON"),
    Case("copies beyond counting", CLONALITY, "evidence/T1.solutions.tsv", column("total_cn", "1e30"), "evidence/T1.solutions.tsv: row 2, column 'total_cn': '1e30' is not a valid int"),
    Case("vaf table without reads", CLONALITY, "evidence/T1.variants.tsv", column("tumor_alt", "some"), "evidence/T1.variants.tsv: row 2, column 'tumor_alt': 'some' is not a valid int"),
    # reads of cells
    Case("transgene without sequence", PREPARE, "tenx/car.fa", head(1), "tenx/car.fa: CAR has no sequence"),
    Case("transgene as protein", PREPARE, "tenx/car.fa", lambda _: b">CAR\nMALPVTALLLPLALL\n", "tenx/car.fa: line 2 is not FASTA of A, C, G, T, N"),
    Case("transgene named as a gene", PREPARE, "tenx/car.fa", text(">CAR", ">G3"), "tenx/car.fa: 'G3' is a gene of tenx/genes.gff3 already"),
    Case("gene models of another genome", PREPARE, "tenx/genes.gff3", lambda d: d.replace(b"chr1\t", b"7\t"), "tenx/genes.gff3: none of its exons lies on a contig of tenx/genome.fa"),
    Case("whitelist missing", READS, "tenx/whitelist.txt.gz", missing, "tenx/whitelist.txt.gz: no such file"),
    Case("whitelist of another kit", READS, "tenx/whitelist.txt.gz", lambda _: b"ACGTACGTACGTACGT\n", "tenx/R1.fastq.gz: 0% of its first"),
    Case("whitelist with other barcodes", READS, "tenx/whitelist.txt.gz", lambda _: b"ACGTACGTACGTACGTAC\n", "tenx/whitelist.txt.gz: line 1: 'ACGTACGTACGTACGTAC' is not a barcode of 16 letters"),
    Case("barcodes cut short", READS, TENX, packed(lambda d: re.sub(rb"(?m)^([ACGTI]{20}).*$", rb"\1", d)), "tenx/R1.fastq.gz: has reads shorter than 26 bases"),
    Case("barcodes and cDNA swapped", READS, None, None, "tenx/R2.fastq.gz: is the cDNA, and tenx/R1.fastq.gz the barcodes", "--fastq-1 tenx/R2.fastq.gz --fastq-2 tenx/R1.fastq.gz"),
    Case("another kit said", READS, None, None, "give --chemistry 10xv3 or auto", "--chemistry 10xv2"),
    Case("reads of cells cut off", READS, TENX, cut(0.5), "tenx/R1.fastq.gz: cannot be read"),
    Case("no index of STAR", READS, "tenx/index/SA", missing, "tenx/index: is no index of STAR"),
    # cells
    Case("samples of cells without matrix", ATLAS, "cells.tsv", text("cells/S7", "cells/S99"), "cells/S99: no such file or folder"),
    Case("matrix cut off", ATLAS, MATRIX, cut(0.5), "cells/S7/matrix.mtx.gz: not a readable MatrixMarket file"),
    Case("matrix with a number too many", ATLAS, MATRIX, packed(more("1 1 x")), "cells/S7/matrix.mtx.gz: not a readable MatrixMarket file"),
    Case("matrix with more entries than places", ATLAS, MATRIX, packed(text("^(\\d+) (\\d+) (\\d+)$", r"\1 \2 99999999999")), "cells/S7/matrix.mtx.gz: not a readable MatrixMarket file (it tells of 99999999999 entries"),
    Case("matrix with a billion cells", ATLAS, MATRIX, packed(text("^(\\d+) (\\d+) (\\d+)$", r"\1 1000000000 \3")), "cells/S7/matrix.mtx.gz: has 9077 rows and 1000000000 columns, but features.tsv.gz has"),
    Case("features fewer than rows", ATLAS, "cells/S7/features.tsv.gz", packed(head(10)), "cells/S7/matrix.mtx.gz: has 9077 rows and 156 columns, but features.tsv.gz has 10 lines and barcodes.tsv.gz"),
    Case("barcodes twice", ATLAS, "cells/S7/barcodes.tsv.gz", packed(lambda d: d.splitlines(keepends=True)[0] * len(d.splitlines())), "cells/S7: cell CAGGAGTAGTGCGTCC-1 occurs 156 times"),
    Case("h5 cut off", ATLAS, H5, cut(0.5), "cells/S1.h5: not a readable 10x .h5 or .h5ad", "--samples h5.tsv"),
    Case("negative resolution", ATLAS, None, None, "--resolution must be at least 0", "--resolution -1"),
    Case("mitochondria above one", ATLAS, None, None, "--max-mito is a share between 0 and 1, 0.2 for 20 %", "--max-mito 5"),
    Case("markers broken", ATLAS, "groups.tsv", head(2), "groups.tsv: column 'cell_type' is missing", "--markers groups.tsv"),
    Case("groups without header", CELLS, "groups.tsv", line(0, "x\ty"), "groups.tsv: column 'cell' is missing"),
    Case("no cell of the matrix", CELLS, "groups.tsv", lambda _: b"cell\tgroup\nA\tB\nC\tplasma\n", "groups.tsv: none of its 2 cells is in the matrix"),
    Case("no reference cell", CELLS, None, None, "--reference NK: no such group in groups.tsv", "--reference NK"),
    Case("fractions in the matrix", CELLS, MATRIX, packed(text(" 1$", " 1.5")), "cells/S7: matrix.mtx.gz holds 1.5, which is no count"),
    Case("cell in two groups", CELLS, "groups.tsv", again, "groups.tsv: cell CGACCAAACCTTGAAT-1 has 2 rows"),
    # clinical
    Case("day missing", CLINICAL, "clinical/markers.csv", column("day", "", 1, ","), "clinical/markers.csv: row 2, column 'day', value '': is empty"),
    Case("unknown measure", CLINICAL, "clinical/markers.csv", column("measure", "weight", 1, ","), "clinical/markers.csv: row 2, column 'measure', value 'weight': is not known"),
    Case("value in words", CLINICAL, "clinical/markers.csv", column("value", "high", 1, ","), "clinical/markers.csv: row 2, column 'value', value 'high': is not a number"),
    Case("unit of another measure", CLINICAL, "clinical/markers.csv", column("unit", "furlongs", 1, ","), "clinical/markers.csv: row 2, column 'unit', value 'furlongs': is no unit of m_spike"),
    Case("date of a measurement", CLINICAL, "clinical/markers.csv", column("day", "2024-01-05", 1, ","), "clinical/markers.csv: row 2, column 'day', value '2024-01-05': is not a whole number"),
    Case("value that is a formula", CLINICAL, "clinical/markers.csv", column("value", "=1+1", 1, ","), "clinical/markers.csv: row 2, column 'value', value '=1+1': would run as a formula"),
    Case("ct in words", CLINICAL, "clinical/qpcr.csv", column("ct", "late", 1, ","), "clinical/qpcr.csv: row 2, column 'ct', value 'late': is not a number"),
    Case("role unknown", CLINICAL, "clinical/qpcr.csv", column("role", "friend", 1, ","), "clinical/qpcr.csv: row 2, column 'role', value 'friend': is not known"),
    Case("standard without copies", CLINICAL, "clinical/qpcr.csv", column("standard_copies", "", 1, ","), "clinical/qpcr.csv: row 2, column 'standard_copies', value '': is empty"),
    Case("percent above 100", CLINICAL, "clinical/fish.csv", column("percent_abnormal", "140", 1, ","), "clinical/fish.csv: row 2, column 'percent_abnormal', value '140': is out of range"),
    Case("no cells scored", CLINICAL, "clinical/fish.csv", column("cells_scored", "0", 1, ","), "clinical/fish.csv: row 2, column 'cells_scored', value '0': is out of range"),
    Case("abnormality unknown", CLINICAL, "clinical/fish.csv", column("abnormality", "odd", 1, ","), "clinical/fish.csv: row 2, column 'abnormality', value 'odd': is not known"),
    # report
    Case("no samples table", REPORT, "evidence/samples.tsv", missing, "evidence/samples.tsv: no such file"),
    Case("samples of another patient", REPORT, None, None, "evidence/samples.tsv: no sample of patient 'P9'", "--patient P9"),
    Case("patient with a slash", REPORT, None, None, "--patient 'a/b': it names files", "--patient a/b"),
    Case("share above a half", REPORT, None, None, "--min-share 0.9: it must be above 0 and at most 0.5 of the tumour cells", "--min-share 0.9"),
    Case("segments cut", REPORT, "evidence/T1.segments.tsv", cut(0.7), "cells, the header has 23: cut off, or tabs are lost"),
    Case("panel json", REPORT, "evidence/panel.tsv", lambda _: b'{"a": 1}', "evidence/panel.tsv: column 'gene' is missing"),
    Case("panel reason that is a formula", REPORT, "evidence/panel.tsv", column("reason", "@SUM(A1)"), "evidence/panel.tsv: row 2, column 'reason': '@SUM(A1)' would run as a formula in a spreadsheet"),
    Case("reads below zero", REPORT, "evidence/T1.variants.tsv", column("tumor_alt", "-3"), "evidence/T1.variants.tsv: row 2, column 'tumor_alt': -3 is not allowed"),
    Case("folder missing", REPORT, None, None, "nowhere: no such folder", "--evidence nowhere"),
]
