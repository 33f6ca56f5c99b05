"""What the filter reads of the reference: bases around alleles, and how many short tandem repeats there are."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from twohit.errors import InputError
from twohit.variants.somatic_alleles import SHORTEST_REPEAT
from twohit.variants.somatic_extract import Store
from twohit.variants.vcf_io import Header

STRETCH = 100_000  # bases that are read at once
# Repeats of SHORTEST_REPEAT bases or more a base: 244 in 60,162 bases of hg19 around BRAF. It weighs as so many bases
# beside those that are looked at: WINDOWS of WINDOW bases, so far to the right of a record that it is not in them.
REPEATS, REPEATS_WEIGHT = 0.004, 20_000
WINDOWS, WINDOW, BESIDE = 200, 500, 50
UNITS = re.compile(r"([ACGT]{1,6}?)\1+")


class Bases:
    """The indexed FASTA of one VCF."""

    def __init__(self, fasta, path: Path, vcf: Path):
        self.fasta, self.path, self.vcf = fasta, path, vcf
        self.lengths = dict(zip(fasta.references, fasta.lengths, strict=True))
        self._held = ("", 0, 0, "")  # records are in order: a stretch serves many

    def around(self, contig: str, pos: int) -> str:
        """The bases before, at and after a 1-based position; InputError where the reference has none."""
        if contig not in self.lengths:
            raise InputError(f"{self.vcf}: contig {contig} is not in {self.path}; give the reference of the VCF")
        length = self.lengths[contig]
        if pos > length:
            raise InputError(
                f"{self.vcf}: {contig}:{pos} is past the contig's end in {self.path} ({length} bases): "
                "another build; give the reference the reads were aligned to"
            )
        start, end = max(0, pos - 2), min(length, pos + 1)
        held, first, last, bases = self._held
        if contig != held or start < first or end > last:
            first, last = start, min(length, start + STRETCH)
            bases = self.fasta.fetch(contig, first, last).upper()
            self._held = (contig, first, last, bases)
        return bases[start - first : end - first]

    def repeats(self, store: Store) -> float:
        """Short tandem repeats a base, beside some of the records."""
        contig, pos = store.column("contig"), store.column("pos")
        rows = np.unique(np.linspace(0, max(len(pos) - 1, 0), WINDOWS).astype(int))[: len(pos)]
        found, looked_at = REPEATS * REPEATS_WEIGHT, REPEATS_WEIGHT
        for name, start in zip(contig[rows].tolist(), (pos[rows] + BESIDE).tolist(), strict=True):
            length = self.lengths[store.contigs[name]]
            bases = self.fasta.fetch(store.contigs[name], min(start, length), min(start + WINDOW, length)).upper()
            found += sum(len(match[0]) >= SHORTEST_REPEAT for match in UNITS.finditer(bases))
            looked_at += len(bases)
        return found / looked_at


@contextlib.contextmanager
def opened(path: Path | None, vcf: Path, header: Header) -> Iterator[Bases | None]:
    """Open the reference of a VCF, None without one; InputError if it has no index or is of another build."""
    if path is None:
        yield None
        return
    import pysam

    path = Path(path)
    if not Path(f"{path}.fai").is_file():
        raise InputError(f"{path}: its index {path.name}.fai is missing; run samtools faidx {path.name}")
    with pysam.FastaFile(str(path)) as fasta:
        bases = Bases(fasta, path, vcf)
        for contig, length in header.contigs.items():
            if bases.lengths.get(contig, length) != length:
                raise InputError(
                    f"{vcf}: contig {contig} has {length} bases, in {path} {bases.lengths[contig]}: "
                    "another build; give the reference the reads were aligned to"
                )
        yield bases
