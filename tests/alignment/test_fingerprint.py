"""Fingerprints of tumours and cells: the same person, another one, a mixture, with intervals that cover."""

import numpy as np
import pandas as pd
import pysam
import pytest
from scipy.stats import betabinom, binom

from twohit.alignment.fingerprint import GRID, ODD_SHAPE, ODDS, fingerprint, homozygous, log_likelihood
from twohit.alignment.fingerprint_table import fingerprints, spread
from twohit.errors import InputError
from twohit.schemas import FINGERPRINTS
from twohit.tables import read_table

GENOME = 60_000
N_SITES = 600
STEP = GENOME // N_SITES


def test_the_likelihood_is_that_of_a_slow_loop():
    k, n, f, error = np.array([0, 1, 7, 3]), np.array([5, 10, 8, 100]), np.array([0.1, 0.5, 0.9, 0.25]), 2e-3
    made = log_likelihood(k, n, f, error)
    for place in (0, 40, 120, GRID.size - 1):
        each = []
        for odds in ODDS:
            slow = 0.0
            for site in range(4):
                mixed = 0.0
                for copies in range(3):
                    share = GRID[place] * copies / 2
                    seen = share * (1 - error) + (1 - share) * error
                    mixed += binom.pmf(copies, 2, f[site]) * binom.pmf(k[site], n[site], seen)
                slow += np.log((1 - odds) * mixed + odds * betabinom.pmf(k[site], n[site], *ODD_SHAPE))
            each.append(slow)
        assert made[place] == pytest.approx(np.log(np.exp(each).sum()), rel=1e-9)


def drawn(rng, share, n_sites=1_500, depth=6, error=1e-3):
    """Reads at homozygous sites of a person, `share` of them of another one."""
    f = rng.uniform(0.05, 0.6, n_sites)
    copies, n = rng.binomial(2, f), rng.poisson(depth, n_sites)
    seen = share * copies / 2 * (1 - 2 * error) + error
    foreign = rng.binomial(n, seen)
    return n - foreign, foreign, rng.binomial(n, 2 * error), f


@pytest.mark.parametrize(
    ("share", "status"), [(0.0, "same_person"), (0.05, "contaminated"), (0.2, "contaminated"), (1.0, "other_person")]
)
@pytest.mark.parametrize("with_frequencies", [True, False])
def test_shares_come_back(share, status, with_frequencies):
    own, foreign, other, f = drawn(np.random.default_rng(5), share)
    made = fingerprint(own, foreign, other, f if with_frequencies else None)
    assert made.status == status
    assert made.share_lower <= made.share <= made.share_upper
    assert made.share == pytest.approx(share, abs=0.01 if share < 1 else 0.05) if with_frequencies else True


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3])
def test_intervals_cover(share):
    inside = []
    for seed in range(100):
        own, foreign, other, f = drawn(np.random.default_rng([seed, int(1e4 * share)]), share, 500, 8)
        made = fingerprint(own, foreign, other, f)
        inside.append(made.share_lower <= share <= made.share_upper)
    assert 0.83 <= np.mean(inside) <= 0.97


def test_too_little_is_said_to_be_too_little():
    made = fingerprint(np.full(20, 3), np.zeros(20), np.zeros(20), None)
    assert made.status == "not_assessable" and made.share is None and made.n_sites == 20


def test_which_sites_of_the_normal_have_one_allele():
    made = homozygous(np.array([60, 0, 30, 12, 99]), np.array([0, 45, 30, 0, 1]))
    assert made.tolist() == [0, 1, -1, -1, 0]
    assert sorted(spread(1_000, 100).tolist())[::10] == pytest.approx(list(range(5, 1_000, 100)), abs=25)


