"""The model on call sets whose truth is known: calibration, prior, classes."""

import gzip
import json

import numpy as np
import pysam
import pytest

from twohit.variants import filter_judge, filter_reference, filter_run, somatic_em, somatic_extract, vcf_io
from twohit.variants import somatic_components as sc


def run(folder, calls, **options):
    """Filter a call set; gives posterior per allele, class per allele and summary."""
    folder.mkdir(exist_ok=True)
    path = calls.write(folder / "raw.vcf")
    stats = folder / "raw.vcf.stats"
    stats.write_text(f"statistic\tvalue\ncallable\t{options.pop('sites', 1e6)}\n")
    given = {"tumor": "T", "normal": "N", "stats": stats} | options
    summary = filter_run.run(filter_run.Request(vcf=path, out=folder / "out.vcf.gz", **given))
    posterior, classes = [], []
    for record in vcf_io.records(folder / "out.vcf.gz"):
        posterior += [float(x) for x in record.info["SOMATIC_POSTERIOR"].split(",")]
        classes += record.info["SOMATIC_CLASS"].split(",")
    return np.array(posterior), np.array(classes), summary


MIXES = {
    "many": {"somatic": 300, "strand": 60, "orientation": 60, "normal_artifact": 60, "sequencing_error": 20},
    "few": {"somatic": 15, "strand": 60, "orientation": 60, "normal_artifact": 60, "sequencing_error": 20},
}


@pytest.mark.parametrize("mix", MIXES)
def test_expected_and_realised_fdr_agree(tmp_path, calls, mix):
    expected, wrong, called, found, true = 0.0, 0, 0, 0, 0
    for seed in range(5):
        made = calls(seed, **MIXES[mix])
        posterior, _, summary = run(tmp_path / str(seed), made)
        passed = posterior >= summary["threshold"]
        somatic = made.labels == "somatic"
        expected += (1 - posterior[passed]).sum()
        wrong += int((passed & ~somatic).sum())
        called += int(passed.sum())
        found += int((passed & somatic).sum())
        true += int(somatic.sum())
    # All call sets together: within 3 points of the truth beyond the chance of a Poisson count; few true calls lost.
    assert abs(expected - wrong) < 0.03 * called + 2 * np.sqrt(expected)
    assert found / true > 0.85


def test_classes_are_named(tmp_path, calls):
    made = calls(11, **MIXES["many"])
    _, classes, _ = run(tmp_path, made)
    for label, share in (("somatic", 0.9), ("orientation", 0.6), ("strand", 0.6), ("normal_artifact", 0.6)):
        rows = made.labels == label
        assert (classes[rows] == label).mean() > share, label


def test_one_clear_call_among_nothing_is_called(tmp_path, callset, allele):
    # COLO829's BRAF V600E as Mutect2 gives it, alone in 1,348 callable sites
    braf = allele((71, 152), (26, 0), (34, 37, 69, 85), (26, 79), position=38, tlod=564.66)
    posterior, classes, summary = run(tmp_path, callset([braf]), sites=1348)
    assert posterior[0] > 0.99
    assert classes[0] == "somatic"
    assert summary["filters_twohit"] == {"PASS": 1}


def test_one_weak_call_among_nothing_is_not_believed(tmp_path, callset, allele):
    weak = allele((100, 2), (60, 0), (50, 50, 1, 1), (50, 1), tlod=3.2)
    posterior, _, summary = run(tmp_path, callset([weak]), sites=1348)
    assert posterior[0] < 0.2
    rate = summary["learnt"]["rates_per_site"]["somatic"][0]
    assert rate < 10 * sc.COMPONENTS[sc.INDEX["somatic"]].rates[0]


def test_germline_needs_no_normal(tmp_path, callset, allele):
    snp = allele((50, 50), (0, 0), (25, 25, 25, 25), (25, 25), popaf=1.5, label="germline")
    hit = allele((75, 25), (0, 0), (38, 37, 12, 13), (37, 12))
    _, classes, summary = run(tmp_path, callset([snp, hit] * 4), normal=None)
    assert classes.tolist() == ["germline", "somatic"] * 4
    assert "normal" in summary["missing"]


def test_heterozygous_normal_is_germline(tmp_path, callset, allele):
    snp = allele((50, 50), (45, 40), (25, 25, 25, 25), (25, 25), popaf=3.0)
    _, classes, _ = run(tmp_path, callset([snp]))
    assert classes.tolist() == ["germline"]


