"""Do the samples belong together: swapped, foreign and tainted normals are named, sound pairs are not."""

import numpy as np
import pandas as pd
import pytest

from tests.copynumber.known import ARM_EVENTS
from twohit.copynumber.counts import read_snp_counts
from twohit.copynumber.pairing import changed_share, foreign_share, pair_warnings, read_shares, shared_imbalance
from twohit.copynumber.run import fit_samples
from twohit.copynumber.swap_direction import swapped_share
from twohit.errors import InputError
from twohit.genome.contigs import load_genome

FILES = 4  # columns a file has: R, A, E, D


def rearranged(path, files):
    """Write the counts file with other files in place of File1, File2 ...: `files` are their numbers."""
    frame = pd.read_csv(path)
    made = frame[["Chromosome", "Position", "Ref", "Alt"]].copy()
    for new, old in enumerate(files, 1):
        for letter in "RAED":
            made[f"File{new}{letter}"] = frame[f"File{old}{letter}"] if old else 0
    out = path.with_name(f"{path.name}.{'_'.join(map(str, files))}.csv.gz")
    made.to_csv(out, index=False)
    return out


@pytest.fixture(scope="module")
def samples(simulate):
    """Files 1 a normal, 2 a tumour of purity 0.8, 3 and 4 normals with 10 % and 30 % of its cells, 5 purity 0.6."""
    return simulate([ARM_EVENTS] * 4, [0.8, 0.1, 0.3, 0.6], seed=5, n_sites=9000)


@pytest.fixture(scope="module")
def code(samples, genome):
    """Code of the warning on a normal and a tumour, by their numbers in `samples`."""

    def find(normal: int, tumor: int) -> str | None:
        counts = read_snp_counts(rearranged(samples, [normal, tumor]), genome)
        return next((item["code"] for item in pair_warnings(counts, 0, False)), None)

    return find


def test_a_sound_pair_is_not_doubted(code):
    assert code(1, 2) is None and code(1, 5) is None


def test_swapped_samples(code):
    assert code(2, 1) == "swapped_pair" and code(5, 1) == "swapped_pair"


@pytest.mark.parametrize("purity", [0.2, 0.3])
def test_swapped_samples_of_low_purity(simulate, genome, purity):
    """No site alone shows which one is unbalanced; blocks of them do, and the pair in order is not doubted."""
    path = simulate(ARM_EVENTS, purity, seed=4, n_sites=20_000, normal_depth=100.0)
    for files, expected in (([2, 1], ["swapped_pair"]), ([1, 2], [])):
        counts = read_snp_counts(rearranged(path, files), genome)
        assert [item["code"] for item in pair_warnings(counts, 0, False)] == expected


@pytest.mark.parametrize("seed", range(6))
def test_noise_of_the_normal_alone_is_no_swap(seed):
    rng = np.random.default_rng(seed)
    chrom, depths = np.repeat(np.arange(22), 250), np.full((2, 5500), 100.0)
    patches = np.repeat(rng.random(110) < 0.3, 50)
    centre = 0.48 + np.stack([rng.normal(0, 0.02 + 0.03 * patches), np.zeros(patches.size)])
    assert swapped_share(chrom, rng.binomial(100, centre) / 100, depths) == 0.0


@pytest.mark.parametrize("normal", [3, 4])
def test_tumour_cells_in_the_normal(code, normal):
    assert code(normal, 2) == "tumor_in_normal"


def test_a_second_tumour_as_normal(code):
    assert code(5, 2) == "tumor_in_normal"


def test_how_much_of_the_imbalance_the_normal_shows(samples, genome):
    for normal, share in ((1, 0.0), (3, 0.1), (4, 0.3)):
        ratio, error = shared_imbalance(read_shares(read_snp_counts(rearranged(samples, [normal, 2]), genome), 0))
        # of a copy-neutral LOH the normal shows share / purity, of a lost copy less: there are fewer copies to share in
        highest = share / 0.8
        assert highest * (2 - 0.8) / (2 - share) - 3 * error < ratio < highest + 3 * error


def person(rng, frequency):
    """Haplotypes of one person, shape (sites, 2)."""
    return rng.random((frequency.size, 2)) < frequency[:, None]


