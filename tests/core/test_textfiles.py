"""A gzip file that is cut off or damaged is the user's one line, whoever reads it."""

import gzip
import random

import pytest

from twohit.alignment.intervals import read_bed
from twohit.cells.cell_metadata import read_metadata
from twohit.cells.genotype_input import read_listed_cells
from twohit.cells.label_reference import read_reference
from twohit.cells.read_checks import read_whitelist
from twohit.cells.read_reference import read_fasta
from twohit.cohort.given_rows import rows_of
from twohit.errors import InputError
from twohit.genome.agreement import Contigs, read_targets
from twohit.genome.contigs import load_genome
from twohit.genome.cytobands import read_cytobands
from twohit.genome.genes import read_genes
from twohit.genome.transcripts import read_gff
from twohit.imports.reading import read_columns
from twohit.schemas import PANEL
from twohit.tables import read_table

N = 400  # rows: more than one block of what gzip packs at once
RNG = random.Random(1)
BED = "".join(f"chr1\t{100 * k}\t{100 * k + 50}\tx{RNG.random()}\n" for k in range(N))
BASES = "".join("".join(RNG.choices("ACGT", k=16)) + "\n" for _ in range(N))
PLACES = 'chr1\tx\tgene\t{start}\t{end}\t.\t+\t.\tgene_id "{name}"; gene_name "{name}";\n'
GTF = "".join(PLACES.format(start=1000 * k + 1, end=1000 * k + 9, name=f"G{RNG.random()}") for k in range(N))
TABLE = "gene\trole\treason\tcitation\n" + "".join(f"G{k}\ttarget\t{RNG.random()}\tx\n" for k in range(N))
READERS = {
    "BED": (BED, read_bed),
    "targets": (BED, lambda path: read_targets(Contigs({"chr1": 10**6}), path)),
    "cytobands": (BED, lambda path: read_cytobands(path, load_genome("GRCh38"))),
    "genes": (GTF, read_genes),
    "GFF3": (GTF, read_gff),
    "table": (TABLE, lambda path: read_table(path, PANEL)),
    "cohort's table": (TABLE, lambda path: list(rows_of(path, ("gene",)))),
    "table of PURPLE": (
        TABLE,
        lambda path: read_columns(path, {"gene": ("gene",)}),
    ),
    "reference of types": ("gene\tA\tB\n" + "".join(f"G{k}\t{RNG.random()}\t1\n" for k in range(N)), read_reference),
    "metadata": ("barcode,cell_type\n" + BASES.replace("\n", ",T\n"), lambda path: read_metadata(path, "S", [])),
    "whitelist": (BASES, read_whitelist),
    "barcodes": (BASES, lambda path: read_listed_cells(path, None)),
    "transgene": (">CAR\n" + BASES, read_fasta),
}


def packed(text: str, how: str) -> bytes:
    whole = gzip.compress(text.encode(), mtime=0)
    at = {"data": len(whole) // 2, "codes": 11, "checksum": len(whole) - 6, "method": 2}.get(how)
    if at is not None:
        return whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :]
    return {"cut off": whole[: len(whole) // 2], "more behind": whole + b"\x1f\x8b\x09junk"}[how]


@pytest.mark.parametrize("how", ["cut off", "data", "codes", "checksum", "method", "more behind"])
@pytest.mark.parametrize("reader", READERS)
def test_a_damaged_gzip_file_is_refused_in_one_line(reader, how, tmp_path):
    text, read = READERS[reader]
    path = tmp_path / "file.tsv.gz"
    path.write_bytes(packed(text, how))
    with pytest.raises(InputError) as error:
        read(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_whole_one_is_read(tmp_path):
    path = tmp_path / "x.bed.gz"
    path.write_bytes(gzip.compress(BED.encode()))
    assert len(read_bed(path)["chr1"]) == N
