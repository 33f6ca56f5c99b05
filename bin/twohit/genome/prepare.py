"""Make one folder of reference files that agree: indexes built or reused, contigs spelt as in the FASTA.

Everything is checked before anything is written; files are made in a hidden folder and moved into place at the end.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from twohit.genome import agreement
from twohit.genome.contigs import load_genome, plain
from twohit.genome.indexes import Report, bwa_index, dictionary, install_fasta, place
from twohit.genome.panel import expand_panel
from twohit.genome.reference import Reference
from twohit.genome.sites import SitesVcf, check_vcf, install_vcf
from twohit.genome.transcripts import GeneModels, read_gff
from twohit.schemas import PANEL
from twohit.tables import read_table, write_json, write_table
from twohit.textfiles import open_text

NEEDS_AF = ("germline_resource", "common_snps")
SCHEMA_VERSION = 1


@dataclass
class Inputs:
    """The user's files, all but the FASTA optional; `vcfs` by the name the file gets (known_sites ...)."""

    fasta: Path
    gff: Path | None = None
    targets: Path | None = None
    vcfs: dict[str, Path] = field(default_factory=dict)
    bams: list[Path] = field(default_factory=list)
    panel: Path | None = None
    genome: str | None = None
    bwa: bool = True


def prepare(inputs: Inputs, outdir: Path) -> dict:
    """Check the files against one another and write the folder.

    Returns
    -------
    dict
        What reference_report.json holds: contigs, files, built, reused, renamed, dropped, warnings.

    Raises
    ------
    InputError
        For the first file that does not fit, with the fix; nothing is left half written.
    """
    outdir.mkdir(parents=True, exist_ok=True)
    report = Report()
    with tempfile.TemporaryDirectory(dir=outdir, prefix=".preparing.") as made:
        folder, scratch = Path(made) / "done", Path(made) / "scratch"
        folder.mkdir()
        scratch.mkdir()
        fasta = install_fasta(inputs.fasta, folder, report)
        with Reference(fasta) as reference:
            contigs = agreement.Contigs(dict(reference.lengths))
            writers = _check_all(inputs, reference, contigs, report)
        for write in writers:
            write(folder, scratch)
        dictionary(inputs.fasta, folder, contigs.lengths, report)
        if inputs.bwa:
            bwa_index(inputs.fasta, folder, contigs.lengths, report)
        summary = _summary(folder, contigs, report)
        write_json(summary, folder / "reference_report.json")
        for path in sorted(folder.iterdir()):
            os.replace(path, outdir / path.name)
    return summary


def _summary(folder: Path, contigs: agreement.Contigs, report: Report) -> dict:
    return {
        "schema_version": SCHEMA_VERSION,
        "contigs": contigs.lengths,
        "files": sorted(path.name for path in folder.iterdir()),
        "built": report.built,
        "reused": report.reused,
        "renamed": report.renamed,
        "dropped": report.dropped,
        "warnings": report.warnings,
    }


def _check_all(inputs: Inputs, reference: Reference, contigs: agreement.Contigs, report: Report) -> list:
    """Check every file; give the functions (folder, scratch) that write them."""
    writers = []
    if inputs.genome:
        report.warnings += agreement.check_genome(contigs, load_genome(inputs.genome))
    if inputs.targets:
        rows, mapping = agreement.read_targets(contigs, inputs.targets)
        report.mapped("targets.bed", mapping)
        text = "".join("\t".join(row) + "\n" for row in rows)
        writers.append(lambda folder, scratch: (folder / "targets.bed").write_text(text, encoding="utf-8"))
    panel = read_table(inputs.panel, PANEL)[PANEL.names] if inputs.panel else None
    if inputs.gff:
        models = read_gff(inputs.gff)
        mapping = agreement.check_gff(contigs, inputs.gff, models)
        if panel is not None:
            agreement.check_panel(panel["gene"], models, inputs.panel, set(mapping))
            panel = expand_panel(panel, models, _in_use(inputs, contigs, mapping))
        writers.append(_gff_writer(inputs, models, mapping, report))
    if panel is not None:
        writers.append(lambda folder, scratch: write_table(panel, PANEL, folder / "panel.tsv"))
    for name, path in inputs.vcfs.items():
        checked = check_vcf(path, reference, contigs, needs_af=name in NEEDS_AF)
        writers.append(_vcf_writer(name, checked, contigs, report))
    for bam in inputs.bams:
        report.warnings += agreement.check_bam(contigs, bam)
    return writers


def _in_use(inputs: Inputs, contigs: agreement.Contigs, mapping: dict[str, str]) -> list[str]:
    """Contigs of the GFF3 that the FASTA has, and the genome where one is given, in the FASTA's order."""
    lengths = load_genome(inputs.genome).lengths if inputs.genome else None
    used = [name for name in mapping if lengths is None or plain(name) in lengths]
    order = {name: rank for rank, name in enumerate(contigs.lengths)}
    return sorted(used, key=lambda name: order[mapping[name]])


def _gff_writer(inputs: Inputs, models: GeneModels, mapping: dict[str, str], report: Report):
    report.mapped("genes.gff3", mapping)
    there = {gene.chrom for found in models.genes.values() for gene in found}
    if there - set(mapping):
        report.dropped["genes.gff3"] = sorted(there - set(mapping))
    return lambda folder, scratch: _write_gff(inputs.gff, mapping, folder / "genes.gff3")


def _write_gff(path: Path, mapping: dict[str, str], out: Path) -> None:
    """Copy the features on the FASTA's contigs, spelt as there."""
    with open_text(path) as lines, open(out, "w", encoding="utf-8") as handle:
        handle.write("##gff-version 3\n")
        for line in lines:
            if line.startswith("##FASTA"):
                break
            chrom, tab, rest = line.partition("\t")
            if not line.startswith("#") and chrom in mapping:
                handle.write(mapping[chrom] + tab + rest)


def _vcf_writer(name: str, checked: SitesVcf, contigs: agreement.Contigs, report: Report):
    out = f"{name}.vcf.gz"
    report.mapped(out, checked.mapping)
    if checked.dropped:
        report.dropped[out] = sorted(checked.dropped)

    def write(folder: Path, scratch: Path) -> None:
        if checked.ready:
            place(checked.path, folder / out)
            shutil.copyfile(f"{checked.path}.tbi", folder / f"{out}.tbi")  # copied: an index must not be older
            report.reused.append(out)
        else:
            install_vcf(checked, contigs, folder / out, scratch)
            report.built.append(out)

    return write
