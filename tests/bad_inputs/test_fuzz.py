"""Damaged bytes in every parser: an answer or one of our errors, never another exception, never a hang."""

import gzip
import io
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pysam
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bad_inputs.good import VCF
from tests.faults.conftest import FISH, MARKERS
from twohit import schemas
from twohit.cells.matrix_io import read_matrix
from twohit.clinical.fish import read_fish
from twohit.clinical.markers import read_markers
from twohit.clinical.reading import Problems
from twohit.copynumber.counts import read_snp_counts
from twohit.errors import TwohitError
from twohit.genome.contigs import load_genome
from twohit.genome.genes import read_genes
from twohit.genome.transcripts import read_gff
from twohit.samples.rows import read_rows as read_samplesheet
from twohit.tables import read_json, read_table
from twohit.variants import vcf_io

pytestmark = [pytest.mark.usefixtures("memory"), pytest.mark.timeout(300)]  # no blow-up, no hang
EXAMPLES = 150  # for each parser: some seconds
HEADER = "Chromosome,Position,Ref,Alt,File1R,File1A,File1E,File1D,File2R,File2A,File2E,File2D\n"
COUNTS = HEADER + "".join(f"chr1,{1000 * k},A,C,{50 + k},{40 - k},0,0,30,31,0,0\n" for k in range(1, 30))
SOLUTIONS = "solution\tchrom\tstart\tend\ttotal_cn\tminor_cn\tccf\tprobability\n0\tchr1\t1\t99\t2\t1\t1\t0.9\n"
SHEET = "patient,sample,kind,timepoint,day,sex,vcf\nP1,T1,tumor,relapse,280,female,x.vcf.gz\n"
GFF = (
    "##gff-version 3\nchr1\tx\tgene\t10\t90\t.\t+\t.\tID=gene:G1;Name=A;biotype=protein_coding\n"
    "chr1\tx\tmRNA\t10\t90\t.\t+\t.\tID=transcript:T1;Parent=gene:G1\n"
    "chr1\tx\texon\t10\t90\t.\t+\t.\tParent=transcript:T1\nchr1\tx\tCDS\t10\t90\t.\t+\t0\tParent=transcript:T1\n"
)


def h5_bytes() -> bytes:
    """A 10x .h5 with three genes and two cells."""
    target = io.BytesIO()
    with h5py.File(target, "w") as handle:
        group = handle.create_group("matrix")
        group["data"], group["indices"], group["indptr"] = [1, 2, 3], [0, 1, 2], [0, 2, 3]
        group["shape"], group["barcodes"] = [3, 2], np.array([b"AAACCCAAGT-1", b"AAACCCAAGA-1"])
        features = group.create_group("features")
        features["id"] = features["name"] = np.array([b"A", b"B", b"C"])
        features["feature_type"] = np.array([b"Gene Expression"] * 3)
    return target.getvalue()


def bgzip_bytes(text: str) -> bytes:
    """A bgzip file: blocks that tell their size, and an empty one at the end."""
    with tempfile.NamedTemporaryFile(suffix=".gz") as file:
        with pysam.BGZFile(file.name, "wb") as out:
            out.write(text.encode())
        return Path(file.name).read_bytes()


def noted(read):
    """How a table that people type is read: mistakes are noted, then told at once."""

    def reader(path):
        problems = Problems()
        read(path, problems)
        problems.stop_if_any()

    return reader


VCF_TEXT = VCF.format(length=20_000, pos=1001, ref="A", alt="C")
PARSERS = {  # name of the file, valid bytes, how it is read
    "counts": ("x.csv", COUNTS.encode(), lambda path: read_snp_counts(path, load_genome("GRCh38"))),
    "counts packed": ("x.csv.gz", gzip.compress(COUNTS.encode()), lambda p: read_snp_counts(p, load_genome("GRCh38"))),
    "vcf": ("x.vcf", VCF_TEXT.encode(), lambda path: (vcf_io.read_header(path), list(vcf_io.records(path)))),
    "vcf packed": ("x.vcf.gz", gzip.compress(VCF_TEXT.encode()), lambda path: list(vcf_io.records(path))),
    "vcf bgzip": ("x.vcf.gz", bgzip_bytes(VCF_TEXT), lambda path: list(vcf_io.records(path))),
    "markers": ("x.csv", MARKERS.encode(), noted(read_markers)),
    "fish": ("x.csv", FISH.encode(), noted(read_fish)),
    "table": ("x.tsv", SOLUTIONS.encode(), lambda path: read_table(path, schemas.SOLUTIONS)),
    "json": ("x.json", b'{"purity": 0.5, "alternatives": [{"weight": 1}]}', read_json),
    "samplesheet": ("x.csv", SHEET.encode(), lambda path: read_samplesheet(path, None)),
    "gene models": ("x.gff3", GFF.encode(), lambda path: read_gff(path, ["A"])),
    "genes": ("x.tsv", b"gene\tchrom\tstart\tend\nA\tchr1\t10\t90\n", read_genes),
    "h5": ("x.h5", h5_bytes(), read_matrix),
}


@st.composite
def damage(draw):
    """Some edits: bytes changed, put in, taken out, doubled, or all after a place lost."""
    kinds = st.sampled_from(["change", "insert", "remove", "double", "cut"])
    return draw(st.lists(st.tuples(kinds, st.floats(0, 1), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4))


def broken(data: bytes, edits) -> bytes:
    for kind, where, more in edits:
        at = int(where * len(data))
        if kind == "change":
            data = data[:at] + more + data[at + len(more) :]
        elif kind == "insert":
            data = data[:at] + more + data[at:]
        elif kind == "remove":
            data = data[:at] + data[at + len(more) :]
        elif kind == "double":
            data = data[:at] + data[at : at + 40] + data[at:]
        else:
            data = data[:at]
    return data


@pytest.mark.parametrize("name", PARSERS)
def test_the_valid_file_is_read(tmp_path, name):
    file, data, read = PARSERS[name]
    (tmp_path / file).write_bytes(data)
    read(tmp_path / file)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=damage())
def test_damage_is_an_answer_or_our_error(tmp_path, name, edits):
    file, data, read = PARSERS[name]
    path = tmp_path / file
    path.write_bytes(broken(data, edits))
    try:
        read(path)
    except TwohitError as error:
        assert file in str(error), error
