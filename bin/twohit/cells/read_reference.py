"""The genome that reads of cells are counted on: FASTA, gene models as GTF, and the transgene as a contig of its own.

A GFF3 is turned into the exon lines that STAR needs. Each record of the transgene's FASTA becomes one contig with one
gene of one exon, all named by the record.
"""

import math
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from twohit.errors import UNREADABLE, InputError, TwohitError
from twohit.genome.gff3 import attributes, bare, feature_lines, interval
from twohit.machine import blame_machine
from twohit.textfiles import open_text, text_lines

FASTA, GTF, INDEX = "genome.fa", "genes.gtf", "index"
SOURCE = "twohit"  # second column of the GTF lines made here
LINE = 60  # bases on a line of FASTA
LARGEST_PREFIX = 14  # bases; STAR's index of suffixes for a whole human genome
LARGEST_BIN = 18  # log2 of bases; STAR's standard chunk of a contig
LARGEST_STEP = 4  # bases between suffixes that are kept
SUFFIX_BYTES = 33 / 8  # of a place on either strand of a human genome
TABLE_MEGABYTES = 1_600  # STAR's table of prefixes of 14 bases
USED_SHARE = 0.9  # of the memory; the rest is for buffers
BIOTYPES = ("biotype", "gene_biotype", "gene_type")  # attributes: Ensembl's GFF3, its GTF and NCBI, GENCODE
COUNTED = re.compile(r"protein_coding|lncRNA|lincRNA|antisense(_RNA)?|C_region|[VDJ]_segment|(IG|TR)_\w+")
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def prepare(fasta: Path, annotation: Path, transgene: Path | None, folder: Path) -> list[str]:
    """Write genome.fa and genes.gtf with the transgene in both.

    Parameters
    ----------
    fasta : Path
        Genome, plain or gzip.
    annotation : Path
        Gene models as GFF3 or GTF, plain or gzip.
    transgene : Path or None
        FASTA of the construct(s).
    folder : Path
        Folder to write to.

    Returns
    -------
    list of str
        Names of the transgene's genes.

    Raises
    ------
    InputError
        If a file is not what it should be, a name is taken, or no exon lies on the genome.
    """
    extra = read_fasta(transgene) if transgene else {}
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".join.") as work:
        _join(fasta, annotation, transgene, extra, Path(work))
        for name in (FASTA, GTF):
            os.replace(Path(work) / name, folder / name)
    return list(extra)


def _join(fasta: Path, annotation: Path, transgene: Path | None, extra: dict[str, str], folder: Path) -> None:
    """Write both files, checked against one another."""
    contigs = _copy_fasta(fasta, extra, transgene, folder / FASTA)
    lines, genes = gene_lines(annotation)
    kept = [line for line in lines if line.split("\t", 1)[0] in contigs]
    if not kept:
        raise InputError(f"{annotation}: none of its exons lies on a contig of {fasta}; give files of one genome")
    for name in extra:
        if name in genes:
            raise InputError(f"{transgene}: {name!r} is a gene of {annotation} already; rename the record")
    kept += [line for name, sequence in extra.items() for line in _transgene_lines(name, len(sequence))]
    (folder / GTF).write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")


def read_fasta(path: Path) -> dict[str, str]:
    """Records of a small FASTA by name; names must be fit for a contig and a gene, sequences of A, C, G, T and N."""
    records: dict[str, list[str]] = {}
    name = None
    try:
        with open_text(path) as handle:
            for number, line in enumerate(handle, 1):
                line = line.strip()
                if line.startswith(">"):
                    name = (line[1:].split() or [""])[0]
                    if not SAFE_NAME.fullmatch(name):
                        why = "is not a name; use letters, digits, '.', '_' and '-'"
                        raise InputError(f"{path}: line {number}: {name!r} {why}")
                    if name in records:
                        raise InputError(f"{path}: line {number}: {name!r} occurs twice; rename one")
                    records[name] = []
                elif line:
                    if name is None or not re.fullmatch("[ACGTNacgtn]+", line):
                        raise InputError(f"{path}: line {number} is not FASTA of A, C, G, T, N; give the DNA sequence")
                    records[name].append(line.upper())
    except UNREADABLE as error:
        raise InputError(f"{path}: not readable as FASTA ({error}); fetch it again") from error
    empty = [name for name, parts in records.items() if not parts]
    if not records or empty:
        raise InputError(f"{path}: {empty[0] if empty else 'the file'} has no sequence; give the DNA sequence")
    return {name: "".join(parts) for name, parts in records.items()}


