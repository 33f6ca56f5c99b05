"""The reader of SNP counts: what it accepts, repairs and refuses."""

import gzip

import numpy as np
import pytest

from twohit.copynumber.counts import read_snp_counts
from twohit.errors import InputError

HEADER = '"Chromosome","Position","Ref","Alt","File1R","File1A","File1E","File1D","File2R","File2A","File2E","File2D"\n'


def write(path, lines, header=HEADER):
    path.write_text(header + "".join(f"{line}\n" for line in lines))
    return path


def test_reads_plain_and_gzipped_quoted_or_not(tmp_path, genome):
    lines = ['"1",100,"A","C",10,5,0,0,20,3,0,0', '"X",900,"A","C",7,0,0,0,9,1,0,0']
    plain = read_snp_counts(write(tmp_path / "a.csv", lines), genome)
    with gzip.open(tmp_path / "a.csv.gz", "wt") as out:
        out.write(HEADER.replace('"', "") + "\n".join(line.replace('"', "") for line in lines) + "\n")
    zipped = read_snp_counts(tmp_path / "a.csv.gz", genome)
    for counts in (plain, zipped):
        assert [counts.contigs[c] for c in counts.chrom] == ["1", "X"]
        assert counts.ref.tolist() == [[10, 7], [20, 9]]
        assert counts.alt.tolist() == [[5, 0], [3, 1]]
        assert counts.warnings == []


def test_chr_prefix_is_kept_as_spelling(tmp_path, genome):
    counts = read_snp_counts(write(tmp_path / "a.csv", ["chr16,5,A,C,10,5,0,0,20,3,0,0"]), genome)
    assert counts.spelling["16"] == "chr16"


def test_unsorted_and_repeated_sites_are_repaired_with_a_warning(tmp_path, genome):
    lines = [
        "2,50,A,C,9,0,0,0,9,0,0,0",
        "1,90,A,C,4,4,0,0,8,8,0,0",
        "1,20,A,C,3,0,0,0,6,0,0,0",
        "1,90,A,C,9,9,0,0,1,1,0,0",
    ]
    counts = read_snp_counts(write(tmp_path / "a.csv", lines), genome)
    assert counts.pos.tolist() == [20, 90, 50]
    assert counts.ref[0].tolist() == [3, 9, 9]
    assert {w["code"] for w in counts.warnings} == {"unsorted_sites", "duplicated_sites"}
    assert next(w for w in counts.warnings if w["code"] == "duplicated_sites")["value"] == 1


def test_several_tumours(tmp_path, genome):
    header = "Chromosome,Position,Ref,Alt,File1R,File1A,File2R,File2A,File3R,File3A\n"
    counts = read_snp_counts(write(tmp_path / "a.csv", ["1,5,A,C,10,5,20,3,7,8"], header), genome)
    assert counts.n_tumors == 2
    assert counts.alt[:, 0].tolist() == [5, 3, 8]


@pytest.mark.parametrize(
    ("lines", "header", "message"),
    [
        (["1,5,A,C,10,5,0,0,20,3,0,0"], HEADER.replace("File2A", "Other"), "'File2A' is missing"),
        (["1,5,A,C,10,x,0,0,20,3,0,0"], HEADER, "row 2, column 'File1A'"),
        (["1,5,A,C,10,-1,0,0,20,3,0,0"], HEADER, "row 2, column 'File1A'"),
        (["1,5,A,C,10,1.5,0,0,20,3,0,0"], HEADER, "row 2, column 'File1A'"),
        (["1,248956423,A,C,10,1,0,0,20,3,0,0"], HEADER, "another build"),
        (["contig7,5,A,C,10,1,0,0,20,3,0,0"], HEADER, "no contig of GRCh38"),
        ([], HEADER, "holds no site"),
    ],
)
def test_mistakes_are_named(tmp_path, genome, lines, header, message):
    with pytest.raises(InputError, match=message):
        read_snp_counts(write(tmp_path / "a.csv", lines, header), genome)


def test_a_missing_or_broken_file(tmp_path, genome):
    with pytest.raises(InputError, match="no such file"):
        read_snp_counts(tmp_path / "none.csv", genome)
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(HEADER.encode() * 100)[:40])
    with pytest.raises(InputError, match="CSV"):
        read_snp_counts(tmp_path / "cut.csv.gz", genome)


def test_unknown_contigs_are_left_out_with_a_warning(tmp_path, genome):
    lines = ["1,5,A,C,10,1,0,0,20,3,0,0", "GL000191.1,5,A,C,10,1,0,0,20,3,0,0"]
    counts = read_snp_counts(write(tmp_path / "a.csv", lines), genome)
    assert counts.pos.size == 1
    assert [w["code"] for w in counts.warnings] == ["unknown_contigs"]
    assert np.isfinite(counts.ref).all()
