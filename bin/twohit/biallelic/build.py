"""Whether the tables of a patient lie on the genome they are judged on: a wrong build is no evidence, but a mistake."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from twohit.biallelic.cell_reading import find
from twohit.biallelic.evidence import PatientEvidence, SampleEvidence
from twohit.errors import InputError
from twohit.genome.contigs import Genome, plain


def check_build(evidence: PatientEvidence, genome: Genome) -> None:
    """Refuse tables with a place past the end of its contig.

    Raises
    ------
    InputError
        That names the table, the row and both lengths.
    """
    for sample in evidence.samples:
        for name, table in _tables(sample):
            _check(table, find(evidence.folder, f"{sample.sample}.{name}"), genome)
    if evidence.germline is not None:
        names = [f"{normal}.germline.variants.tsv" for normal in evidence.normals]
        _check(evidence.germline, next(path for name in names if (path := find(evidence.folder, name))), genome)


def _tables(sample: SampleEvidence) -> Iterator[tuple[str, pd.DataFrame]]:
    tables = {
        "segments.tsv": sample.segments,
        "solutions.tsv": sample.solutions,
        "genes.tsv": sample.gene_states,
        "gene_coverage.tsv": sample.coverage,
        "exons.tsv": sample.exons,
        "variants.tsv": sample.variants,
    }
    return ((name, table) for name, table in tables.items() if table is not None)


def _check(table: pd.DataFrame, where: Path, genome: Genome) -> None:
    column = "end" if "end" in table.columns else "pos"
    ends = table[column].astype("float64")
    lengths = table["chrom"].map(lambda chrom: genome.lengths.get(plain(chrom)) if isinstance(chrom, str) else None)
    past = (ends > lengths.astype("float64")).to_numpy()
    if past.any():
        row = int(past.argmax())
        chrom = table["chrom"].iloc[row]
        raise InputError(
            f"{where}: row {row + 2}: {chrom}:{ends.iloc[row]:.0f} is past the contig's end in "
            f"{genome.name} ({genome.lengths[plain(chrom)]}); give the --genome that the tables were made on"
        )
