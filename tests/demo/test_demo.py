"""The finished demo against its known truth: what the report says of each gene, and what the filters kept."""

import pysam
import pytest

from twohit import schemas
from twohit.tables import read_json, read_table
from twohit.variants import filter_regions, vcf_io

from .conftest import P1, ROOT

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.xdist_group("demo"), pytest.mark.timeout(3600)]

Z99 = 2.576  # standard normal, two-sided 99 %
F1_MARGIN = 0.02  # what our filter may lose against FilterMutectCalls


@pytest.fixture(scope="module")
def verdicts(truth) -> dict[str, dict]:
    return {row["gene"]: row for row in read_json(P1 / "report" / "P1.biallelic.json")["verdicts"]}


def test_results_are_as_their_manifests_say(truth, script):
    assert script("verify_results.py", P1.parent, P1).returncode == 0


def test_biallelic_genes_are_the_true_ones(truth, verdicts):
    lost = {row["gene"] for row in truth["genes"] if row["verdict"] == "biallelic"}
    assert {gene for gene, row in verdicts.items() if row["verdict"] == "biallelic"} == lost


def test_every_verdict_is_the_true_one(truth, verdicts):
    wrong = {
        row["gene"]: (verdicts[row["gene"]]["verdict"], row["verdict"], row["label"])
        for row in truth["genes"]
        if verdicts[row["gene"]]["verdict"] != row["verdict"]
    }
    assert not wrong


def test_true_shares_lie_in_their_99_percent_intervals(truth, verdicts):
    outside = {
        row["gene"]: row["share"]
        for row in truth["genes"]
        if not verdicts[row["gene"]]["share_lower_99"] <= row["share"] <= verdicts[row["gene"]]["share_upper_99"]
    }
    assert not outside


def test_true_purity_lies_in_its_99_percent_interval(truth):
    best = read_json(P1 / "dna" / "P1_T.purity_ploidy.json")["alternatives"][0]
    assert best["weight"] > 0.9
    in_the_tube = truth["purity"] * (1 - truth["contamination"])  # the other person's cells are no tumour cells
    assert abs(best["purity"] - in_the_tube) <= Z99 * best["purity_sd"]


def test_every_clonal_arm_has_its_true_copies(truth):
    arms = read_table(P1 / "dna" / "P1_T.arms.tsv", schemas.ARMS).set_index("arm")
    wrong = {
        row["arm"]: (arms.loc[row["arm"], "total_cn"], arms.loc[row["arm"], "minor_cn"])
        for row in truth["arms"]
        if row["ccf"] == 1
        and tuple(arms.loc[row["arm"], ["total_cn", "minor_cn"]]) != (row["total_cn"], row["minor_cn"])
    }
    assert not wrong


def test_tnfrsf17_says_who_keeps_a_copy(truth, verdicts):
    row = verdicts["TNFRSF17"]
    assert row["clonality"] == "subclonal" and row["mechanism"] == "deletion + damaging mutation"
    assert row["share_intact"] == pytest.approx(0.30, abs=0.15)
    page = (P1 / "report" / "P1.report.html").read_text()
    assert "TNFRSF17" in page and "p.Q38*" in page and "keep at least one intact copy" in page
    assert 'src="http' not in page, "the page opens offline"


def test_the_antigen_mutation_is_in_seventy_percent_of_the_cells(truth):
    found = read_table(P1 / "dna" / "P1_T.clonality.tsv", schemas.CLONALITY).set_index(["chrom", "pos"])
    stop = next(v for v in truth["variants"] if v["origin"] == "somatic" and v.get("hgvs_p") == "p.Gln38Ter")
    row = found.loc[(stop["chrom"], stop["pos"])]
    assert stop["ccf"] == pytest.approx(0.70)
    assert row["ccf_lower"] <= 0.70 <= row["ccf_upper"]
    assert row["ccf_upper"] - row["ccf_lower"] < 0.5, "it says something"


def test_copy_neutral_loh_is_named_not_called(truth, verdicts):
    named = [row["gene"] for row in truth["genes"] if row["label"] == "copy_neutral_loh_without_mutation"]
    assert named
    for gene in named:
        assert verdicts[gene]["verdict"] == "intact" and "LOH" in verdicts[gene]["reason"]


def _f1(calls: set, true: set) -> float:
    return 2 * len(calls & true) / max(len(calls) + len(true), 1)


def test_our_filter_keeps_up_with_gatks_and_loses_no_panel_hit(truth):
    somatic = {(v["chrom"], v["pos"]): v for v in truth["variants"] if v["origin"] == "somatic"}
    seen, passed = set(), {"FILTER_GATK": set(), "FILTER_TWOHIT": set()}
    with pysam.VariantFile(str(P1 / "dna" / "P1_T.somatic.vcf.gz")) as calls:
        for record in calls:
            place = (record.chrom, record.pos)
            seen.add(place)
            for name, kept in passed.items():
                value = record.info[name]
                if (value if isinstance(value, str) else ",".join(value)) == "PASS":
                    kept.add(place)
    true = seen & set(somatic)
    assert len(true) > 50
    assert _f1(passed["FILTER_TWOHIT"], true) >= _f1(passed["FILTER_GATK"], true) - F1_MARGIN
    panel = {row["gene"] for row in truth["genes"]}
    lost = [v["gene"] for place, v in somatic.items() if v["gene"] in panel and place in seen - passed["FILTER_TWOHIT"]]
    assert not lost


def test_the_validation_kit_finds_the_demo_right(truth, script, tmp_path):
    script(
        "validate_run.py", "--truth", P1.parents[2] / "demo_data" / "truth.json", "--results", P1, "--outdir", tmp_path
    )
    rows = read_table(tmp_path / "agreement.tsv", schemas.AGREEMENT).set_index(["part", "stratum", "group"])
    assert rows.loc[("verdict", "all", "all"), "ppa"] == 1
    assert rows.loc[("variant", "all", "all"), "ppa"] > 0.9 and rows.loc[("copy_number", "all", "clonal"), "ppa"] > 0.9


def test_every_record_removed_in_a_panel_gene_is_in_the_report_with_reason_and_numbers(truth):
    data = ROOT / "demo_data"
    regions = filter_regions.from_gff(data / "reference" / "genes.gff3", data / "panel.tsv")
    removed = {}
    for record in vcf_io.records(P1 / "dna" / "P1_T.somatic.vcf.gz"):
        if record.filters != ["PASS"] and regions.gene_at(record.chrom, record.pos, len(record.ref)):
            posteriors = record.info["SOMATIC_POSTERIOR"].split(",")
            for alt, posterior in zip(record.alts, posteriors, strict=True):
                removed[f"{record.chrom}:{record.pos}:{record.ref}:{alt}"] = (record.filters, float(posterior))
    assert removed
    page = (P1 / "report" / "P1.report.html").read_text()
    table = page.split("Hits in panel genes that a filter removed", 1)[1].split("</table>", 1)[0]
    rows = [row for row in table.split("<tr>")[1:] if '<div class="range">' in row]
    listed = {row.split('<div class="range">', 1)[1].split("</div>", 1)[0]: row for row in rows}
    assert set(listed) == set(removed)
    found = {hit["variant"]: hit for row in read_json(P1 / "report" / "P1.biallelic.json")["verdicts"]
             for hit in row["removed"]}  # fmt: skip
    for variant, (filters, posterior) in removed.items():
        assert ", ".join(filters) in listed[variant]
        assert found[variant]["somatic_posterior"] == pytest.approx(posterior, rel=1e-3)
        assert f"{found[variant]['alt_count']}/{found[variant]['depth']}" in listed[variant]
