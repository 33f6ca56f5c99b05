"""More rows of the table: scripts that work on finished results, and those that work on the reads of cells."""

from tests.bad_inputs.cases import Case
from tests.bad_inputs.edits import again, column, cut, empty, head, junk, missing, text, without

COMMANDS = {
    "simulate_patient.py": "--preset tiny --cell-samples 0 --outdir out",
    "count_cell_alleles.py": "--bam barcoded/S7.bam --barcodes barcoded/barcodes.tsv --snp-counts barcoded/counts.csv "
    "--segments barcoded/segments.tsv --genome reference/genome.json --if-possible --out out/x.tsv",
    "genotype_cells.py": "--bam barcoded/S7.bam --barcodes barcoded/barcodes.tsv --variants T.variants.tsv "
    "--reference reference/genome.fa --out out/x.tsv",
    "judge_plasma_cells.py": "--patient P1 --atlas atlas/P1.cells.h5ad --panel panel.tsv --outdir out",
    "fingerprint_samples.py": "--snp-counts barcoded/counts.csv --tumor T --out out/x.tsv",
    "report_cohort.py": "--events finished/events.tsv --outdir out",
    "validate_run.py": "--truth finished/truth --results finished/results/P --outdir out",
    "verify_results.py": "finished/results",
    "write_manifest.py": "--folder finished/results --only run "
    "--manifests finished/results/P/manifest.json --out out/x.json",
    "write_crate.py": "--run finished/results/manifest.json --manifests finished/results/P/manifest.json "
    "--params finished/results/run/params.json --versions finished/results/run/versions.tsv --out out/x.json",
    "checksum_files.py": "--files finished/truth --owner P --out out/x.tsv",
    "gather_quality.py": "--folders finished/results/P --out out/x_mqc.json",
    "tool_versions.py": "--out out/x.tsv",
}
SIMULATE, ALLELES, GENOTYPE = "simulate_patient.py", "count_cell_alleles.py", "genotype_cells.py"
PLASMA, FINGERPRINT, COHORT = "judge_plasma_cells.py", "fingerprint_samples.py", "report_cohort.py"
VALIDATE, VERIFY, MANIFEST = "validate_run.py", "verify_results.py", "write_manifest.py"
CRATE, CHECKSUM, QUALITY, VERSIONS = "write_crate.py", "checksum_files.py", "gather_quality.py", "tool_versions.py"
BAM, LISTED, BULK = "barcoded/S7.bam", "barcoded/barcodes.tsv", "barcoded/counts.csv"
RESULTS, EVENTS = "finished/results", "finished/events.tsv"

