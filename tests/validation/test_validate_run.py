"""validate_run.py on a result folder whose agreement is known by counting."""

import pandas as pd
import pytest

from twohit import schemas
from twohit.errors import InputError
from twohit.proportions import exact_interval
from twohit.tables import read_json, read_table
from twohit.validation.run import validate_run

from .conftest import TRUTH_HEADER, seal, sites, write_vcf


def validate(script, truth, results, outdir, *more, check=True):
    return script("validate_run.py", "--truth", truth, "--results", results, "--outdir", outdir, *more, check=check)


@pytest.fixture
def done(truth, results, tmp_path):
    validate_run(truth, results, tmp_path / "out", None, None, None)
    return tmp_path / "out"


def rows(folder) -> pd.DataFrame:
    return read_table(folder / "agreement.tsv", schemas.AGREEMENT).set_index(["part", "stratum", "group"])


def test_variants_are_counted_within_the_truths_regions(done):
    told = rows(done).loc[("variant", "all", "all")]
    missed = sum(alt < 10 for _, alt in sites())
    n = len(sites())
    assert (told["n_truth"], told["n_found"]) == (n, n - missed)
    assert (told["n_called"], told["n_right"]) == (n - missed + 1, n - missed)
    low, high = exact_interval(n - missed, n, 0.025)
    assert told["ppa_lower"] == pytest.approx(low, rel=1e-5) and told["ppa_upper"] == pytest.approx(high, rel=1e-5)


def test_bins_of_allele_fraction_hold_their_own(done):
    told = rows(done)
    assert tuple(told.loc[("variant", "VAF", "0-5 %"), ["n_truth", "n_found"]]) == (2, 0)
    assert tuple(told.loc[("variant", "VAF", "5-10 %"), ["n_truth", "n_found"]]) == (2, 0)
    assert told.loc[("variant", "VAF", "10-20 %"), "ppa"] == 1


def test_variants_are_counted_by_the_copies_where_they_are(done):
    """By counting the sites in the fixture's segments: 3, 2, 1, 1 of them, the others in none."""
    told = rows(done).sort_index().loc[("variant", "copy number")][["n_truth", "n_found", "n_called", "n_right"]]
    assert {state: tuple(row) for state, row in zip(told.index, told.to_numpy().tolist())} == {
        "neutral (1+1)": (3, 2, 2, 2), "loss (1+0)": (2, 0, 0, 0), "gain": (1, 0, 0, 0),
        "homozygous deletion": (1, 1, 1, 1), "not told": (33, 33, 34, 33),
    }  # fmt: skip
    limits = read_table(done / "detection.tsv", schemas.DETECTION).set_index("group")
    assert limits.loc["neutral (1+1)", "n"] == 3 and "fewer than" in limits.loc["neutral (1+1)", "note"]
    assert limits.loc["not told", "note"] == "none was missed: the limit lies below what was tested"


def test_segments_are_judged_in_both_directions(done):
    told = rows(done)
    assert tuple(told.loc[("copy_number", "all", "all"), ["n_truth", "n_found", "n_called", "n_right"]]) == (4, 3, 4, 3)
    assert told.loc[("copy_number", "state", "gain"), "ppa"] == 0
    assert told.loc[("copy_number", "state", "neutral (1+1)"), "ppv"] == 0.5
    assert told.loc[("copy_number", "state", "homozygous deletion"), "ppa"] == 1


def test_not_assessable_is_no_agreement_and_no_false_call(done):
    told = rows(done)
    assert tuple(told.loc[("verdict", "lost", "both alleles lost"), ["n_truth", "n_found"]]) == (2, 1)
    assert tuple(told.loc[("verdict", "lost", "not both lost"), ["n_called", "n_right"]]) == (1, 1)


def test_each_difference_is_named_with_its_reason(done):
    table = read_table(done / "disagreements.tsv", schemas.DISAGREEMENTS).set_index("item")
    assert "slippage" in table.loc["chr1:1000:A:C", "reason"] and "depth 100" in table.loc["chr1:1000:A:C", "reason"]
    assert table.loc["chr1:50500:A:C", "truth"] == "not somatic"
    assert table.loc["chr1:3001-4000", "called"] == "2,1"
    assert table.loc["G3", "called"] == "not_assessable"


def test_what_could_not_be_compared_is_said(done):
    told = read_json(done / "validation.json")
    text = " ".join(told["notes"])
    assert "1 true ones lie outside" in text and "G4" in text and "1 true segments have no called bases" in text
    assert told["differences"]["purity_error"] == pytest.approx(0.02)
    assert {"validation.svg", "validation.png"} <= {path.name for path in done.iterdir()}