@pytest.mark.parametrize("share", [0.01, 0.05, 0.1])
def test_a_little_tumour_in_the_normal_keeps_clonal_drivers(tmp_path, calls, callset, allele, share):
    rng = np.random.default_rng(3)
    made = [a for a in calls(3, somatic=80).alleles if a.tumor[1] / sum(a.tumor) > 0.1]
    for a in made:
        n = int(rng.binomial(100, share * a.tumor[1] / sum(a.tumor)))
        a.normal = (100 - n, n)
    n = round(100 * share * 90 / 110)
    driver = allele((20, 90), (100 - n, n), (10, 10, 45, 45), (10, 45), label="driver")
    repeat = allele((60, 50), (95, 5), (30, 30, 25, 25), (30, 25), ref="CA", alt="C", extra=";RPA=9,8;RU=A;STR")
    posterior, _, summary = run(tmp_path, callset([*made, driver, repeat]))
    assert abs(summary["learnt"]["tumor_in_normal"] - share) <= 0.02
    assert posterior[-2] > 0.9
    assert posterior[-1] > 0.9  # five reads of the normal: slippage and tumour cells


@pytest.mark.parametrize("share", [0.02, 0.08])
def test_share_of_tumour_in_the_normal_is_found_beside_recurrent_artefacts(tmp_path, calls, callset, share):
    rng = np.random.default_rng(5)
    made = calls(5, somatic=150, normal_artifact=40)
    for a in made.alleles:
        if a.label == "somatic":
            n = int(rng.binomial(100, share * a.tumor[1] / sum(a.tumor)))
            a.normal = (100 - n, n)
    _, _, summary = run(tmp_path, made)
    assert abs(summary["learnt"]["tumor_in_normal"] - share) <= 0.02


def test_large_deletion_of_a_unit_that_the_normal_lacks_is_no_slippage(tmp_path, callset, allele):
    repeat = {"extra": ";RPA=8,7;RU=A;STR", "ref": "CA", "alt": "C"}
    real = allele((40, 60), (100, 0), (20, 20, 30, 30), (20, 30), **repeat)
    slips = [allele((95, 5), (95, 5), (48, 47, 3, 2), (47, 2), **repeat) for _ in range(5)]
    _, classes, _ = run(tmp_path, callset([real, *slips]))
    assert classes.tolist() == ["somatic"] + ["slippage"] * 5


def test_slippage_takes_repeats_and_leaves_short_ones(tmp_path, callset, allele):
    long = {"extra": ";RPA=12,11;RU=A;STR", "ref": "CA", "alt": "C"}
    slip = [allele((90, 8), (88, 7), (45, 45, 4, 4), (45, 4), **long) for _ in range(6)]
    short = {"extra": ";RPA=2,1;RU=A;STR", "ref": "CA", "alt": "C"}
    real = allele((70, 30), (95, 0), (35, 35, 15, 15), (35, 15), **short)
    _, classes, _ = run(tmp_path, callset([*slip, real]))
    assert classes.tolist() == ["slippage"] * 6 + ["somatic"]


