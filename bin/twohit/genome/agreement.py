"""Do the reference files speak of one genome? Contigs and lengths compared; 1 and chr1 mapped where harmless."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from twohit.errors import InputError
from twohit.genome.contigs import Genome, plain
from twohit.genome.transcripts import GeneModels
from twohit.plaintext import is_whole
from twohit.textfiles import text_lines

MITOCHONDRION = {"M": "MT"}  # chrM is MT in Ensembl's spelling
REF_CHECKS = 200  # records a contig whose REF is compared with the FASTA
EVERY = "*"  # row of a panel: and every other protein-coding gene
MAX_REF_MISMATCH = 0.02  # share of those that may differ (masked or patched bases) before it is another build


@dataclass
class Contigs:
    """Contigs of the FASTA, and how others may spell them.

    Attributes
    ----------
    lengths : dict of str to int
        Length by name, in the FASTA's order.
    """

    lengths: dict[str, int]
    _by_plain: dict[str, str] = field(init=False)

    def __post_init__(self):
        self._by_plain = {key(name): name for name in reversed(self.lengths)}

    def spelling(self, name: str) -> str | None:
        """How the FASTA spells a contig: as given, else with or without 'chr'; None when it is not there."""
        return name if name in self.lengths else self._by_plain.get(key(name))

    def mapping(self, names: Iterable[str], where: str, kind: str) -> dict[str, str]:
        """Map a file's contig names to the FASTA's; those the FASTA lacks are left out.

        Raises
        ------
        InputError
            If the FASTA has none of them.
        """
        names = list(dict.fromkeys(names))
        found = {name: there for name in names if (there := self.spelling(name)) is not None}
        if names and not found:
            raise InputError(
                f"{where}: none of its contigs ({', '.join(names[:3])} ...) is in the FASTA "
                f"({', '.join(list(self.lengths)[:3])} ...); give a {kind} of the FASTA's build"
            )
        return found

    def check_length(self, name: str, length: int, where: str) -> None:
        """Raise InputError if a file states another length for a contig than the FASTA has."""
        there = self.spelling(name)
        if there is not None and self.lengths[there] != length:
            raise InputError(
                f"{where}: contig {name} has {length} bases there and {self.lengths[there]} in the FASTA: "
                "another build; give files of one build"
            )


def key(name: str) -> str:
    """Key under which spellings of a contig meet."""
    bare = plain(name)
    return MITOCHONDRION.get(bare, bare)


def check_genome(contigs: Contigs, genome: Genome) -> list[str]:
    """Compare contig lengths with the genome's; give warnings for what the FASTA lacks."""
    shared = [name for name in genome.lengths if contigs.spelling(name) is not None]
    for name in shared:
        contigs.check_length(name, genome.lengths[name], f"--genome {genome.name}")
    if not shared:
        return [f"no contig of --genome {genome.name} is in the FASTA: no copy number can be called"]
    missing = [name for name in genome.lengths if name not in shared and name != "Y"]
    return [f"contigs of --genome {genome.name} that the FASTA lacks: {', '.join(missing)}"] if missing else []


def check_gff(contigs: Contigs, path: Path, models: GeneModels) -> dict[str, str]:
    """Check gene models against the FASTA; give the spelling of its contigs."""
    if not models.ensembl_style:
        raise InputError(
            f"{path}: not Ensembl-style: bcftools csq needs ID=gene:..., ID=transcript:... and biotype=...; "
            "use the GFF3 of Ensembl, or convert NCBI's and GENCODE's with bcftools' gff2gff.py"
        )
    genes = [gene for found in models.genes.values() for gene in found]
    mapping = contigs.mapping((gene.chrom for gene in genes), str(path), "GFF3")
    for name, length in _sequence_regions(path):
        contigs.check_length(name, length, str(path))
    for gene in genes:
        there = mapping.get(gene.chrom)
        if there is not None and gene.end > contigs.lengths[there]:
            raise InputError(
                f"{path}: gene {gene.name} ends at {gene.chrom}:{gene.end}, past the contig's end "
                f"({contigs.lengths[there]}): another build; give a GFF3 of the FASTA's build"
            )
    return mapping


