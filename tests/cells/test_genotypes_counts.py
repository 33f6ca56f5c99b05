"""Molecules of a barcoded BAM: each counted once, as VarTrix counts; each mistake of the user's gets one line."""

import shutil

import numpy as np
import pytest

from twohit.cells.barcoded_bam import count_molecules, read_molecules
from twohit.cells.genotype_input import ListedSite, make_sites, read_listed_cells, read_sites
from twohit.errors import InputError

from .barcoded import CHROM, LENGTH, genome_bases, vartrix_counts, write_bam, write_genome

CELLS = [f"{a}{b}{c}AACCGGTTACGTA-1" for a in "AC" for b in "ACGT" for c in "GT"]


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    return write_genome(tmp_path_factory.mktemp("genome"))


def snv(bases: str, pos: int) -> tuple:
    ref = bases[pos - 1]
    return (CHROM, pos, ref, "ACGT"["ACGT".index(ref) - 1])


def reads_at(bases, pos, alt=None, start=None, length=60, **tags):
    """One read over a position, with another base there."""
    start = pos - 30 if start is None else start
    sequence = bases[start : start + length]
    if alt:
        sequence = sequence[: pos - 1 - start] + alt + sequence[pos - start :]
    return {"start": start, "sequence": sequence, **tags}


def count(bam, genome, keys, barcodes=CELLS, **settings):
    sites = make_sites([ListedSite(key, None, None, True, True) for key in keys], genome)
    return [count_molecules(item) for item in read_molecules(bam, sites, barcodes, genome, **settings)]


def test_each_molecule_counts_once_and_only_good_reads(genome, tmp_path):
    bases = genome_bases(genome)
    key = snv(bases, 500)
    alt = key[3]
    one, two = CELLS[:2]
    reads = [
        reads_at(bases, 500, alt, cb=one, ub="AAAA"),
        reads_at(bases, 500, alt, start=460, cb=one, ub="AAAA", flag=1024),  # a further read of the molecule
        reads_at(bases, 500, cb=one, ub="CCCC"),
        reads_at(bases, 500, cb=one, ub="GGGG"),
        reads_at(bases, 500, alt, cb=one, ub="GGGG"),  # half and half: tells neither
        reads_at(bases, 500, alt, cb=two, ub="AAAA", flag=256),  # secondary
        reads_at(bases, 500, alt, cb=two, ub="AAAC", mapq=3),
        reads_at(bases, 500, alt, cb=two, ub="AAAG", quality=5),
        reads_at(bases, 500, alt, cb=two),  # no UMI
        reads_at(bases, 500, alt, cb=two, ub="-"),  # no UMI, as STARsolo writes it
        reads_at(bases, 500, alt, cb="-", ub="-"),
        reads_at(bases, 500, alt, ub="AAAT"),  # no barcode
        reads_at(bases, 500, alt, cb="TTTTTTTTTTTTTTTT-1", ub="AAAT"),  # not listed
        reads_at(bases, 500, cb=two, ub="CCCC"),
    ]
    (found,) = count(write_bam(tmp_path / "a.bam", reads), genome, [key])
    assert found.cell.tolist() == [0, 1]
    assert (found.ref.tolist(), found.alt.tolist(), found.other.tolist()) == ([1, 1], [1, 0], [1, 0])


def test_a_better_read_outvotes_poor_ones(genome, tmp_path):
    bases = genome_bases(genome)
    key = snv(bases, 500)
    poor = [reads_at(bases, 500, key[3], cb=CELLS[0], ub="A", quality=11, start=470)]
    good = [reads_at(bases, 500, cb=CELLS[0], ub="A", start=460 + k) for k in range(3)]
    (found,) = count(write_bam(tmp_path / "a.bam", poor + good), genome, [key])
    assert (found.ref.tolist(), found.alt.tolist()) == ([1], [0])


def test_a_site_in_a_spliced_gap_is_not_covered(genome, tmp_path):
    bases = genome_bases(genome)
    read = {"start": 440, "sequence": bases[440:470] + bases[600:630], "cigar": "30M130N30M", "cb": CELLS[0], "ub": "A"}
    inside, across = count(write_bam(tmp_path / "a.bam", [read]), genome, [snv(bases, 500), snv(bases, 605)])
    assert len(inside.cell) == 0
    assert across.ref.tolist() == [1]


