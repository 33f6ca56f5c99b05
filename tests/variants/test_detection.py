"""Forced genotyping: errors learnt from the sample, p-values, power; against slow references and known mixtures."""

import random

import numpy as np
import pandas as pd
import pysam
import pytest
from scipy.stats import beta, betabinom, binom

from tests.variants.toy import write_fasta
from twohit.genome.reference import Reference
from twohit.variants.background import Background, fold, learn_background
from twohit.variants.detection import MAX_P, ODD, ODD_SHAPE, SiteErrors, critical_count, detect, upper_tail
from twohit.variants.genotype_tables import genotype_sample

READ = 75
GENOME = "".join(random.Random(8).choices("ACGT", k=12_000))
OTHER = {"A": "C", "C": "T", "G": "T", "T": "G"}


def write_bam(path, rng, depth, error=0.0, shares=None, ct_error=None):
    """Single reads at random places, quality 37, each base wrong with `error`; variants at 0-based {pos: share}."""
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "1", "LN": len(GENOME)}]}
    starts = np.sort(rng.integers(0, len(GENOME) - READ, size=depth * len(GENOME) // READ))
    genome = np.array(list(GENOME))
    with pysam.AlignmentFile(str(path), "wb", header=header) as out:
        for number, start in enumerate(starts.tolist()):
            bases = genome[start : start + READ].copy()
            for place in (p for p in (shares or {}) if start <= p < start + READ):
                if rng.random() < shares[place]:
                    bases[place - start] = OTHER[GENOME[place]]
            for wrong in np.flatnonzero(rng.random(READ) < error):
                bases[wrong] = rng.choice([b for b in "ACGT" if b != bases[wrong]])
            if ct_error is not None:
                bases[(genome[start : start + READ] == "C") & (bases == "C") & (rng.random(READ) < ct_error)] = "T"
            read = pysam.AlignedSegment(out.header)
            read.query_name, read.reference_id, read.reference_start = f"r{number}", 0, start
            read.mapping_quality, read.cigartuples, read.flag = 60, [(0, READ)], 0
            read.query_sequence = "".join(bases)
            read.query_qualities = pysam.qualitystring_to_array("F" * READ)
            out.write(read)
    pysam.index(str(path))
    return path


@pytest.fixture(scope="module")
def fasta(tmp_path_factory):
    return write_fasta(tmp_path_factory.mktemp("genome") / "genome.fa", {"1": GENOME})


def keys_at(places):
    return [("1", place + 1, GENOME[place], OTHER[GENOME[place]]) for place in places]


def test_errors_are_learnt_by_change(fasta, tmp_path):
    path = write_bam(tmp_path / "a.bam", np.random.default_rng(1), 150, error=3e-4, ct_error=4e-3)
    with Reference(fasta) as reference, pysam.AlignmentFile(str(path)) as bam:
        found = learn_background(bam, keys_at(range(100, 11_900, 120)), reference, 20, 20)
    rates = {kind: np.mean([m for (around, alt), m in found.means.items() if (around[1], alt) == kind])
             for kind in (("C", "T"), ("C", "A"), ("T", "G"))}  # fmt: skip
    # reads are of the forward strand: C>T is wrong in 4e-3 + 1e-4, its complement G>A in 1e-4 only, folded together
    assert rates["C", "T"] == pytest.approx(2.1e-3, rel=0.15)
    assert rates["C", "A"] == pytest.approx(1e-4, rel=0.5) and rates["T", "G"] == pytest.approx(1e-4, rel=0.5)
    assert found.n_bases > 1e6


def test_the_means_are_those_of_a_plain_pileup(fasta, tmp_path):
    """Slow reference: every column by pysam's pileup, one change at a time."""
    path = write_bam(tmp_path / "a.bam", np.random.default_rng(2), 60, error=2e-3)
    keys = keys_at([500, 700, 2_000])
    with Reference(fasta) as reference, pysam.AlignmentFile(str(path)) as bam:
        found = learn_background(bam, keys, reference, 20, 20)
        wrong, depth = {}, {}
        own = {pos - 1 for _, pos, _, _ in keys}
        for column in bam.pileup("1", min_base_quality=20, stepper="all", max_depth=10**6):
            place = column.reference_pos
            if place in own or not any(abs(place - mine) <= 60 for mine in own):
                continue
            seen = [base.upper() for base in column.get_query_sequences()]
            for alt in "ACGT":
                n = seen.count(alt)
                if alt == GENOME[place] or (n >= 3 and n > 0.05 * len(seen)):
                    continue
                name = fold(GENOME[place - 1 : place + 2], alt)
                wrong[name] = wrong.get(name, 0) + n
                depth[name] = depth.get(name, 0) + len(seen)
    assert set(wrong) == set(found.means)
    overall = (sum(wrong.values()) + 5) / (sum(depth.values()) + 1e4)
    for name, mean in found.means.items():
        kind = [other for other in wrong if (other[0][1], other[1]) == (name[0][1], name[1])]
        middle = (sum(wrong[k] for k in kind) + overall * 1e4) / (sum(depth[k] for k in kind) + 1e4)
        assert mean == pytest.approx((wrong[name] + middle * 1e4) / (depth[name] + 1e4), rel=1e-9)


@pytest.mark.parametrize(("n", "a", "b"), [(100, 0.05, 99.9), (5_000, 0.5, 999.5), (30, 2.0, 50.0)])
def test_tails_equal_the_slow_sum(n, a, b):
    errors = SiteErrors(a, b)
    for k in (0, 1, 2, 5, 20):
        slow = (1 - ODD) * betabinom(n, a, b).sf(k - 1) + ODD * betabinom(n, *ODD_SHAPE).sf(k - 1)
        assert upper_tail(k, n, errors) == pytest.approx(slow, rel=1e-6, abs=1e-12)
    least = critical_count(n, errors)
    assert upper_tail(least, n, errors) <= MAX_P
    assert least == 2 or upper_tail(least - 1, n, errors) > MAX_P


def test_what_the_normal_shows_is_bayes_rule():
    """Slow reference: the posterior of the error share on a grid."""
    errors, alt, depth = SiteErrors(0.3, 999.7), 2, 300
    share = (np.arange(200_000) + 0.5) / 200_000
    prior = (1 - ODD) * beta.pdf(share, 0.3, 999.7) + ODD * beta.pdf(share, *ODD_SHAPE)
    after = prior * binom.pmf(alt, depth, share)
    after /= after.sum()
    found = errors.given(alt, depth)
    assert found.mean == pytest.approx((share * after).sum(), rel=1e-3)
    slow = (after * binom.sf(3, 100, share)).sum()
    assert upper_tail(4, 100, found) == pytest.approx(slow, rel=1e-3)


@pytest.mark.parametrize("depth", [100, 500, 5_000])
@pytest.mark.parametrize("rho", [1e-4, 2e-3])
def test_false_detections_and_power_are_as_promised(depth, rho):
    rng = np.random.default_rng(depth)
    error, reads = 3e-4, 1 / rho - 1
    a, b = error * reads, (1 - error) * reads
    wrong = rng.binomial(depth, rng.beta(a, b, size=20_000))
    least = critical_count(depth, SiteErrors(a, b))
    assert (wrong >= least).mean() <= 1.6 * MAX_P
    limit = detect(0, depth, SiteErrors(a, b)).detectable_vaf
    assert limit >= 1 / depth
    for share in (0.25 * limit, 0.6 * limit, limit):
        seen = rng.binomial(depth, share, size=4_000) >= least
        assert seen.mean() == pytest.approx(binom.sf(least - 1, depth, share), abs=0.05)
    assert (rng.binomial(depth, limit, size=20_000) >= least).mean() == pytest.approx(0.95, abs=0.01)


def test_dilutions_of_reads_are_seen_as_predicted(fasta, tmp_path):
    """Reads with errors, variants diluted to 0.5-10 %: the share detected is the predicted power within 5 points."""
    rng = np.random.default_rng(11)
    places = list(range(60, 11_900, 30))
    shares = dict(zip(places, np.resize([0.0, 0.01, 0.02, 0.05, 0.1], len(places)).tolist()))
    path = write_bam(tmp_path / "t.bam", rng, 200, error=3e-4, shares=shares)
    table = pd.DataFrame(keys_at(places), columns=["chrom", "pos", "ref", "alt"]).assign(gene=None, origin="somatic")
    made, *_ = genotype_sample(path, "T", table, fasta)
    made["share"] = [shares[pos - 1] for pos in made["pos"]]
    assert (made["status"] == "not_assessable").sum() == 0
    assert (made.loc[made["share"] == 0, "status"] == "detected").mean() <= 0.02
    for share, rows in made[made["share"] > 0].groupby("share"):
        # the fewest fragments needed follow from the smallest share that is seen with 95 % power
        least = [_least(d, v) for d, v in zip(rows["depth"], rows["detectable_vaf"])]
        power = np.mean([binom.sf(k - 1, d, share) for k, d in zip(least, rows["depth"])])
        assert (rows["status"] == "detected").mean() == pytest.approx(power, abs=0.05 + 2 * np.sqrt(0.25 / len(rows)))
    inside = (made["vaf_lower"] <= made["share"] + 3e-4) & (made["share"] <= made["vaf_upper"])
    assert inside[made["share"] > 0].mean() >= 0.85


def _least(depth, detectable):
    return next(k for k in range(1, depth + 1) if abs(binom.sf(k - 1, depth, detectable) - 0.95) < 1e-3)


def test_the_normal_at_the_site_makes_it_harder(fasta, tmp_path):
    """A place where the normal shows the allele as well is no detection; without the normal it would be."""
    noisy = {600: 0.04}
    tumour = write_bam(tmp_path / "t.bam", np.random.default_rng(3), 150, error=2e-4, shares=noisy)
    normal = write_bam(tmp_path / "n.bam", np.random.default_rng(4), 300, error=2e-4, shares=noisy)
    table = pd.DataFrame(keys_at([600]), columns=["chrom", "pos", "ref", "alt"]).assign(gene=None, origin="somatic")
    alone, *_ = genotype_sample(tumour, "T", table, fasta)
    beside, *_ = genotype_sample(tumour, "T", table, fasta, normal=normal)
    assert alone["status"].item() == "detected" and beside["status"].item() == "not_detected"
    germline, *_ = genotype_sample(tumour, "T", table.assign(origin="germline"), fasta, normal=normal)
    assert germline["status"].item() == "detected", "an inherited allele is no error of the normal"


def test_little_or_nothing_to_see():
    errors = SiteErrors(0.01, 100)
    assert detect(0, 0, errors).status == "not_assessable" and detect(0, 0, errors).vaf is None
    assert detect(0, 5, errors).status == "not_assessable"
    assert detect(0, 100, errors).status == "not_detected"
    assert detect(1, 100, SiteErrors(1e-9, 100, 1e-9)).status == "not_detected", "one fragment is never enough"
    assert detect(5, 5, errors).status == "detected", "few reads, but all of them"


def test_indels_in_repeats_need_more_reads(fasta, tmp_path):
    genome = "ACGTAAAAAAAAAACGTC" * 3
    path = write_fasta(tmp_path / "repeat.fa", {"1": genome})
    errors = Background({}, 1e-4, 0)
    with Reference(path) as reference:
        short = errors.site(("1", 1, "AC", "A"), reference)
        long = errors.site(("1", 4, "TA", "T"), reference)
        block = errors.site(("1", 1, "AC", "TG"), reference)
    usual = {name: one.a / (one.a + one.b) for name, one in (("short", short), ("long", long), ("block", block))}
    assert usual == pytest.approx({"short": 5e-5, "long": 1e-2, "block": 1e-5})
