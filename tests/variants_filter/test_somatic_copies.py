"""Copy number and purity, when given, tell the fractions of clonal mutations."""

import numpy as np
import pandas as pd
import pytest
from test_somatic_model import run

from twohit import schemas
from twohit.errors import InputError
from twohit.tables import write_table
from twohit.variants import filter_run
from twohit.variants.somatic_copies import FRACTIONS, _density, read_copies

PURITY = 0.4
LOST, DOUBLED = (1, 0), (4, 2)  # total and minor copies


def segments(path, *states):
    """A table of segments of chr1, as many equal parts as states."""
    edges = np.linspace(0, 1_000_000, len(states) + 1).astype(int)
    rows = [
        {"chrom": "chr1", "start": a + 1, "end": b, "total_cn": total, "minor_cn": minor, "ccf": 1.0, "n_snps": 100}
        for (total, minor), a, b in zip(states, edges[:-1], edges[1:], strict=True)
    ]
    frame = pd.DataFrame(rows).reindex(columns=schemas.SEGMENTS.names)
    for column in schemas.SEGMENTS.columns:
        if frame[column.name].isna().all():
            frame[column.name] = 0
    write_table(frame, schemas.SEGMENTS, path)
    return path


@pytest.mark.parametrize(
    ("total", "minor", "ccf", "vaf"),
    [
        (2, 1, 1.0, [0.4]),
        (1, 0, 1.0, [0.8 / 1.2]),
        (4, 2, 1.0, [0.8 / 3.6, 1.6 / 3.6]),
        (2, 0, 1.0, [0.4, 0.8]),
        (1, 0, 0.5, [0.8 / 1.6]),
    ],
)
def test_clonal_fractions_are_those_of_the_copies(total, minor, ccf, vaf):
    """Purity 0.8: mutated copies over all copies, of tumour and normal cells."""
    found = _density(0.8, total, minor, ccf)
    assert found.sum() == pytest.approx(1.0)
    near = np.abs(np.log(FRACTIONS)[:, None] - np.log(vaf)).min(axis=1) < 0.35
    assert found[near].sum() > 0.99
    for one in vaf:
        assert found[np.abs(np.log(FRACTIONS / one)) < 0.35].sum() > 0.9 / len(vaf)


def test_where_no_copy_is_left_nothing_is_told():
    assert not _density(0.8, 0, 0, 1.0).any()


def doubtful(allele, alt: int, ref: int):
    """One strand and few reads: neither clear."""
    return allele((ref, alt), (90, 0), (ref // 2, ref - ref // 2, alt, 0), (ref // 2, alt // 2))


def test_a_doubtful_allele_at_the_clonal_fraction_gains_and_one_beside_it_does_not(tmp_path, allele, drawn, callset):
    """Half of chr1 has lost a copy: clonal mutations lie at 0.25 there; learnt ones, of other places, at 0.1."""
    rng = np.random.default_rng(5)
    others = [one for _ in range(60) if (one := drawn(rng, "somatic", 0.1)) is not None]
    strands = [one for _ in range(60) if (one := drawn(rng, "strand", None)) is not None]
    made = callset([doubtful(allele, 6, 18), *others, *strands])
    path = segments(tmp_path / "T.segments.tsv", LOST)
    plain, _, _ = run(tmp_path / "plain", made)
    told, _, _ = run(tmp_path / "told", made, copy_number=path, purity=PURITY)
    assert told[0] > plain[0]
    far, _, _ = run(tmp_path / "far", made, copy_number=segments(tmp_path / "far.tsv", (6, 1)), purity=PURITY)
    assert told[0] > far[0]


def test_expected_and_realised_fdr_agree_where_copies_are_known(tmp_path, drawn, callset):
    """Clonal mutations of a deletion and of a doubled part, subclonal ones, artefacts: posteriors stay true."""
    expected, wrong, called, found, true = 0.0, 0, 0, 0, 0
    for seed in range(4):
        rng = np.random.default_rng(100 + seed)
        clonal = [PURITY / (PURITY * 1 + 2 * (1 - PURITY))] * 25
        subclonal = list(clonal[0] * rng.uniform(0.2, 0.9, 25))
        alleles = [drawn(rng, "somatic", f) for f in clonal + subclonal]
        alleles += [drawn(rng, label) for label in ("strand", "orientation", "normal_artifact") for _ in range(60)]
        kept = [one for one in alleles if one is not None]
        made = callset([kept[i] for i in rng.permutation(len(kept))])
        path = segments(tmp_path / f"{seed}.segments.tsv", LOST)
        posterior, _, summary = run(tmp_path / str(seed), made, copy_number=path, purity=PURITY)
        passed, somatic = posterior >= summary["threshold"], made.labels == "somatic"
        expected += (1 - posterior[passed]).sum()
        wrong, called = wrong + int((passed & ~somatic).sum()), called + int(passed.sum())
        found, true = found + int((passed & somatic).sum()), true + int(somatic.sum())
    assert abs(expected - wrong) < 0.03 * called + 2 * np.sqrt(expected)
    assert found / true > 0.9


def test_wrong_copies_do_not_lose_clear_mutations(tmp_path, drawn, callset):
    """A purity that is off by half moves the fractions: the share of clonal ones is learnt, and the rest stays."""
    rng = np.random.default_rng(9)
    kept = [one for _ in range(80) if (one := drawn(rng, "somatic", 0.25)) is not None]
    kept += [one for _ in range(60) if (one := drawn(rng, "strand")) is not None]
    made = callset(kept)
    path = segments(tmp_path / "T.segments.tsv", LOST, DOUBLED)
    plain, _, _ = run(tmp_path / "plain", made)
    told, _, _ = run(tmp_path / "told", made, copy_number=path, purity=0.9)
    somatic = made.labels == "somatic"
    assert (told[somatic] > 0.9).sum() >= (plain[somatic] > 0.9).sum() - 1


@pytest.mark.parametrize("purity", [0.0, 1.2, float("nan")])
def test_a_purity_that_is_no_share_is_refused(tmp_path, purity):
    with pytest.raises(InputError, match="--purity"):
        read_copies(segments(tmp_path / "T.segments.tsv", LOST), purity)


def test_another_table_is_refused_by_name(tmp_path, calls):
    (tmp_path / "other.tsv").write_text("a\tb\n1\t2\n")
    with pytest.raises(InputError, match="other.tsv"):
        run(tmp_path / "x", calls(1, somatic=3), copy_number=tmp_path / "other.tsv", purity=0.5)


def test_both_or_neither(script, tmp_path, calls):
    path = calls(1, somatic=3).write(tmp_path / "raw.vcf")
    options = ("--vcf", path, "--tumor", "T", "--out", tmp_path / "o.vcf.gz", "--purity", "0.5")
    done = script("filter_somatic.py", *options, check=False)
    assert done.returncode != 0
    assert "--copy-number and --purity go together" in done.stderr
    assert filter_run.Request(path, "T", tmp_path / "o").copy_number is None
