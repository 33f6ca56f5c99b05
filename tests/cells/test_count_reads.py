"""prepare_cell_reference.py and count_cells.py: known molecules come back; wrong files are refused."""

import gzip
from collections import Counter

import pysam
import pytest

from tests.cells.reads_10x import N_CELLS, matrix, prepare, simulate


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("reads"))


@pytest.fixture(scope="module")
def index(library, script, tmp_path_factory):
    return prepare(script, library, tmp_path_factory.mktemp("reference")) / "index"


def count(script, library, index, out, check=True, **other):
    given = {"fastq-1": library.first, "fastq-2": library.second, "whitelist": library.whitelist,
             "chemistry": "10xv3", "index": index, "sample": "S1", "memory": 1000, "outdir": out} | other  # fmt: skip
    options = [part for name, value in given.items() for part in (f"--{name}", value)]
    return script("count_cells.py", *options, check=check)


@pytest.fixture(scope="module")
def counted(library, index, script, tmp_path_factory):
    out = tmp_path_factory.mktemp("counts")
    count(script, library, index, out)
    return out


def test_known_molecules_are_counted(library, counted):
    truth = Counter((code, gene) for code, _, gene in library.molecules)
    found = matrix(counted / "S1.raw")
    assert sum((found & truth).values()) >= 0.99 * truth.total()
    assert (found - truth).total() <= 0.001 * truth.total()
    car = Counter({key: n for key, n in truth.items() if key[1] == "CAR"})
    assert sum((found & car).values()) >= 0.99 * car.total()


def test_cells_are_told_from_the_rest_of_the_whitelist(library, counted):
    cells = {code for code, _ in matrix(counted / "S1.filtered")}
    assert cells <= {code for code, *_ in library.molecules} and len(cells) >= 0.9 * N_CELLS


def test_bam_has_corrected_barcodes_and_umis(library, counted):
    true = {(code, umi) for code, umi, _ in library.molecules}
    with pysam.AlignmentFile(str(counted / "S1.cells.bam")) as bam:
        assert bam.has_index() and bam.header["HD"]["SO"] == "coordinate"
        seen = [(read.get_tag("CB"), read.get_tag("UB")) for read in bam if read.get_tag("UB") != "-"]
    assert len(set(seen) & true) >= 0.99 * len(true)
    assert len(set(seen) - true) == 0


def test_same_matrices_with_two_threads(library, index, counted, script, tmp_path):
    count(script, library, index, tmp_path, threads=2)
    for path in sorted(counted.glob("S1.*/*.gz")):
        assert (tmp_path / path.parent.name / path.name).read_bytes() == path.read_bytes()


def test_second_version_of_the_kit(script, index, tmp_path):
    other = simulate(tmp_path, "10xv2", seed=1)  # the same genome: it is drawn first
    count(script, other, index, tmp_path / "out", chemistry="10xv2")
    truth = Counter((code, gene) for code, _, gene in other.molecules)
    assert sum((matrix(tmp_path / "out" / "S1.raw") & truth).values()) >= 0.99 * truth.total()
    refused = count(script, other, index, tmp_path / "out3", check=False, chemistry="10xv3")
    assert refused.returncode == 2 and "shorter than 28 bases" in refused.stderr


def refusal(done):
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and not done.stdout
    return done.stderr


def test_swapped_reads_are_refused(script, library, index, tmp_path):
    done = count(script, library, index, tmp_path, check=False, **{"fastq-1": library.second, "fastq-2": library.first})
    assert "swap fastq_1 and fastq_2" in refusal(done)


WHITELISTS = {
    "missing": (None, "no such file"),
    "longer barcodes": ("ACGTACGTACGTACGTAC\n", "line 1: 'ACGTACGTACGTACGTAC' is not a barcode of 16 letters"),
    "of another kit": ("ACGTACGTACGTACGT\n", "0% of its first"),
    "empty lines": ("\n\n", "has no barcode"),
}


@pytest.mark.parametrize(("text", "said"), WHITELISTS.values(), ids=WHITELISTS)
def test_wrong_whitelists_are_refused(script, library, index, tmp_path, text, said):
    path = tmp_path / "list.txt"
    if text:
        path.write_text(text)
    done = count(script, library, index, tmp_path / "out", check=False, whitelist=path)
    assert said in refusal(done) and "list.txt" in done.stderr


REFERENCES = {
    "contig taken": ("transgene", lambda text: text.replace(">CAR", ">chr1"), "'chr1' is a contig of"),
    "gene taken": ("transgene", lambda text: text.replace(">CAR", ">G3"), "'G3' is a gene of"),
    "protein": ("transgene", lambda text: ">CAR\nMALPVTALLLPLALL\n", "line 2 is not FASTA of A, C, G, T, N"),
    "no exons": ("gff", lambda text: "\n".join(x for x in text.split("\n") if "\texon\t" not in x), "has no exon"),
    "other genome": ("gff", lambda text: text.replace("chr1\t", "7\t"), "give files of one genome"),
}


@pytest.mark.parametrize(("name", "edit", "said"), REFERENCES.values(), ids=REFERENCES)
def test_wrong_references_are_refused(script, library, tmp_path, name, edit, said):
    files = {"transgene": library.transgene, "gff": library.gff}
    (tmp_path / "wrong").write_text(edit(files[name].read_text()))
    files[name] = tmp_path / "wrong"
    done = script("prepare_cell_reference.py", "--fasta", library.fasta, "--annotation", files["gff"], "--transgene",
                  files["transgene"], "--no-index", "--outdir", tmp_path / "out", check=False)  # fmt: skip
    assert said in refusal(done) and not list((tmp_path / "out").glob("*"))


def test_gtf_gives_what_gff3_gives(script, library, tmp_path):
    made = []
    for number, annotation in enumerate((library.gff, tmp_path / "0" / "genes.gtf")):
        script("prepare_cell_reference.py", "--fasta", library.fasta, "--annotation", annotation, "--no-index",
               "--outdir", tmp_path / str(number))  # fmt: skip
        made.append((tmp_path / str(number) / "genes.gtf").read_text())
    assert made[0] == made[1] and made[0].count("\texon\t") == 20


@pytest.mark.parametrize("damage", ["cut off", "changed"])
def test_a_damaged_genome_is_one_line(library, script, damage, tmp_path):
    packed = bytearray(gzip.compress(library.fasta.read_bytes(), mtime=0))
    if damage == "cut off":
        packed = packed[: len(packed) // 2]
    else:
        packed[-6] ^= 255  # of the checksum
    (tmp_path / "genome.fa.gz").write_bytes(packed)
    done = script("prepare_cell_reference.py", "--fasta", tmp_path / "genome.fa.gz", "--annotation", library.gff,
                  "--no-index", "--outdir", tmp_path / "out", check=False)  # fmt: skip
    assert done.returncode == 2 and "genome.fa.gz: not readable as text" in done.stderr
    assert len(done.stderr.splitlines()) == 1 and not list((tmp_path / "out").iterdir())
