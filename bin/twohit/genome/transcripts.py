"""Gene models from a GFF3 file: genes, transcripts, their exons and coding bases, and the transcript a gene is told by.

Inside, intervals are 0-based and half open, in genome order.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from twohit.errors import InputError
from twohit.genome.gff3 import attributes, bare, feature_lines, interval
from twohit.plaintext import is_whole

PARTS = ("exon", "CDS")
GENE_TYPES = ("gene", "ncRNA_gene", "pseudogene", "protein_coding_gene", "V_gene_segment")
CHOICE_TAGS = ("MANE_Select", "Ensembl_canonical")  # in this order, before the longest coding sequence
STRANDS = ("+", "-")
PARENT = re.compile(r"(?:^|;) *Parent=([^;]+)")


@dataclass(frozen=True)
class Gene:
    """A gene line: symbol, id without its 'gene:' prefix, place and biotype."""

    name: str
    id: str
    chrom: str
    start: int
    end: int
    strand: str
    biotype: str = ""


@dataclass(frozen=True)
class Transcript:
    """One transcript.

    Attributes
    ----------
    id : str
        Id without its 'transcript:' prefix, as bcftools csq writes it.
    gene : str
        Gene symbol.
    chrom, strand : str
        Contig as in the GFF3; '+' or '-'.
    exons, cds : tuple of (int, int)
        0-based half-open intervals in genome order; `cds` holds the stop codon and is empty if non-coding.
    phase : int
        Bases to skip at the 5' end of the coding sequence before the first whole codon (0 when complete).
    cds_offset : int
        Coding bases of the full transcript that come before the first one here: attribute `cds_offset` of a
        transcript that is only partly on the contig (as in a slice of a genome), else 0.
    tags : frozenset of str
        GFF3 tags, blanks as underscores (MANE_Select, Ensembl_canonical, cds_start_NF ...).
    biotype : str
        Biotype of the transcript.
    """

    id: str
    gene: str
    chrom: str
    strand: str
    exons: tuple[tuple[int, int], ...]
    cds: tuple[tuple[int, int], ...] = ()
    phase: int = 0
    cds_offset: int = 0
    tags: frozenset = field(default_factory=frozenset)
    biotype: str = ""

    @property
    def start(self) -> int:
        """First base, 0-based."""
        return self.exons[0][0]

    @property
    def end(self) -> int:
        """One past the last base."""
        return self.exons[-1][1]

    @property
    def cds_length(self) -> int:
        """Coding bases, the stop codon included."""
        return sum(end - start for start, end in self.cds)

    @property
    def is_coding(self) -> bool:
        """Whether the transcript has a coding sequence."""
        return bool(self.cds)


@dataclass(frozen=True)
class GeneModels:
    """All genes and transcripts of one GFF3 file.

    Attributes
    ----------
    genes : dict of str to tuple of Gene
        By symbol; a symbol can stand for several loci (pseudo-autosomal genes on X and Y).
    transcripts : dict of str to tuple of Transcript
        By gene symbol, in file order.
    ensembl_style : bool
        Whether ids carry the 'gene:' and 'transcript:' prefixes that bcftools csq needs.
    path : str
        The file, for messages.
    """

    genes: dict[str, tuple[Gene, ...]]
    transcripts: dict[str, tuple[Transcript, ...]]
    ensembl_style: bool
    path: str

    def choose_transcript(self, gene: str, chrom: str | None = None) -> Transcript | None:
        """Choose the transcript a gene's consequences are told for; None when the gene has no transcript."""
        found = [t for t in self.transcripts.get(gene, ()) if chrom is None or t.chrom == chrom]
        return choose_transcript(found) if found else None

    def coding_regions(self, gene: str, every_transcript: bool = False) -> list[tuple[str, int, int]]:
        """Coding bases of a gene: (chrom, start, end), 0-based half open, merged and sorted.

        Parameters
        ----------
        gene : str
            Gene symbol.
        every_transcript : bool
            The union over all transcripts in place of the chosen transcript's.

        Raises
        ------
        InputError
            If the GFF3 has no such gene; a non-coding gene gives an empty list.
        """
        return self._regions(gene, every_transcript, "cds", 0)

    def exon_regions(self, gene: str, padding: int = 0, every_transcript: bool = False) -> list[tuple[str, int, int]]:
        """Exons of a gene with `padding` bases on both sides, as `coding_regions` gives coding bases."""
        return self._regions(gene, every_transcript, "exons", padding)

    def _regions(self, gene, every_transcript, part, padding):
        if gene not in self.genes:
            raise InputError(f"{self.path}: gene {gene!r} is not in it; use the symbol the GFF3 has as Name")
        found = self.transcripts.get(gene, ())
        if not every_transcript:
            found = [chosen] if (chosen := self.choose_transcript(gene)) else []
        pieces = [(t.chrom, max(0, s - padding), e + padding) for t in found for s, e in getattr(t, part)]
        return merge_regions(pieces)


def choose_transcript(transcripts: Iterable[Transcript]) -> Transcript:
    """Choose MANE Select, else Ensembl canonical, else the longest coding sequence, the longest exons, the first id."""

    def rank(transcript: Transcript) -> tuple:
        tagged = tuple(tag not in transcript.tags for tag in CHOICE_TAGS)
        exonic = sum(end - start for start, end in transcript.exons)
        return (*tagged, -transcript.cds_length, -exonic, transcript.id)

    return min(transcripts, key=rank)