class People:
    """Two persons at the same SNPs, DNA counts of the first, barcoded reads of either."""

    def __init__(self, folder):
        self.folder, self.rng = folder, np.random.default_rng(8)
        self.position = np.arange(N_SITES) * STEP + 40
        self.frequency = self.rng.uniform(0.1, 0.6, N_SITES)
        self.genotype = [self.rng.binomial(2, self.frequency) for _ in range(2)]

    def counts(self, foreign=0.0):
        table = {"Chromosome": ["chr1"] * N_SITES, "Position": self.position, "Ref": ["A"] * N_SITES}
        table["Alt"] = ["G"] * N_SITES
        for number, share in ((1, 0.0), (2, foreign)):
            alt = (1 - share) * self.genotype[0] / 2 + share * self.genotype[1] / 2
            depth = self.rng.poisson(90, N_SITES)
            table[f"File{number}A"] = self.rng.binomial(depth, alt * 0.998 + 0.001)
            table[f"File{number}R"] = depth - table[f"File{number}A"]
            table[f"File{number}E"] = self.rng.binomial(depth, 0.001)
            table[f"File{number}D"] = 0
        path = self.folder / "P1.snp_counts.csv.gz"
        pd.DataFrame(table).to_csv(path, index=False)
        return path

    def cells(self, name, foreign, copies=2, contig="1"):
        """A barcoded BAM: some molecules a site, each read `copies` times, `foreign` of them of the other person."""
        header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": contig, "LN": GENOME}]}
        path = self.folder / f"{name}.bam"
        with pysam.AlignmentFile(str(path), "wb", header=header) as out:
            for site, position in enumerate(self.position.tolist()):
                for molecule in range(int(self.rng.poisson(4))):
                    person = int(self.rng.random() < foreign)
                    base = "G" if self.rng.random() < self.genotype[person][site] / 2 else "A"
                    for _ in range(copies):
                        self._read(out, position, base, f"CELL{molecule % 7}-1", f"U{site}.{molecule}")
        pysam.index(str(path))
        return path

    def vcf(self):
        lines = ["##fileformat=VCFv4.2", "##contig=<ID=chr1>", '##INFO=<ID=AF,Number=A,Type=Float,Description="x">']
        lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
        for position, f in zip(self.position, self.frequency, strict=True):
            lines.append(f"chr1\t{position}\t.\tA\tG\t.\t.\tAF={f:.4f}")
        path = self.folder / "s.vcf"
        path.write_text("\n".join(lines) + "\n")
        return path

    def _read(self, out, position, base, cell, umi):
        read = pysam.AlignedSegment(out.header)
        read.query_name, read.flag, read.reference_id = f"{cell}{umi}", 0, 0
        read.reference_start, read.mapping_quality, read.cigartuples = position - 21, 255, [(0, 40)]
        read.query_sequence = "C" * 20 + base + "C" * 19
        read.query_qualities = pysam.qualitystring_to_array("F" * 40)
        read.set_tag("CB", cell)
        read.set_tag("UB", umi)
        out.write(read)


@pytest.fixture
def people(tmp_path):
    return People(tmp_path)


def test_cells_of_the_person_of_another_and_of_both(people, script, tmp_path):
    cells = [f"{name}={people.cells(name, share)}" for name, share in (("own", 0), ("swapped", 1), ("mixed", 0.25))]
    options = ("--snp-counts", people.counts(0.1), "--tumor", "T", "--sites", people.vcf())
    options += ("--out", tmp_path / "P1.fingerprints.tsv")
    script("fingerprint_samples.py", *options, "--cells", *cells)
    table = read_table(tmp_path / "P1.fingerprints.tsv", FINGERPRINTS).set_index("sample")
    assert table["status"].to_dict() == {
        "T": "contaminated", "own": "same_person", "swapped": "other_person", "mixed": "contaminated",
    }  # fmt: skip
    assert table.loc["T", "other_share_lower"] - 0.02 <= 0.1 <= table.loc["T", "other_share_upper"] + 0.02
    assert table.loc["mixed", "other_share_lower"] - 0.02 <= 0.25 <= table.loc["mixed", "other_share_upper"] + 0.02
    first = (tmp_path / "P1.fingerprints.tsv").read_bytes()
    script("fingerprint_samples.py", *options, "--cells", *cells)
    assert (tmp_path / "P1.fingerprints.tsv").read_bytes() == first


def test_frequencies_come_from_the_vcf(people):
    counts, cells = people.counts(), {"mixed": people.cells("mixed", 0.25)}
    plain, _ = fingerprints(counts, ["T"], cells)
    informed, _ = fingerprints(counts, ["T"], cells, people.vcf())
    width = {name: t.iloc[1]["other_share_upper"] - t.iloc[1]["other_share_lower"] for name, t in
             (("plain", plain), ("informed", informed))}  # fmt: skip
    assert informed.iloc[1]["other_share_lower"] <= 0.25 <= informed.iloc[1]["other_share_upper"]
    assert width["informed"] < 1.3 * width["plain"]


def test_a_molecule_counts_once_however_often_it_was_read(people):
    once, often = (fingerprints(people.counts(), ["T"], {"S": people.cells("S", 0, copies)})[0] for copies in (1, 5))
    assert often.iloc[1]["n_reads"] == pytest.approx(once.iloc[1]["n_reads"], rel=0.1)


def test_what_cannot_be_compared_is_refused(people, tmp_path):
    counts, bam = people.counts(), people.cells("S", 0, contig="7")
    with pytest.raises(InputError, match="none of the SNPs' contigs"):
        fingerprints(counts, ["T"], {"S": bam})
    with pytest.raises(InputError, match="fewer tumours"):
        fingerprints(counts, ["T", "T2"], {})
    (tmp_path / "S.bam.bai").unlink()
    with pytest.raises(InputError, match="run samtools index"):
        fingerprints(counts, ["T"], {"S": bam})