def test_panel_of_normals_counts_against_but_does_not_condemn(tmp_path, calls, callset, allele):
    def hit(alt, extra):
        return allele((100 - alt, alt), (90, 0), (50, 50 - alt, alt // 2, alt - alt // 2), (45, alt // 2), extra=extra)

    background = calls(5, somatic=30, normal_artifact=30).alleles
    posterior, _, _ = run(tmp_path, callset([*background, hit(6, ""), hit(6, ";PON"), hit(40, ";PON")]))
    assert posterior[-3] > posterior[-2]
    assert posterior[-1] > posterior[-2]


def test_orientation_table_moves_the_posterior(tmp_path, callset, allele):
    import io
    import tarfile

    def archive(name, rate):
        rows = [
            "#<METADATA>SAMPLE=T",
            "context\trev_comp\t"
            + "\t".join([f"f1r2_{b}" for b in "acgt"] + [f"f2r1_{b}" for b in "acgt"] + ["num_examples"]),
        ]
        for first in "ACGT":
            for middle in "ACGT":
                for last in "ACGT":
                    values = [rate if (middle, b) == ("G", "t") else 1e-7 for b in "acgt"] + ["1e-7"] * 4
                    rows.append("\t".join([first + middle + last, "NNN", *map(str, values), "100000"]))
        data = ("\n".join(rows) + "\n").encode()
        path = tmp_path / name
        with tarfile.open(path, "w:gz") as out:
            info = tarfile.TarInfo("./T.orientation_priors")
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
        return path

    call = allele((95, 5), (90, 0), (48, 47, 2, 3), (47, 5), ref="G")
    other = allele((95, 5), (90, 0), (48, 47, 2, 3), (47, 0), ref="G")
    plenty, _, _ = run(tmp_path / "a", callset([call]), orientation=archive("many.tar.gz", 1e-2))
    flipped, _, _ = run(tmp_path / "b", callset([other]), orientation=archive("many.tar.gz", 1e-2))
    assert flipped[0] > plenty[0]


def test_posteriors_do_not_depend_on_block_or_order(tmp_path, calls, callset, monkeypatch):
    made = calls(9, somatic=40, strand=20)
    first, _, _ = run(tmp_path / "a", made)
    monkeypatch.setattr(filter_judge, "BLOCK", 7)
    second, _, _ = run(tmp_path / "b", made)
    assert np.allclose(first, second, rtol=1e-3)
    third, _, _ = run(tmp_path / "c", callset(made.alleles[::-1]))
    assert np.allclose(first, third[::-1], rtol=0.02, atol=1e-4)


def test_learning_from_a_sample_of_alleles_is_close(tmp_path, calls, monkeypatch):
    made = calls(4, **MIXES["many"])
    whole, _, _ = run(tmp_path / "a", made)
    monkeypatch.setattr(filter_judge, "LEARN_FROM", 200)
    part, _, summary = run(tmp_path / "b", made)
    assert ((whole > 0.5) == (part > 0.5)).mean() > 0.93
    assert summary["alleles"] == len(made.alleles)


def test_summary_is_json_without_nan(tmp_path, calls):
    run(tmp_path, calls(1, somatic=5))
    text = (tmp_path / "out.filter_summary.json").read_text()
    assert "NaN" not in text
    with gzip.open(tmp_path / "out.vcf.gz", "rt") as vcf:
        assert json.loads(text)["records"] == sum(not line.startswith("#") for line in vcf)


def phased(call, column):
    """The VCF line of an allele with its phase in the tumour."""
    line = call.line(1000 + 20 * column).rstrip().split("\t")
    line[8] += ":PGT:PS"
    line[9] += ":.:."
    line[10] += ":0|1:1000"
    return "\t".join(line)


@pytest.mark.parametrize(("normal", "label"), [((0, 0, 0), "somatic"), ((3, 0, 3), "artefact")])
def test_a_haplotype_is_kept_or_goes_as_a_whole(tmp_path, calls, allele, normal, label):
    background = calls(8, somatic=60, normal_artifact=60).text().splitlines()
    head = [line for line in background if line.startswith("#")]
    others = [line.replace("chr1\t", "chr1\t9", 1) for line in background if not line.startswith("#")]
    group = [allele((92, 8), (100 - n, n), (46, 46, 4, 4), (46, 4), events=3) for n in normal]
    rows = [phased(call, i) for i, call in enumerate(group)]
    path = tmp_path / "raw.vcf"
    path.write_text("\n".join([*head, *rows, *others]) + "\n")
    filter_run.run(filter_run.Request(vcf=path, tumor="T", normal="N", out=tmp_path / "out.vcf.gz"))
    found = [float(r.info["SOMATIC_POSTERIOR"]) for r in vcf_io.records(tmp_path / "out.vcf.gz")][:3]
    assert (min(found) > 0.9) if label == "somatic" else (max(found) < 0.1)


def test_a_clonal_cluster_is_not_learnt_as_misplaced_reads(tmp_path, calls, callset, allele):
    def reads(alt, normal, events):
        ref, half = 110 - alt, alt // 2
        strands = (ref // 2, ref - ref // 2, half, alt - half)
        return allele((ref, alt), (100 - normal, normal), strands, (ref // 2, half), events=events)

    rng = np.random.default_rng(4)
    copies = [reads(int(rng.binomial(110, f)), int(rng.binomial(100, f)), 5)
              for f in rng.uniform(0.04, 0.2, 6) for _ in range(5)]  # fmt: skip
    cluster = [reads(int(rng.binomial(110, 0.47)), 0, 4) for _ in range(4)]
    others = calls(4, somatic=12, strand=40, normal_artifact=40).alleles
    posterior, classes, _ = run(tmp_path, callset([*copies, *others, *cluster]))
    assert posterior[-4:].min() > 0.9
    assert not (classes[: len(copies)] == "somatic").any()


@pytest.mark.parametrize(("events", "sites"), [(0.0, 400.0), (1.0, 40_000.0), (8.0, 400.0), (60.0, 40_000.0)])
def test_rate_of_repeats_is_the_mean_under_both_priors(events, sites):
    mean = 2.5e-5
    grid = np.geomspace(1e-100, 1.0, 400_000)  # a gamma of shape 0.05 has much of its mass near 0
    step = np.gradient(grid)

    def gamma(shape, middle):
        log = (shape - 1) * np.log(grid) - grid * shape / middle
        weights = np.exp(log - log.max())
        return weights / (weights * step).sum()

    prior = (1 - sc.P_UNSTABLE) * gamma(sc.RATE_SHAPE, mean)
    prior += sc.P_UNSTABLE * gamma(sc.UNSTABLE_SHAPE, sc.UNSTABLE_MEAN)
    told = prior * np.exp(events * np.log(grid) - grid * sites)
    slow = (told * grid * step).sum() / (told * step).sum()
    assert somatic_em._unstable_rate(mean, events, sites) == pytest.approx(slow, rel=0.02)


def test_repeats_are_counted_in_the_reference(tmp_path, calls):
    rng = np.random.default_rng(1)
    unit = "".join(rng.choice(list("ACGT"), 92))
    fasta = tmp_path / "ref.fa"
    fasta.write_text(">chr1\n" + (unit + "A" * 8) * 10_000 + "\n")
    pysam.faidx(str(fasta))
    path = calls(1, somatic=30).write(tmp_path / "raw.vcf")
    with filter_reference.opened(fasta, path, vcf_io.read_header(path)) as bases:
        store = somatic_extract.extract(vcf_io.rows(path), 1, 0, bases.around)
        found = bases.repeats(store)
    windows = len(store) * filter_reference.WINDOW
    own = 0.01 + sum(len(m[0]) >= 8 for m in filter_reference.UNITS.finditer(unit)) / 100
    weight = filter_reference.REPEATS_WEIGHT
    expected = (own * windows + filter_reference.REPEATS * weight) / (windows + weight)
    assert found == pytest.approx(expected, rel=0.15)


def test_slips_of_a_stable_tumour_stay_slips(tmp_path, calls, callset, allele):
    def indel(alt, normal, units, depth=100):
        strands = ((depth - alt) // 2, depth - alt - (depth - alt) // 2, alt // 2, alt - alt // 2)
        return allele((depth - alt, alt), (100 - normal, normal), strands, ((depth - alt) // 2, alt // 2),
                      ref="CA", alt="C", extra=f";RPA={units},{units - 1};RU=A;STR")  # fmt: skip

    rng = np.random.default_rng(6)
    slips = []
    for _ in range(300):
        units = int(rng.integers(9, 15))
        rate = np.exp(np.log(0.004) + 0.28 * (units - 6) + rng.normal(0, 0.6))
        alt = int(rng.binomial(100, min(rate, 0.5)))
        slips += [indel(alt, int(rng.binomial(100, min(rate, 0.5))), units)] if alt >= 4 else []
    others = calls(4, somatic=12, strand=40).alleles
    posterior, _, _ = run(tmp_path, callset([*slips, *others]))
    assert len(slips) > 50
    assert (posterior[: len(slips)] > 0.5).mean() < 0.02


def test_an_artefact_does_not_condemn_its_neighbour(tmp_path, calls, callset, allele):
    others = calls(5, somatic=15, strand=40, normal_artifact=40).alleles
    real = allele((80, 25), (95, 0), (40, 40, 13, 12), (40, 12), events=2)
    artefacts = {
        "strand": allele((98, 9), (95, 0), (49, 49, 9, 0), (49, 4), events=2),
        "normal_artifact": allele((98, 9), (87, 8), (49, 49, 5, 4), (49, 4), events=2),
    }
    for label, beside in artefacts.items():
        posterior, classes, _ = run(tmp_path / label, callset([*others, real, beside]))
        assert posterior[-2] > 0.9
        assert classes[-1] == label


def test_two_bases_changed_at_once_are_one_event(tmp_path, calls, callset, allele):
    double = allele((80, 25), (95, 0), (40, 40, 13, 12), (40, 12), ref="AC", alt="TG")
    posterior, classes, _ = run(tmp_path, callset([*calls(5, somatic=15, strand=40).alleles, double]))
    assert posterior[-1] > 0.9
    assert classes[-1] == "somatic"
