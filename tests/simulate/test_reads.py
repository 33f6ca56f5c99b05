"""Reads: allele fractions in the FASTQ, errors and their qualities, duplicates, artefacts, determinism."""

import filecmp

import numpy as np
import pytest

from tests.simulate.kmers import KMER, count_kmers, read_matrix
from twohit.simulate.codes import BASES, reverse_complement
from twohit.simulate.patient import build_patient, write_patient
from twohit.simulate.presets import make_preset
from twohit.simulate.reads import FRAGMENT_MEAN, draw_fragments, sequence_chunk
from twohit.simulate.templates import Library
from twohit.tables import read_json


def both_directions(paths, kmers: list[str]) -> np.ndarray:
    wanted = [*kmers, *(reverse_complement(text) for text in kmers)]
    return count_kmers(paths, wanted).reshape(2, -1).sum(axis=0)


def allele_kmers(reference, chrom: str, pos: int, ref: str, alt: str) -> tuple[str, str]:
    """K-mers around a variant (0-based) with either allele, with as much sequence on its left."""
    half = KMER // 2
    left = reference.base(chrom, pos - half, pos)
    right = reference.base(chrom, pos + len(ref), pos + len(ref) + KMER)
    return (left + ref + right)[:KMER], (left + alt + right)[:KMER]


def plain_library(n: int, rng: np.random.Generator) -> Library:
    bases = BASES[rng.integers(4, size=n)]
    weights = np.ones(n)
    weights[-400:] = 0
    return Library(bases, np.full(n, n), np.cumsum(weights), np.ones(n, dtype=bool), np.full(n, -1, dtype=np.int32), [])


@pytest.mark.parametrize("sample", ["P1_T", "P1_N"])
def test_allele_fractions_in_the_fastq_are_those_of_the_truth(tiny, tiny_folder, sample):
    told = read_json(tiny_folder / "truth.json")
    paths = sorted((tiny_folder / "fastq").glob(f"{sample}_L*.fastq.gz"))
    rows = [row for row in told["variants"] if row["vaf"] is not None]
    pairs = [allele_kmers(tiny.reference, row["chrom"], row["pos"] - 1, row["ref"], row["alt"]) for row in rows]
    text = "".join(array.tobytes().decode() + "N" for array in tiny.reference.sequence.values())
    unique = np.array([text.count(ref) == 1 and alt not in text for ref, alt in pairs])
    ref = both_directions(paths, [pair[0] for pair in pairs])
    alt = both_directions(paths, [pair[1] for pair in pairs])
    expected = np.array([row["vaf"] if sample == "P1_T" else row["normal_vaf"] for row in rows])
    depth = ref + alt
    use = unique & (depth >= 20)
    assert use.sum() > 300
    error = 1e-3
    mean = expected * (1 - error) + (1 - expected) * error / 3
    z = (alt - depth * mean)[use] / np.sqrt(depth * mean * (1 - mean) + 0.05)[use]
    middle = (expected > 0.05) & (expected < 0.95)
    assert abs(np.mean(z)) < 0.25
    assert 0.8 < np.std(z[middle[use]]) < 1.5  # above 1: duplicates and overlapping mates are counted twice
    assert np.max(np.abs(z[middle[use]])) < 5.5
    somatic = np.array([row["origin"] == "somatic" for row in rows])[use]
    assert (somatic & (expected[use] > 0)).sum() > 20 or sample == "P1_N"


def test_depth_and_fragments(tiny_folder):
    told = read_json(tiny_folder / "truth.json")
    for sample in told["samples"]:
        size = sum(
            int(line.split("\t")[2]) - int(line.split("\t")[1])
            for line in (tiny_folder / "reference" / "targets.bed").read_text().splitlines()
        )
        reads = sum(len(read_matrix(path)) for path in (tiny_folder / "fastq").glob(f"{sample['sample']}_*.gz"))
        # every base of a unique read covers one base; some lie beside the targets or under their mates
        assert sample["depth"] < reads * 75 * 0.9 / size < 2.2 * sample["depth"]


def test_fragments_have_the_stated_length_strand_and_duplicates():
    rng = np.random.default_rng(1)
    library = plain_library(50_000, rng)
    start, length, source, reverse = draw_fragments(library, 20_000, 0.1, rng)
    assert abs(length.mean() - FRAGMENT_MEAN) < 2 and 35 < length.std() < 42
    assert np.all(start + length <= 50_000) and abs(reverse.mean() - 0.5) < 0.02
    assert len(np.unique(source)) == 18_000
    for values in (start, length, reverse):
        first = {}
        assert all(first.setdefault(key, value) == value for key, value in zip(source.tolist(), values.tolist()))


