#!/usr/bin/env python3
"""Take in what another program made: calls (VCF), or copy number of PURPLE or FACETS in place of our own.

Calls are checked against the reference, sorted, bgzipped, indexed; reads of each allele are written as AD, whatever
fields the caller tells them in (Strelka, VarScan, VarDict, FreeBayes, LoFreq ...). Copy number becomes S.segments.tsv,
S.solutions.tsv, S.arms.tsv, S.genes.tsv and S.purity_ploidy.json, as segment_copy_number.py writes them.
"""

from pathlib import Path

from twohit import cli
from twohit.errors import InputError

EXAMPLE = """import_calls.py --vcf calls.vcf.gz --reference genome.fa --sample T --out T.given.vcf.gz
  import_calls.py --from purple --tables purple/ --sample T --genome GRCh38 --outdir results/P1/dna
  import_calls.py --from facets --tables T.cncf.txt --purity 0.8 --ploidy 2.1 --sample T --genome hg19 --outdir dna"""


def main(argv=None) -> None:
    """Parse the command line and import."""
    made = cli.parser(__doc__, EXAMPLE)
    made.add_argument(
        "--from", dest="program", choices=("vcf", "purple", "facets"), default="vcf", help="what it is (vcf)"
    )
    made.add_argument("--vcf", type=cli.existing_file, help="VCF, plain, gzipped or bgzipped")
    made.add_argument("--reference", type=cli.existing_file, help="FASTA with its .fai beside it")
    made.add_argument("--out", type=Path, help="VCF to write (.vcf.gz)")
    made.add_argument("--tables", type=Path, help="PURPLE's output folder; FACETS' cncf table or a folder with one")
    made.add_argument("--sample", help="sample id; a VCF's column TUMOR gets this name")
    made.add_argument("--genome", help="GRCh38, hg19 or a JSON of contigs, lengths and arms")
    made.add_argument(
        "--genes", type=cli.existing_file, help="gene positions (GTF, GFF3, TSV); PURPLE's own by default"
    )
    made.add_argument("--sex", choices=("female", "male"), help="sex of the patient (what PURPLE saw by default)")
    made.add_argument("--purity", type=float, help="FACETS' purity, where no file beside the table tells it")
    made.add_argument("--ploidy", type=float, help="FACETS' ploidy, likewise")
    made.add_argument("--outdir", type=Path, help="folder of the tables")
    options = made.parse_args(argv)
    needed = ("vcf", "reference", "out") if options.program == "vcf" else ("tables", "sample", "genome", "outdir")
    missing = [f"--{name}" for name in needed if getattr(options, name) is None]
    if missing:
        raise InputError(f"--from {options.program} needs {', '.join(missing)}; see --help")
    if options.program == "vcf":
        from twohit.variants.import_calls import import_calls

        import_calls(options.vcf, options.reference, options.out, options.sample)
        return
    _import_copy_number(options)


def _import_copy_number(options) -> None:
    from twohit.genome.contigs import load_genome
    from twohit.imports.facets import read_facets
    from twohit.imports.foreign import write_foreign
    from twohit.imports.purple import read_purple

    genome = load_genome(options.genome)
    if options.program == "purple":
        found = read_purple(options.tables)
    else:
        found = read_facets(options.tables, options.purity, options.ploidy, options.sex, genome.name)
    write_foreign(found, options.sample, genome, options.outdir, options.sex, options.genes)


if __name__ == "__main__":
    cli.run(main)