CASES = [
    Case("unknown preset", SIMULATE, None, None, "--preset giant: unknown; give one of", "--preset giant"),
    Case("purity of two", SIMULATE, None, None, "--purity 2.0: out of range", "--purity 2"),
    Case("barcoded bam missing", ALLELES, BAM, missing, "barcoded/S7.bam: no such file"),
    Case("barcoded bam cut off", ALLELES, BAM, cut(0.5), "barcoded/S7.bam: "),
    Case("bam without barcodes", ALLELES, None, None, "T.bam: none of its first", "--bam T.bam"),
    Case("bulk counts in words", ALLELES, BULK, column("File2R", "many", 3, ","), "barcoded/counts.csv: row 4"),
    Case("bulk counts of one sample", ALLELES, None, None, "--tumor 3: barcoded/counts.csv has 1", "--tumor 3"),
    Case(
        "segments without a column",
        ALLELES,
        "barcoded/segments.tsv",
        without("minor_cn"),
        "barcoded/segments.tsv: column 'minor_cn' is missing",
    ),
    Case("two samples for one bam", ALLELES, None, None, "--sample names 2 samples for 1 BAMs", "--sample A B"),
    Case("no cell listed", GENOTYPE, LISTED, empty, "barcoded/barcodes.tsv: the file is empty"),
    Case(
        "cell listed twice", GENOTYPE, LISTED, again, "barcoded/barcodes.tsv: barcode TTTTTTTTTTTTTTTT-1 occurs twice"
    ),
    Case(
        "barcodes of another run",
        GENOTYPE,
        LISTED,
        lambda _: b"CCCCCCCCCCCCCCCA-1\n",
        "barcoded/S7.bam: none of its cells is among the 1 listed",
    ),
    Case("barcodes that are no text", GENOTYPE, LISTED, junk, "is no barcode, so this is no list of them"),
    Case(
        "variant past the end of its contig", GENOTYPE, "T.variants.tsv", column("pos", "999999999"), "chr16:999999999"
    ),
    Case(
        "variant on another contig",
        GENOTYPE,
        "T.variants.tsv",
        column("chrom", "chr99"),
        "chr99:1001: not a place of reference/genome.fa",
    ),
    Case("cells of a junk bam", GENOTYPE, BAM, junk, "barcoded/S7.bam: not a readable BAM"),
    Case("atlas cut off", PLASMA, "atlas/P1.cells.h5ad", cut(0.5), "atlas/P1.cells.h5ad: "),
    Case("atlas that is a table", PLASMA, None, None, "groups.tsv: ", "--atlas groups.tsv"),
    Case("plasma panel without genes", PLASMA, "panel.tsv", head(1), "panel.tsv"),
    Case(
        "copy number of cells missing",
        PLASMA,
        None,
        None,
        "--copy-number nowhere: no such folder",
        "--copy-number nowhere",
    ),
    Case("fingerprint of an empty file", FINGERPRINT, BULK, empty, "barcoded/counts.csv: the file is empty"),
    Case(
        "fingerprint without the normal",
        FINGERPRINT,
        BULK,
        without("File1A", ","),
        "barcoded/counts.csv: column 'File1A' is missing",
    ),
    Case(
        "fingerprint below zero",
        FINGERPRINT,
        BULK,
        column("File1R", "-4", 2, ","),
        "barcoded/counts.csv: row 3, column 'File1R': '-4' is not a count",
    ),
    Case(
        "more names than tumours",
        FINGERPRINT,
        None,
        None,
        "barcoded/counts.csv: holds fewer tumours than are named",
        "--tumor T T2",
    ),
    Case("cells without their bam", FINGERPRINT, None, None, "--cells S7: not SAMPLE=BAM", "--cells S7"),
    Case(
        "status unknown",
        COHORT,
        EVENTS,
        column("status", "maybe"),
        "finished/events.tsv: row 2, column 'status', value 'maybe'",
    ),
    Case("patient with an event twice", COHORT, EVENTS, again, "patient 'P8' has it in row 19"),
    Case(
        "event without patient",
        COHORT,
        EVENTS,
        column("patient", ""),
        "finished/events.tsv: row 2, column 'patient', value '': is empty",
    ),
    Case("events without rows", COHORT, EVENTS, head(1), "finished/events.tsv: there is no row under the header"),
    Case(
        "cohort of two kinds",
        COHORT,
        None,
        None,
        "give one of --results, --events, or tables made elsewhere",
        "--results finished",
    ),
    Case("truth missing", VALIDATE, None, None, "nowhere", "--truth nowhere"),
    Case("results without manifest", VALIDATE, f"{RESULTS}/P/manifest.json", missing, "has no manifest.json"),
    Case(
        "truth of another genome",
        VALIDATE,
        "finished/truth/regions.bed",
        text("chr1", "chrQ"),
        "truth: its BED (chrQ ...) has no contig of its variants",
    ),
    Case(
        "verdict unknown to the list",
        VALIDATE,
        "finished/truth/genes.tsv",
        text("intact", "lost?"),
        "finished/truth/genes.tsv: ",
    ),
    Case("batch without history", VALIDATE, None, None, "--history", "--batch B1"),
    Case("tumour not in the results", VALIDATE, None, None, "name the one of the truth with --sample", "--sample X"),
    Case("manifest missing", VERIFY, f"{RESULTS}/manifest.json", missing, "finished/results: has no manifest.json"),
    Case("manifest cut off", VERIFY, f"{RESULTS}/manifest.json", cut(0.6), "finished/results/manifest.json: "),
    Case(
        "manifest of something else",
        VERIFY,
        f"{RESULTS}/manifest.json",
        lambda _: b'{"a": 1}',
        "is not a manifest of twohit",
    ),
    Case(
        "published file changed",
        VERIFY,
        f"{RESULTS}/P/dna/T.segments.tsv",
        text("chr1", "chr2"),
        "T.segments.tsv: has changed since the run",
    ),
    Case("published file lost", VERIFY, f"{RESULTS}/P/samples.tsv", missing, "samples.tsv: is missing"),
    Case("no results at all", VERIFY, None, None, "nowhere: no such folder", "nowhere"),
    Case("manifest of no folder", MANIFEST, None, None, "--folder nowhere: no such folder", "--folder nowhere"),
    Case(
        "folder without a file",
        MANIFEST,
        None,
        None,
        "finished/empty: holds no file",
        "--folder finished/empty --patient P",
    ),
    Case(
        "run of a file that is no manifest",
        MANIFEST,
        f"{RESULTS}/P/manifest.json",
        lambda _: b"{}",
        "is not a manifest of twohit",
    ),
    Case("option unknown", VERSIONS, None, None, "unrecognized arguments: --maven", "--maven 3"),
    Case("crate of a broken manifest", CRATE, f"{RESULTS}/manifest.json", cut(0.5), "finished/results/manifest.json: "),
    Case("crate of broken parameters", CRATE, f"{RESULTS}/run/params.json", junk, "finished/results/run/params.json"),
    Case(
        "crate without versions",
        CRATE,
        f"{RESULTS}/run/versions.tsv",
        missing,
        "finished/results/run/versions.tsv: no such file",
    ),
    Case(
        "crate of another patient",
        CRATE,
        f"{RESULTS}/P/manifest.json",
        text('"patient": "P"', '"patient": "Q"'),
        "give all",
    ),
    Case("checksums of no folder", CHECKSUM, None, None, "--files nowhere: no such folder", "--files nowhere"),
    Case("quality of no folder", QUALITY, None, None, "nowhere: no such folder", "--folders nowhere"),
    Case("quality cut off", QUALITY, f"{RESULTS}/P/dna/T.purity_ploidy.json", cut(0.5), "T.purity_ploidy.json: "),
]
