"""Reads of cells that the simulator writes: what they hold, and that the same seed gives the same bytes."""

import gzip
from collections import Counter

import pytest

from twohit.simulate.cell_contig import BORROWED, CONTIG
from twohit.simulate.cell_profiles import TRANSGENE
from twohit.simulate.cell_reads import BARCODE, DECOYS, EMPTY_DROPLETS
from twohit.simulate.cell_samples import write_cell_samples
from twohit.simulate.patient import build_patient, cell_patient
from twohit.simulate.presets import make_preset
from twohit.simulate.reference import write_reference

SIZES = {"cell_samples": 1, "cell_reads": 1, "cells_per_sample": 50, "cell_umis": 300}


def written(folder):
    patient = build_patient(make_preset("tiny", **SIZES), 1)
    write_reference(patient.reference, folder / "reference")
    rows, told = write_cell_samples(cell_patient(patient), patient.preset, folder, patient.reference.name)
    return rows, told["samples"][0]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reads")
    return folder, *written(folder)


def sequences(folder, lane, mate):
    lines = gzip.decompress((folder / "fastq" / f"S7_L{lane}_R{mate}.fastq.gz").read_bytes()).decode().splitlines()
    assert all(len(bases) == len(quality) for bases, quality in zip(lines[1::4], lines[3::4], strict=True))
    return lines[1::4]


def test_lanes_take_the_place_of_matrix_and_bam(made):
    folder, rows, _ = made
    assert [row["lane"] for row in rows] == ["L1", "L2"] and all(row["sample"] == "S7" for row in rows)
    assert not any("matrix" in row or "bam" in row for row in rows)
    assert all((folder / row[name]).is_file() for row in rows for name in ("fastq_1", "fastq_2"))


def test_molecules_are_the_counts_of_the_matrix(made):
    """Barcodes have the errors that their qualities state, so nearly all are listed; UMIs tell how many molecules."""
    folder, _, told = made
    first = sequences(folder, 1, 1) + sequences(folder, 2, 1)
    listed = set((folder / "reference" / "barcodes.txt").read_text().split())
    assert len(listed) == told["n_barcodes"] * (1 + EMPTY_DROPLETS) * (1 + DECOYS)
    assert {len(read) for read in first} == {28}
    assert 0.9 < sum(read[:BARCODE] in listed for read in first) / len(first) < 0.995
    molecules = Counter(read[:BARCODE] for read in {*first} if read[:BARCODE] in listed)
    cells = [n for _, n in molecules.most_common(told["n_cells"])]
    assert 200 < sorted(cells)[len(cells) // 2] < 1_000 and len(molecules) > 5 * told["n_barcodes"]


def test_every_gene_has_a_sequence_and_the_car_borrows(made):
    folder, _, _ = made
    records = dict(record.split("\n", 1) for record in (folder / "reference" / "genome.fa").read_text().split(">")[1:])
    sequence = records[CONTIG].replace("\n", "")
    car = (folder / "reference" / "transgene.fa").read_text().split("\n", 1)
    assert car[0] == f">{TRANSGENE}"
    construct, spans = car[1].replace("\n", ""), {}
    for line in (folder / "reference" / "genes.gff3").read_text().splitlines():
        columns = line.split("\t")
        if columns[0] == CONTIG and columns[2] == "ncRNA_gene":
            name = columns[8].split("Name=")[1].split(";")[0]
            spans[name] = (int(columns[3]) - 1, int(columns[4]), columns[6])
    assert {"CD3D", "LYZ", "GNLY"} <= set(spans)
    for name, at, length in BORROWED:
        start, end, strand = spans[name]
        piece = construct[at : at + length]
        if strand == "-":
            piece = piece.translate(str.maketrans("ACGT", "TGCA"))[::-1]
        assert piece == (sequence[end - length : end] if strand == "+" else sequence[start : start + length])


def test_the_same_seed_gives_the_same_bytes(made, tmp_path):
    folder, _, _ = made
    written(tmp_path)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files and all((tmp_path / path).read_bytes() == (folder / path).read_bytes() for path in files)
