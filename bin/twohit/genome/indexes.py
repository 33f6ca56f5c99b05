"""The FASTA and its indexes in one folder: .fai, .dict and bwa's, reused where they fit and built where they do not."""

import gzip
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from twohit.errors import InputError
from twohit.machine import blame_machine
from twohit.textfiles import is_zipped

FASTA = "genome.fa"
BWA_ENDS = ("amb", "ann", "bwt", "pac", "sa")


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


def install_fasta(path: Path, folder: Path, report: Report) -> Path:
    """Bring the FASTA into the folder, uncompressed, with its .fai."""
    out = folder / FASTA
    zipped = is_zipped(path)
    if zipped:
        with gzip.open(path, "rb") as source, open(out, "wb") as target:
            shutil.copyfileobj(source, target)
    else:
        place(path, out)
    with open(out, "rb") as handle:
        if handle.read(1) != b">":
            raise InputError(f"{path}: not a FASTA (it does not begin with '>'); give the genome's sequence")
    old = _beside(path, ".fai")
    if old is not None and not zipped and _index_fits(old, out):
        shutil.copyfile(old, f"{out}.fai")
        report.reused.append(f"{FASTA}.fai")
    else:
        if "duplicate sequence" in _tool(["samtools", "faidx", str(out)], path):
            raise InputError(f"{path}: a contig is in it twice, so that no read maps to it uniquely; keep one")
        report.built.append(f"{FASTA}.fai")
    return out


def place(source: Path, target: Path) -> None:
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


def dictionary(source: Path, folder: Path, lengths: dict[str, int], report: Report) -> None:
    """Copy a .dict whose contigs and lengths are the FASTA's, else make one."""
    out = folder / "genome.dict"
    old = _beside(source, ".dict")
    if old is not None:
        lines = [line.split("\t") for line in old.read_text(encoding="utf-8").splitlines() if line.startswith("@SQ")]
        tags = [dict(item.split(":", 1) for item in line[1:]) for line in lines]
        if [(tag.get("SN"), tag.get("LN")) for tag in tags] == [(n, str(k)) for n, k in lengths.items()]:
            shutil.copyfile(old, out)
            report.reused.append(out.name)
            return
    _tool(["samtools", "dict", "-u", FASTA, "-o", str(out), str(folder / FASTA)], source)
    report.built.append(out.name)


def bwa_index(source: Path, folder: Path, lengths: dict[str, int], report: Report) -> None:
    """Copy a complete bwa index of the same contigs, else build one."""
    old = {end: _beside(source, f".{end}") for end in BWA_ENDS}
    if all(old.values()) and _bwa_contigs(old["ann"]) == list(lengths.items()):
        for end, path in old.items():
            place(path, folder / f"{FASTA}.{end}")
        report.reused.append(f"{FASTA}.bwt")
        return
    _tool(["bwa", "index", str(folder / FASTA)], source)
    report.built.append(f"{FASTA}.bwt")


def _bwa_contigs(annotation: Path) -> list[tuple[str, int]]:
    """Contigs and lengths of a bwa .ann file."""
    lines = annotation.read_text(encoding="utf-8").splitlines()[1:]
    return [(name.split()[1], int(place.split()[1])) for name, place in zip(lines[::2], lines[1::2])]


def _tool(command: list[str], path: Path) -> str:
    """Run a tool; gives what it said on stderr."""
    if shutil.which(command[0]) is None:
        raise InputError(f"{command[0]}: not on PATH; install it (make env) or add its folder to PATH")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        blame_machine(" ".join(command[:2]), done.returncode, done.stderr)
        said = done.stderr.strip().splitlines() or ["no message"]
        raise InputError(f"{path}: {' '.join(command[:2])} could not read it: {said[-1]}; give a FASTA of the genome")
    return done.stderr