def test_errors_have_the_frequency_their_quality_states():
    rng = np.random.default_rng(2)
    library = plain_library(30_000, rng)
    pairs = sequence_chunk(library, 40_000, 0.0, 0.0, np.random.default_rng(3))
    start, length, _, reverse = draw_fragments(library, 40_000, 0.0, np.random.default_rng(3))
    truth = library.bases[start[:, None] + np.arange(75)]
    wrong = (pairs.bases_1 != truth)[~reverse]
    quality = pairs.quality_1[~reverse]
    for score in np.unique(quality).tolist():
        n = int((quality == score).sum())
        expected = n * 10 ** (-score / 10)
        if expected > 50:
            assert abs(int(wrong[quality == score].sum()) - expected) < 5 * np.sqrt(expected)
    by_cycle = quality.astype(float).mean(axis=0)
    assert by_cycle[:10].mean() - by_cycle[-10:].mean() > 4


def test_oxidation_shows_in_one_orientation_only_and_strand_artefacts_on_one_strand(tiny, tiny_folder):
    alts = [allele_kmers(tiny.reference, x.chrom, x.pos, x.ref, x.alt)[1] for x in tiny.artefacts]
    wanted = [*alts, *(reverse_complement(text) for text in alts)]
    (one_forward, one_reverse), (two_forward, two_reverse) = (
        count_kmers(sorted((tiny_folder / "fastq").glob(f"P1_T_L*_R{mate}.fastq.gz")), wanted).reshape(2, -1)
        for mate in (1, 2)
    )
    sums = {"oxidation": np.zeros(2), "strand": np.zeros(2)}
    for number, item in enumerate(tiny.artefacts):
        f1r2, f2r1 = one_forward[number] + two_reverse[number], one_reverse[number] + two_forward[number]
        if item.kind == "strand":
            forward, reverse = one_forward[number] + two_forward[number], one_reverse[number] + two_reverse[number]
            sums["strand"] += (forward, reverse)
        elif item.kind == "oxidation":
            sums["oxidation"] += (f1r2, f2r1) if item.ref == "G" else (f2r1, f1r2)
    for kind, (expected, other) in sums.items():
        assert expected > 20 and other < 0.1 * expected, kind


def test_the_bytes_do_not_depend_on_threads_and_do_on_the_seed(tmp_path):
    sizes = {"tumor_depth": 20, "normal_depth": 20, "chunk_fragments": 2_000}
    for name, seed, threads in (("one", 5, 1), ("two", 5, 2), ("other", 6, 1)):
        write_patient(build_patient(make_preset("tiny", **sizes), seed), tmp_path / name, threads)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) == 6 + 11 + 6 + 3 + 2 and not list((tmp_path / "one").rglob("*.part"))
    for path in files:
        if path.name != "params.json":  # holds the folder's path
            assert filecmp.cmp(tmp_path / "one" / path, tmp_path / "two" / path, shallow=False), path
    reads = [path for path in files if path.name.endswith("fastq.gz")]
    assert all((tmp_path / "one" / path).read_bytes() != (tmp_path / "other" / path).read_bytes() for path in reads)
    assert all((tmp_path / "one" / path).read_bytes()[4:8] == b"\0\0\0\0" for path in reads)


def test_the_male_twin_has_half_the_reads_on_x(tiny, tmp_path):
    twin = build_patient(make_preset("tiny", sex="male", tumor_depth=5, normal_depth=80), seed=11)
    write_patient(twin, tmp_path, threads=1)
    reads = sorted((tmp_path / "fastq").glob("P1_N_*.gz"))
    rng = np.random.default_rng(1)
    depth = {}
    for chrom in ("chrX", "chr1"):
        spots = [target for target in twin.reference.targets if target[0] == chrom]
        kmers = [twin.reference.base(chrom, *(int(rng.integers(s + 30, e - 55)) + np.array([0, KMER])))
                 for _, s, e in spots for _ in range(6)]  # fmt: skip
        depth[chrom] = np.mean(both_directions(reads, kmers))
    assert 0.35 < depth["chrX"] / depth["chr1"] < 0.7