def counted(rng, genotype, depth):
    """Reference and alternative reads of a normal sample."""
    alt = rng.binomial(depth, 0.998 * genotype.mean(axis=1) + 0.001)
    return depth - alt, alt


@pytest.fixture(scope="module")
def family(tmp_path_factory, genome):
    """Counts of a person as normal and, as tumours, himself, his child and somebody else, without any change."""
    rng = np.random.default_rng(8)
    frequency = rng.uniform(0.05, 0.5, 1500)
    parent, other = person(rng, frequency), person(rng, frequency)
    child = np.stack([parent[:, 0], person(rng, frequency)[:, 0]], axis=1)
    table = {"Chromosome": np.repeat([f"chr{k}" for k in range(1, 16)], 100)}
    table |= {"Position": np.tile(np.arange(1, 101) * 100_000 + 1_000_000, 15), "Ref": "A", "Alt": "C"}
    for number, genotype in enumerate((parent, parent, child, other), 1):
        table[f"File{number}R"], table[f"File{number}A"] = counted(rng, genotype, 60)
        table |= {f"File{number}E": 0, f"File{number}D": 0}
    path = tmp_path_factory.mktemp("family") / "counts.csv"
    pd.DataFrame(table).to_csv(path, index=False)
    return read_snp_counts(path, genome)


def test_another_person_even_a_child(family):
    own, child, other = (foreign_share(read_shares(family, k)) for k in range(3))
    assert own == 0 and child > 0.1 and other > 0.2
    assert pair_warnings(family, 0, False) == []
    for tumor in (1, 2):
        (said,) = pair_warnings(family, tumor, False)
        assert said["code"] == "other_person" and "nothing is judged" in said["message"]


def test_artefacts_in_a_cluster_are_no_change(samples, genome):
    frame = pd.read_csv(samples)
    rows = frame.index[frame["Chromosome"] == "chr2"][100:106]  # paralogues: a third of the reads, in both
    for number in (1, 2):
        depth = frame.loc[rows, f"File{number}R"] + frame.loc[rows, f"File{number}A"]
        frame.loc[rows, f"File{number}A"] = (0.3 * depth).astype(int)
        frame.loc[rows, f"File{number}R"] = depth - frame.loc[rows, f"File{number}A"]
    path = samples.with_name("paralogues.csv")
    frame.iloc[:, : 4 + 2 * FILES].to_csv(path, index=False)
    counts = read_snp_counts(path, genome)
    assert pair_warnings(counts, 0, False) == []
    assert changed_share(read_shares(counts, 0), None) == 0


def test_one_sample_twice_and_one_without_reads_are_refused(samples, genome):
    with pytest.raises(InputError, match=r"tumour T \(File2\): has exactly the reads of the normal"):
        fit_samples(read_snp_counts(rearranged(samples, [1, 1]), genome), ["T"], genome)
    with pytest.raises(InputError, match=r"tumour B \(File3\): has no read at any SNP"):
        fit_samples(read_snp_counts(rearranged(samples, [1, 2, 0]), genome), ["A", "B"], genome)


@pytest.mark.parametrize(("true", "told"), [("female", "male"), ("male", "female")])
def test_a_wrong_sex_is_named(fit_one, true, told):
    made = fit_one(ARM_EVENTS, 0.7, sex=true, fit_sex=told)
    assert made.profile.sex == told and made.profile.sex_seen == true
    assert "sex_mismatch" in {item["code"] for item in made.warnings}


def test_the_right_sex_and_none_raise_no_doubt(fit_one):
    for sex in ("female", "male"):
        for told in (sex, None):
            made = fit_one(ARM_EVENTS, 0.7, sex=sex, fit_sex=told)
            assert made.profile.sex == sex
            assert {item["code"] for item in made.warnings} <= {"several_solutions", "twin_of_doubling"}


@pytest.mark.data
def test_a_real_pair_both_ways(twohit_data, tmp_path):
    hg19 = load_genome("hg19")
    path = twohit_data / "facets_stomach" / "stomach.csv.gz"
    counts = read_snp_counts(path, hg19)
    assert pair_warnings(counts, 0, False) == []
    counts.ref, counts.alt = counts.ref[::-1], counts.alt[::-1]
    assert [item["code"] for item in pair_warnings(counts, 0, False)] == ["swapped_pair"]
