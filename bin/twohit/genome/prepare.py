"""Make one folder of reference files that agree: indexes built or reused, contigs spelt as in the FASTA.

Everything is checked before anything is written; files are made in a hidden folder and moved into place at the end.
"""

import gzip
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from twohit.errors import InputError
from twohit.genome import agreement
from twohit.genome.contigs import load_genome
from twohit.genome.reference import Reference
from twohit.genome.sites import SitesVcf, check_vcf, install_vcf
from twohit.genome.transcripts import open_text, read_gff
from twohit.schemas import PANEL
from twohit.tables import read_table, write_json

FASTA = "genome.fa"
BWA_ENDS = ("amb", "ann", "bwt", "pac", "sa")
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


@dataclass
class Report:
    """What was done, for reference_report.json."""

    built: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    renamed: dict[str, dict[str, str]] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def mapped(self, name: str, mapping: dict[str, str]) -> None:
        """Note the contigs of a file whose spelling changes."""
        changed = {old: new for old, new in mapping.items() if old != new}
        if changed:
            self.renamed[name] = dict(sorted(changed.items()))


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
        fasta = _install_fasta(inputs.fasta, folder, report)
        with Reference(fasta) as reference:
            contigs = agreement.Contigs(dict(reference.lengths))
            writers = _check_all(inputs, reference, contigs, report)
        for write in writers:
            write(folder, scratch)
        _dictionary(inputs.fasta, folder, contigs, report)
        if inputs.bwa:
            _bwa_index(inputs.fasta, folder, contigs, report)
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
    if inputs.gff:
        writers.append(_check_gff(inputs, contigs, report))
    elif inputs.panel:
        read_table(inputs.panel, PANEL)
    for name, path in inputs.vcfs.items():
        checked = check_vcf(path, reference, contigs, needs_af=name in NEEDS_AF)
        writers.append(_vcf_writer(name, checked, contigs, report))
    for bam in inputs.bams:
        report.warnings += agreement.check_bam(contigs, bam)
    return writers


def _check_gff(inputs: Inputs, contigs: agreement.Contigs, report: Report):
    models = read_gff(inputs.gff)
    mapping = agreement.check_gff(contigs, inputs.gff, models)
    if inputs.panel:
        agreement.check_panel(read_table(inputs.panel, PANEL)["gene"], models, inputs.panel)
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
            _place(checked.path, folder / out)
            shutil.copyfile(f"{checked.path}.tbi", folder / f"{out}.tbi")  # copied: an index must not be older
            report.reused.append(out)
        else:
            install_vcf(checked, contigs, folder / out, scratch)
            report.built.append(out)

    return write


def _install_fasta(path: Path, folder: Path, report: Report) -> Path:
    """Bring the FASTA into the folder, uncompressed, with its .fai."""
    out = folder / FASTA
    with open(path, "rb") as handle:
        zipped = handle.read(2) == b"\x1f\x8b"
    if zipped:
        with gzip.open(path, "rb") as source, open(out, "wb") as target:
            shutil.copyfileobj(source, target)
    else:
        _place(path, out)
    with open(out, "rb") as handle:
        if handle.read(1) != b">":
            raise InputError(f"{path}: not a FASTA (it does not begin with '>'); give the genome's sequence")
    old = _beside(path, ".fai")
    if old is not None and not zipped and _index_fits(old, out):
        shutil.copyfile(old, f"{out}.fai")
        report.reused.append(f"{FASTA}.fai")
    else:
        _tool(["samtools", "faidx", str(out)], path)
        report.built.append(f"{FASTA}.fai")
    return out


def _place(source: Path, target: Path) -> None:
    """Hard link a file (a symlink's target) where possible, else copy it."""
    source = source.resolve()
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _beside(path: Path, end: str) -> Path | None:
    """Find a file that belongs to `path`: beside it, or beside what a symlink (as Nextflow stages) points to."""
    for base in (path, path.resolve()):
        for found in (Path(f"{base}{end}"), base.with_suffix(end) if end == ".dict" else None):
            if found is not None and found.is_file():
                return found
    return None


def _index_fits(index: Path, fasta: Path) -> bool:
    """Whether each line of a .fai points right behind the header line of its contig."""
    size = fasta.stat().st_size
    lines = index.read_text(encoding="utf-8").splitlines()
    with open(fasta, "rb") as handle:
        headers = sum(block.count(b"\n>") for block in iter(lambda: handle.read(1 << 24), b"")) + 1
        if len(lines) != headers:
            return False
        for line in lines:
            name, length, offset, bases, width = line.split("\t")[:5]
            start = max(0, int(offset) - 1000)
            handle.seek(start)
            header = handle.read(int(offset) - start).rstrip(b"\r\n").rsplit(b"\n", 1)[-1].decode(errors="replace")
            last = int(offset) + int(length) + (int(length) // max(1, int(bases))) * (int(width) - int(bases))
            if header.lstrip(">").split(maxsplit=1)[:1] != [name] or last > size + 2:
                return False
    return True


def _dictionary(source: Path, folder: Path, contigs: agreement.Contigs, report: Report) -> None:
    """Copy a .dict whose contigs and lengths are the FASTA's, else make one."""
    out = folder / "genome.dict"
    old = _beside(source, ".dict")
    if old is not None:
        lines = [line.split("\t") for line in old.read_text(encoding="utf-8").splitlines() if line.startswith("@SQ")]
        tags = [dict(item.split(":", 1) for item in line[1:]) for line in lines]
        if [(tag.get("SN"), tag.get("LN")) for tag in tags] == [(n, str(k)) for n, k in contigs.lengths.items()]:
            shutil.copyfile(old, out)
            report.reused.append(out.name)
            return
    _tool(["samtools", "dict", "-u", FASTA, "-o", str(out), str(folder / FASTA)], source)
    report.built.append(out.name)


def _bwa_index(source: Path, folder: Path, contigs: agreement.Contigs, report: Report) -> None:
    """Copy a complete bwa index of the same contigs, else build one."""
    old = {end: _beside(source, f".{end}") for end in BWA_ENDS}
    if all(old.values()) and _bwa_contigs(old["ann"]) == list(contigs.lengths.items()):
        for end, path in old.items():
            _place(path, folder / f"{FASTA}.{end}")
        report.reused.append(f"{FASTA}.bwt")
        return
    _tool(["bwa", "index", str(folder / FASTA)], source)
    report.built.append(f"{FASTA}.bwt")


def _bwa_contigs(annotation: Path) -> list[tuple[str, int]]:
    """Contigs and lengths of a bwa .ann file."""
    lines = annotation.read_text(encoding="utf-8").splitlines()[1:]
    return [(name.split()[1], int(place.split()[1])) for name, place in zip(lines[::2], lines[1::2])]


def _tool(command: list[str], path: Path) -> None:
    if shutil.which(command[0]) is None:
        raise InputError(f"{command[0]}: not on PATH; install it (make env) or add its folder to PATH")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no message"]
        raise InputError(f"{path}: {' '.join(command[:2])} could not read it: {said[-1]}; give a FASTA of the genome")