def merge_regions(regions: Iterable[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Sort and merge (chrom, start, end), 0-based half open; regions that touch become one."""
    merged: list[tuple[str, int, int]] = []
    for chrom, start, end in sorted(regions):
        if merged and merged[-1][0] == chrom and start <= merged[-1][2]:
            merged[-1] = (chrom, merged[-1][1], max(end, merged[-1][2]))
        else:
            merged.append((chrom, start, end))
    return merged


def read_gff(path: str | Path, genes: Collection[str] | None = None) -> GeneModels:
    """Read the gene models of a GFF3 file (plain or gzip).

    Parameters
    ----------
    path : str or Path
        The file; the order of its lines does not matter.
    genes : collection of str, optional
        Keep these symbols or ids only (faster on a whole genome); an unknown one is left to the caller.

    Raises
    ------
    InputError
        For a line that is not GFF3, a part on another contig or strand than its transcript, or a file without genes.
    """
    found_genes, found_transcripts, style = _read_parents(path)
    if not found_genes:
        raise InputError(f"{path}: no gene in it; give a GFF3 with gene, transcript, exon and CDS lines (Ensembl's)")
    wanted = {key for key, gene in found_genes.items() if genes is None or gene.name in genes or gene.id in genes}
    transcripts = {key: value for key, value in found_transcripts.items() if value["parent"] in wanted}
    _read_parts(path, transcripts)
    by_symbol: dict[str, list[Gene]] = {}
    for key in sorted(wanted):
        by_symbol.setdefault(found_genes[key].name, []).append(found_genes[key])
    models: dict[str, list[Transcript]] = {}
    for key, raw in transcripts.items():
        gene = found_genes[raw["parent"]]
        if built := _build(path, key, raw, gene):
            models.setdefault(gene.name, []).append(built)
    return GeneModels(
        {name: tuple(sorted(found, key=_place)) for name, found in sorted(by_symbol.items())},
        {name: tuple(found) for name, found in sorted(models.items())},
        style,
        str(path),
    )


def _place(gene: Gene) -> tuple:
    return (gene.chrom, gene.start, gene.id)


def _read_parents(path) -> tuple[dict[str, Gene], dict[str, dict], bool]:
    genes: dict[str, Gene] = {}
    children: dict[str, dict] = {}
    for number, columns in feature_lines(path):
        if columns[2] in PARTS or ("ID=" not in columns[8] and columns[2] not in GENE_TYPES):
            continue
        fields = attributes(path, number, columns[8])
        identifier = fields.get("ID", "")
        if columns[2] in GENE_TYPES or identifier.startswith("gene:"):
            start, end = interval(path, number, columns)
            name = fields.get("Name") or fields.get("gene_name") or bare(identifier)
            biotype = fields.get("biotype") or fields.get("gene_type", "")
            genes[identifier] = Gene(name, bare(identifier), columns[0], start, end, columns[6], biotype)
        elif "Parent" in fields:
            if identifier in children:
                raise InputError(f"{path}: line {number}: the id {identifier} occurs twice; ids must be unique")
            tags = frozenset(tag.strip().replace(" ", "_") for tag in fields.get("tag", "").split(",") if tag)
            children[identifier] = {
                "parent": fields["Parent"],
                "line": number,
                "place": (columns[0], columns[6]),
                "span": interval(path, number, columns),
                "tags": tags,
                "biotype": fields.get("biotype") or fields.get("transcript_type", ""),
                "offset": fields.get("cds_offset", "0"),
                "exon": [],
                "CDS": [],
            }
    transcripts = {key: value for key, value in children.items() if value["parent"] in genes}
    prefixed = all(key.startswith("gene:") for key in genes) and all(k.startswith("transcript:") for k in transcripts)
    return genes, transcripts, prefixed and all(gene.biotype for gene in genes.values())


def _read_parts(path, transcripts: dict[str, dict]) -> None:
    """Add exon and CDS lines to the transcripts they belong to."""
    if not transcripts:
        return
    for number, columns in feature_lines(path):
        if columns[2] not in PARTS:
            continue
        parents = PARENT.search(columns[8])  # most lines of a genome are these: no need to take them all apart
        for parent in parents[1].split(",") if parents else ():
            raw = transcripts.get(parent)
            if raw is None:
                continue
            if (columns[0], columns[6]) != raw["place"]:
                raise InputError(
                    f"{path}: line {number}: {columns[2]} on {columns[0]}{columns[6]}, "
                    f"its transcript (line {raw['line']}) is on {''.join(raw['place'])}; correct the strand or Parent"
                )
            raw[columns[2]].append((*interval(path, number, columns), columns[7]))


def _build(path, key: str, raw: dict, gene: Gene) -> Transcript | None:
    """Make a Transcript of its lines; None for one without exon and CDS lines and without a strand."""
    chrom, strand = raw["place"]
    if strand not in STRANDS:
        raise InputError(f"{path}: line {raw['line']}: strand {strand!r} of {key}; it must be + or -")
    cds = sorted(raw["CDS"])
    exons = sorted({(start, end) for start, end, _ in raw["exon"]} or {(start, end) for start, end, _ in cds})
    exons = exons or [raw["span"]]
    if not is_whole(raw["offset"]):
        raise InputError(f"{path}: line {raw['line']}: cds_offset={raw['offset']} is not a number of bases")
    if any(not any(s <= start and end <= e for s, e in exons) for start, end, _ in cds):
        raise InputError(f"{path}: CDS of {key} is not within its exons; give exon lines that hold it")
    first = (cds[0] if strand == "+" else cds[-1])[2] if cds else "0"
    if first not in ("0", "1", "2", "."):
        raise InputError(f"{path}: CDS of {key}: phase {first!r} must be 0, 1 or 2")
    return Transcript(
        id=bare(key),
        gene=gene.name,
        chrom=chrom,
        strand=strand,
        exons=tuple(exons),
        cds=tuple((start, end) for start, end, _ in cds),
        phase=0 if first == "." else int(first),
        cds_offset=int(raw["offset"]),
        tags=raw["tags"],
        biotype=raw["biotype"],
    )