def test_two_runs_write_the_same_bytes(script, truth, results, done, tmp_path):
    validate(script, truth, results, tmp_path / "again")
    for path in done.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_a_multi_base_substitution_meets_its_parts(results, tmp_path):
    """The truth writes one MNV, the run two SNVs beside each other."""
    truth = write_vcf(tmp_path / "mnv.vcf.gz", ["chr1\t1999\t.\tGAT\tGCT\t.\tPASS\tTVAF=0.1"], TRUTH_HEADER)
    validate_run(truth, results, tmp_path / "out2", None, None, None)
    told = rows(tmp_path / "out2")
    assert tuple(told.loc[("variant", "all", "all"), ["n_truth", "n_found"]]) == (1, 0), "4 of 100 reads: filtered"


class TestControlOverBatches:
    def run(self, truth, results, tmp_path, batch) -> list[str]:
        return validate_run(truth, results, tmp_path / batch, None, batch, tmp_path / "history.tsv")

    def test_a_batch_like_those_before_is_in(self, truth, results, tmp_path):
        assert not self.run(truth, results, tmp_path, "B1") and not self.run(truth, results, tmp_path, "B2")
        table = read_table(tmp_path / "history.tsv", schemas.BATCHES)
        assert list(table.loc[table["batch"] == "B2", "status"]) == ["in"] * 4 + ["start"] * 2
        assert (tmp_path / "B2" / "trend.png").is_file()

    def test_a_bad_batch_is_told_and_does_not_move_the_centre(self, script, truth, results, tmp_path):
        for name in ("B1", "B2", "B3"):
            assert not self.run(truth, results, tmp_path, name)
        lines = [
            f"chr1\t{pos}\t.\tA\tC\t.\t{word}\tAS_FILTER={word}\tAD\t100,0\t50,{alt}"
            for (pos, alt), word in zip(sites(), ["slippage"] * 25 + ["PASS"] * 15)
        ]
        write_vcf(results / "dna" / "T.somatic.vcf.gz", lines)
        (results / "manifest.json").unlink()
        seal(results)
        history = ("--batch", "B4", "--history", tmp_path / "history.tsv")
        done = validate(script, truth, results, tmp_path / "B4", *history, check=False)
        assert done.returncode == 1 and "batch B4 is out of control: ppa" in done.stderr
        table = read_table(tmp_path / "history.tsv", schemas.BATCHES)
        assert set(table.loc[(table["batch"] == "B4") & (table["measure"] == "ppa"), "status"]) == {"out"}
        assert self.run(truth, results, tmp_path, "B5"), "the bad batch is not part of what is usual"

    def test_a_batch_name_is_used_once(self, truth, results, tmp_path):
        self.run(truth, results, tmp_path, "B1")
        with pytest.raises(InputError, match="has batch B1 already"):
            self.run(truth, results, tmp_path, "B1")


class TestErrors:
    def refused(self, truth, results, tmp_path, sample=None) -> str:
        with pytest.raises(InputError) as told:
            validate_run(truth, results, tmp_path / "out", sample, None, None)
        assert not (tmp_path / "out" / "validation.json").exists()
        return str(told.value)

    def test_results_that_were_changed(self, truth, results, tmp_path):
        with open(results / "dna" / "T.segments.tsv", "a") as handle:
            handle.write("\n")
        assert "has changed since the run" in self.refused(truth, results, tmp_path)

    def test_a_folder_without_manifest(self, truth, results, tmp_path):
        (results / "manifest.json").unlink()
        assert "is not a result" in self.refused(truth, results, tmp_path)

    def test_an_unknown_sample(self, truth, results, tmp_path):
        assert "tumours are T; name" in self.refused(truth, results, tmp_path, "T9")

    def test_an_empty_truth_folder(self, results, tmp_path):
        (tmp_path / "none").mkdir()
        assert "has no *.vcf(.gz)" in self.refused(tmp_path / "none", results, tmp_path)

    def test_two_beds(self, truth, results, tmp_path):
        (truth / "more.bed").write_text("chr1\t0\t10\n")
        assert "has 2 BED files" in self.refused(truth, results, tmp_path)

    def test_a_verdict_that_is_none(self, truth, results, tmp_path):
        (truth / "genes.tsv").write_text("gene\tverdict\nG1\tlost\n")
        assert "lost" in self.refused(truth, results, tmp_path)

    def test_truth_of_another_build(self, results, tmp_path):
        truth = write_vcf(
            tmp_path / "other.vcf.gz", ["1\t1000\t.\tA\tC\t.\tPASS\tTVAF=0.1"], TRUTH_HEADER.replace("chr1", "1")
        )
        assert "no contig in common" in self.refused(truth, results, tmp_path)

    def test_a_truth_json_of_another_patient(self, results, tmp_path):
        other = tmp_path / "truth.json"
        other.write_text('{"variants": [], "samples": [], "genes": []}')
        assert "knows no tumour T" in self.refused(other, results, tmp_path)

    def test_a_mistake_is_one_line_and_exit_code_2(self, script, truth, results, tmp_path):
        for more in (("--batch", "B1"), ("--sample", "T9")):
            done = validate(script, truth, results, tmp_path / "out", *more, check=False)
            assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