def test_counts_equal_vartrix_on_substitutions_and_indels(genome, tmp_path):
    bases, rng = genome_bases(genome), np.random.default_rng(11)
    keys = [
        snv(bases, 300),
        (CHROM, 800, bases[799:803], bases[799]),
        (CHROM, 1300, bases[1299], bases[1299] + "GATTC"),
    ]
    reads = []
    for key in keys:
        _, pos, ref, alt = key
        changed = bases[: pos - 1] + alt + bases[pos - 1 + len(ref) :]
        for cell in CELLS[:10]:
            for number in range(rng.integers(1, 3)):
                mutated = rng.random() < 0.5
                for _ in range(1 + rng.integers(2)):
                    start = pos - 1 - int(rng.integers(18, 40))
                    shift = len(alt) - len(ref)
                    cigar = "64M"
                    if mutated and shift:
                        before = pos - start
                        cigar = (
                            f"{before}M{shift}I{64 - before - shift}M"
                            if shift > 0
                            else f"{before}M{-shift}D{64 - before}M"
                        )
                    sequence = (changed if mutated else bases)[start : start + 64]
                    wrong = int(rng.integers(64))
                    if rng.random() < 0.3:
                        sequence = sequence[:wrong] + rng.choice(list("ACGT")) + sequence[wrong + 1 :]
                    reads.append(
                        {"start": start, "sequence": sequence, "cigar": cigar, "cb": cell, "ub": f"{pos}{number}"}
                    )
    bam = write_bam(tmp_path / "a.bam", reads)
    for key, found in zip(keys, count(bam, genome, keys), strict=True):
        told = zip(found.cell, found.ref, found.alt, strict=True)
        mine = {CELLS[cell]: (int(ref), int(alt)) for cell, ref, alt in told if ref + alt}
        assert mine == vartrix_counts(bam, bases, key, CELLS)
        assert found.alt.sum() > 3


def test_barcodes_and_contigs_are_found_in_either_spelling(genome, tmp_path):
    bases = genome_bases(genome)
    key = snv(bases, 500)
    bam = write_bam(tmp_path / "a.bam", [reads_at(bases, 500, cb=CELLS[0].removesuffix("-1"), ub="A")], chrom="16")
    sites = make_sites([ListedSite(key, None, None, True, True)], None)
    (found,) = read_molecules(bam, sites, CELLS)
    assert found.cell == [0]


def refused(genome, bam, keys=None, barcodes=CELLS) -> str:
    keys = keys or [snv(genome_bases(genome), 500)]
    sites = make_sites([ListedSite(key, None, None, True, True) for key in keys], None)
    with pytest.raises(InputError) as error:
        read_molecules(bam, sites, barcodes)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_bam_that_does_not_fit_is_refused_in_one_line(genome, tmp_path):
    bases = genome_bases(genome)
    good = [reads_at(bases, 500, cb=CELLS[0], ub="A"), reads_at(bases, 700, cb=CELLS[0], ub="A")]
    bare = write_bam(tmp_path / "bare.bam", [reads_at(bases, 500)])
    assert "has a cell barcode" in refused(genome, bare)
    assert "samtools index" in refused(genome, write_bam(tmp_path / "no_index.bam", good, index=False))
    assert "contig chr16" in refused(genome, write_bam(tmp_path / "other.bam", good, chrom="chr2"))
    assert "past the end" in refused(genome, write_bam(tmp_path / "a.bam", good), [(CHROM, LENGTH + 5, "A", "C")])
    other = refused(genome, tmp_path / "a.bam", barcodes=["GGGGGGGGGGGGGGGG-1"])
    assert "one sample" in other and CELLS[0] in other


def test_a_cut_off_bam_is_refused_in_one_line(genome, tmp_path):
    bases, rng = genome_bases(genome), np.random.default_rng(1)
    places = np.sort(rng.integers(440, 1400, 30_000))
    whole = write_bam(tmp_path / "whole.bam", [reads_at(bases, p + 30, cb=CELLS[0], ub=f"A{p}") for p in places])
    cut = tmp_path / "cut.bam"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    shutil.copy(f"{whole}.bai", f"{cut}.bai")
    assert "cut off" in refused(genome, cut) or "breaks off" in refused(genome, cut)


def test_an_indel_needs_the_genome(genome):
    with pytest.raises(InputError, match="--reference"):
        make_sites([ListedSite((CHROM, 500, "A", "AT"), None, None, True, True)], None)


def test_lists_of_cells(tmp_path):
    path = tmp_path / "barcodes.tsv"
    path.write_text("AAAC-1\nAAAG-1\n")
    assert read_listed_cells(path, None).barcodes == ["AAAC-1", "AAAG-1"]
    path.write_text("AAAC-1\nAAAC-1\n")
    with pytest.raises(InputError, match="occurs twice"):
        read_listed_cells(path, None)


def test_sites_of_a_vcf_pass_and_are_written_in_bases(tmp_path):
    path = tmp_path / "a.vcf"
    head = (
        '##fileformat=VCFv4.2\n##contig=<ID=chr16>\n##FILTER=<ID=bad,Description="b">\n##ALT=<ID=DEL,Description="d">\n'
    )
    rows = ["chr16\t5\t.\tA\tC,G\t.\tPASS\t.", "chr16\t6\t.\tA\tC\t.\tbad\t.", "chr16\t7\t.\tA\t<DEL>\t.\t.\t."]
    path.write_text(head + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + "\n".join(rows) + "\n")
    assert [site.key for site in read_sites([path], [])] == [("chr16", 5, "A", "C"), ("chr16", 5, "A", "G")]