def _copy_fasta(fasta: Path, extra: dict[str, str], transgene: Path | None, out: Path) -> set[str]:
    """Copy the genome, then the transgene; names of the genome's contigs."""
    contigs: set[str] = set()
    with open(out, "w", encoding="utf-8") as target:
        for number, line in enumerate(text_lines(fasta, "give the genome's FASTA"), 1):
            if number == 1 and not line.startswith(">"):
                raise InputError(f"{fasta}: not a FASTA (it does not begin with '>'); give the genome's sequence")
            if line.startswith(">"):
                name = (line[1:].split() or [""])[0]
                if name in extra:
                    raise InputError(f"{transgene}: {name!r} is a contig of {fasta} already; rename the record")
                contigs.add(name)
            target.write(line if line.endswith("\n") else f"{line}\n")
        for name, sequence in extra.items():
            parts = (sequence[start : start + LINE] for start in range(0, len(sequence), LINE))
            target.write(f">{name}\n" + "".join(f"{part}\n" for part in parts))
    return contigs


def gene_lines(path: Path) -> tuple[list[str], set[str]]:
    """Exon lines as GTF, and all ids and names of genes.

    Parameters
    ----------
    path : Path
        GFF3 or GTF; told by the attributes of the first feature.
    """
    first = next(feature_lines(path), None)
    if first is None:
        raise InputError(f"{path}: has no feature; give gene models as GFF3 or GTF")
    is_gtf = re.match(r'\s*\w+ "', first[1][8]) is not None
    lines, genes = (_from_gtf if is_gtf else _from_gff3)(path)
    if not lines:
        raise InputError(f"{path}: has no exon of a gene's transcript; give gene models with exons")
    return lines, genes


def _from_gtf(path: Path) -> tuple[list[str], set[str]]:
    lines, genes = [], set()
    for number, columns in feature_lines(path):
        if columns[2] != "exon":
            continue
        interval(path, number, columns)
        told = dict(re.findall(r'(\w+) "([^"]*)"', columns[8]))
        if not told.get("gene_id") or not told.get("transcript_id"):
            raise InputError(f"{path}: line {number}: exon without gene_id and transcript_id; give a whole GTF")
        genes |= {told["gene_id"], told.get("gene_name", told["gene_id"])}
        if not _counts(told):
            continue
        lines.append(_line(columns, told["gene_id"], told["transcript_id"], told.get("gene_name") or told["gene_id"]))
    return lines, genes


def _from_gff3(path: Path) -> tuple[list[str], set[str]]:
    names: dict[str, str] = {}  # of features without a parent: genes
    parents: dict[str, str] = {}  # of transcripts
    left_out: set[str] = set()  # genes
    exons: list[tuple[list[str], str]] = []
    for number, columns in feature_lines(path):
        told = attributes(path, number, columns[8])
        if columns[2] == "exon":
            interval(path, number, columns)
            exons += [(columns, parent) for parent in told.get("Parent", "").split(",") if parent]
        elif "ID" in told and "Parent" in told:
            parents[told["ID"]] = told["Parent"].split(",")[0]
        elif "ID" in told:
            names[told["ID"]] = told.get("Name") or bare(told["ID"])
            left_out |= set() if _counts(told) else {told["ID"]}
    lines, genes = [], set()
    for columns, transcript in exons:
        gene = parents.get(transcript)
        if gene in names:
            genes |= {bare(gene), names[gene]}
        if gene in names and gene not in left_out:
            lines.append(_line(columns, bare(gene), bare(transcript), names[gene]))
    return lines, genes