def _sequence_regions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield contig and length of the ##sequence-region lines that start at 1."""
    for line in text_lines(path, "give a GFF3"):
        parts = line.split()
        if line.startswith("##sequence-region") and len(parts) == 4 and parts[2] == "1" and is_whole(parts[3]):
            yield parts[1], int(parts[3])


def read_targets(contigs: Contigs, path: Path) -> tuple[list[list[str]], dict[str, str]]:
    """Read and check a BED of targets; give its rows (text, contigs as in the FASTA, sorted) and the spelling used."""
    rows, mapping = [], {}
    for number, line in enumerate(text_lines(path, "give a BED"), 1):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        columns = line.rstrip("\r\n").split("\t")
        _check_target(contigs, path, number, columns)
        mapping[columns[0]] = contigs.spelling(columns[0])
        rows.append([mapping[columns[0]], *columns[1:]])
    if not rows:
        raise InputError(f"{path}: no interval in it; give a BED of the capture targets")
    order = {name: rank for rank, name in enumerate(contigs.lengths)}
    return sorted(rows, key=lambda row: (order[row[0]], int(row[1]), int(row[2]), row)), mapping


def _check_target(contigs: Contigs, path: Path, number: int, columns: list[str]) -> None:
    if len(columns) < 3 or not (is_whole(columns[1]) and is_whole(columns[2])) or int(columns[1]) >= int(columns[2]):
        raise InputError(f"{path}: line {number}: not a BED interval (chrom, start, end by tabs, start < end)")
    there = contigs.spelling(columns[0])
    if there is None:
        raise InputError(
            f"{path}: line {number}: contig {columns[0]} is not in the FASTA; "
            "give targets of the FASTA's build or drop the line"
        )
    if int(columns[2]) > contigs.lengths[there]:
        raise InputError(
            f"{path}: line {number}: ends at {columns[2]}, past the end of {there} ({contigs.lengths[there]}): "
            "another build; give targets of the FASTA's build"
        )


def check_bam(contigs: Contigs, path: Path) -> list[str]:
    """Check a BAM's or CRAM's header against the FASTA; give warnings. Another spelling of contigs is refused."""
    import pysam

    try:
        with pysam.AlignmentFile(str(path), check_sq=False) as bam:
            lengths = dict(zip(bam.references, bam.lengths))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a readable BAM or CRAM ({error}); make it again") from error
    if not lengths:
        raise InputError(f"{path}: its header names no contig: unaligned; give it as FASTQ")
    for name, length in lengths.items():
        contigs.check_length(name, length, str(path))
    shared = [name for name in lengths if name in contigs.lengths]
    if not shared:
        example = next(iter(lengths))
        spelt = contigs.spelling(example)
        fix = "give the FASTA it was aligned to"
        if spelt:
            fix = f"the FASTA spells {example} as {spelt}: give a FASTA spelt as the BAM, or use samtools reheader"
        raise InputError(f"{path}: none of its contigs is in the FASTA; {fix}")
    extra = [name for name in lengths if name not in contigs.lengths]
    return [f"{path}: {len(extra)} contigs of its header are not in the FASTA ({extra[0]} ...)"] if extra else []


def check_panel(genes: Iterable[str], models: GeneModels, panel: Path, contigs: set[str] | None = None) -> None:
    """Raise InputError if a gene is listed twice, not in the gene models, or on none of `contigs` (where given).

    The row `*` stands for genes of the models, whatever they are.
    """
    seen: set[str] = set()
    for gene in genes:
        if gene in seen:
            raise InputError(f"{panel}: gene {gene!r} is listed twice; keep one row")
        seen.add(gene)
        if gene == EVERY:
            continue
        if gene not in models.genes:
            near = difflib.get_close_matches(gene, models.genes, n=1, cutoff=0.6)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise InputError(
                f"{panel}: gene {gene!r} is not a gene of {models.path}{hint}; use the symbol the GFF3 has as Name, "
                "or take the gene out of the panel"
            )
        there = {found.chrom for found in models.genes[gene]}
        if contigs is not None and not there & contigs:
            raise InputError(
                f"{panel}: gene {gene!r} is on {', '.join(sorted(there))} of {models.path}, which the FASTA lacks; "
                "take the gene out of the panel, or give the whole FASTA"
            )