def _counts(told: dict[str, str]) -> bool:
    """Whether a gene with these attributes is one that messengers are counted of; without a biotype it is."""
    biotype = next((told[name] for name in BIOTYPES if told.get(name)), None)
    return biotype is None or COUNTED.fullmatch(biotype) is not None


def _line(columns: list[str], gene: str, transcript: str, name: str) -> str:
    told = f'gene_id "{gene}"; transcript_id "{transcript}"; gene_name "{name}";'
    return "\t".join((columns[0], SOURCE, "exon", *columns[3:5], ".", columns[6], ".", told))


def _transgene_lines(name: str, length: int) -> Iterator[str]:
    told = f'gene_id "{name}"; gene_name "{name}";'
    yield "\t".join((name, SOURCE, "gene", "1", str(length), ".", "+", ".", told))
    told = f'gene_id "{name}"; transcript_id "{name}"; gene_name "{name}";'
    for sort in ("transcript", "exon"):
        yield "\t".join((name, SOURCE, sort, "1", str(length), ".", "+", ".", told))


def index(folder: Path, threads: int = 1, memory: int = 32_000) -> Path:
    """Make STAR's index of a prepared folder; sizes of its tables follow from the genome.

    Parameters
    ----------
    folder : Path
        Folder with genome.fa and genes.gtf; `index/` is written in it.
    threads : int
    memory : int
        Megabytes that may be used.
    """
    sizes = _contig_sizes(folder / FASTA)
    total = sum(sizes)
    sparse = sparseness(total, memory)
    prefix = max(1, min(LARGEST_PREFIX, int(math.log2(total) / 2 - 1)))  # STAR's manual on small genomes
    chunk = max(8, min(LARGEST_BIN, int(math.log2(max(total / len(sizes), 100)))))  # and on many contigs
    out = folder / INDEX
    with tempfile.TemporaryDirectory(dir=folder, prefix=".star.") as work:
        command = ["STAR", "--runMode", "genomeGenerate", "--runThreadN", threads, "--genomeDir", f"{work}/{INDEX}",
                   "--genomeFastaFiles", folder / FASTA, "--sjdbGTFfile", folder / GTF, "--genomeSAindexNbases", prefix,
                   "--genomeChrBinNbits", chunk, "--genomeSAsparseD", sparse,
                   "--limitGenomeGenerateRAM", memory * 1_000_000, "--outFileNamePrefix", f"{work}/"]  # fmt: skip
        run_star(command)
        shutil.rmtree(out, ignore_errors=True)
        os.replace(f"{work}/{INDEX}", out)
    return out


def sparseness(total: int, memory: int) -> int:
    """Every how many bases a suffix is kept: 1 where memory allows, more makes the index smaller and STAR slower.

    Raises
    ------
    InputError
        If the genome does not fit even with few suffixes.
    """
    table = TABLE_MEGABYTES if total > 4 ** (LARGEST_PREFIX - 1) else 0
    for step in range(1, LARGEST_STEP + 1):
        needed = (total + 2 * total * SUFFIX_BYTES / step) / 1_000_000 + table
        if needed <= memory * USED_SHARE:
            return step
    raise InputError(
        f"--memory {memory}: STAR's index of {total:,} bases needs {needed / USED_SHARE:,.0f} MB; give more"
    )


def _contig_sizes(path: Path) -> list[int]:
    sizes: list[int] = []
    with open(path, encoding="utf-8") as handle:
        for line in handle:
            if line.startswith(">"):
                sizes.append(0)
            else:
                sizes[-1] += len(line) - 1
    return sizes


def run_star(command: list) -> None:
    """Run STAR; what it says when it fails is one line.

    Raises
    ------
    TwohitError
        If STAR fails; OutOfMemory if it was killed.
    """
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        blame_machine("STAR", done.returncode, done.stderr)
        said = [line for line in (done.stderr + done.stdout).splitlines() if "EXITING" in line or "SOLUTION" in line]
        raise TwohitError(f"STAR: {' '.join(said) or done.stderr.strip() or 'failed'}")
