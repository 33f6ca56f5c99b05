"""A variant is one hit, however many tables name it and however they spell its contig."""

import pytest

from tests.biallelic.folder import Folder, counted, mutation
from twohit.biallelic.hit_reads import match_key, split_key
from twohit.errors import InputError

GENE = "TP53"
STOP = mutation(GENE, alt=43)
SECOND = mutation(GENE, offset=300, label="p.W53*", alt=43)
INHERITED = mutation(GENE, alt=50, origin="germline")


def spelt(row: dict) -> dict:
    return row | {"chrom": f"chr{row['chrom']}"}


def folder(path, *samples: str) -> Folder:
    made = Folder(path).panel([GENE])
    for day, name in enumerate(samples or ("T1",)):
        made.tumour(name, day=day).copies({}, name).coverage(name, genes=[GENE]).somatic([], name)
    return made


@pytest.mark.parametrize("germline", [INHERITED, spelt(INHERITED)])
def test_an_inherited_variant_among_the_somatic_calls_is_one_hit(tmp_path, germline):
    made = folder(tmp_path / "e").somatic([STOP]).genotypes(counted(STOP)).germline([germline])
    entry = made.judge()[GENE, "T1"]
    assert entry["verdict"] == "monoallelic"
    assert [(hit["origin"], hit["called_in"]) for hit in entry["hits"]] == [("germline", ["T1"])]
    assert entry["seen_not_counted"] == entry["removed"] == []
    hidden = made.judge(report_germline=False)[GENE, "T1"]
    assert hidden["hits"] == [] and "p.Q38*" not in hidden["reason"]


def test_the_reads_of_the_somatic_call_are_those_of_the_inherited_variant(tmp_path):
    germline = INHERITED | {"tumor_ref": None, "tumor_alt": None}
    entry = folder(tmp_path / "e").somatic([STOP]).germline([germline]).judge()[GENE, "T1"]
    assert [(hit["origin"], hit["alt_count"], hit["depth"]) for hit in entry["hits"]] == [("germline", 43, 100)]


@pytest.mark.parametrize("doubt", [{"filter": "low_depth"}, {"normal_ref": 95, "normal_alt": 5}])
def test_a_germline_call_that_is_none_leaves_the_somatic_one(tmp_path, doubt):
    entry = folder(tmp_path / "e").somatic([STOP]).germline([INHERITED | doubt]).judge()[GENE, "T1"]
    assert [hit["origin"] for hit in entry["hits"]] == ["somatic"]


def test_a_variant_of_two_samples_is_one_hit_in_both_spellings(tmp_path):
    made = folder(tmp_path / "e", "T1", "T2").somatic([STOP], "T1").somatic([spelt(STOP)], "T2")
    for name in ("T1", "T2"):
        made.genotypes([*counted(STOP), *counted(spelt(STOP))], name)
    found = made.judge()
    for name in ("T1", "T2"):
        assert len(found[GENE, name]["hits"]) == 1
        assert found[GENE, name]["hits"][0]["called_in"] == ["T1", "T2"]
        assert found[GENE, name]["verdict"] == "monoallelic"


def test_genotypes_and_phase_are_found_in_the_other_spelling(tmp_path):
    made = folder(tmp_path / "e").somatic([STOP, SECOND]).phase(spelt(STOP), spelt(SECOND), 30, 0, 0)
    made.genotypes([(spelt(STOP), 80, 200), (spelt(SECOND), 81, 200)])
    entry = made.judge()[GENE, "T1"]
    assert [hit["depth"] for hit in entry["hits"]] == [200, 200]
    assert entry["phase"] == "cis" and entry["verdict"] == "monoallelic"


@pytest.mark.parametrize("turned", [False, True])
def test_a_repeated_phase_row_is_refused(tmp_path, turned):
    made = folder(tmp_path / "e").somatic([STOP, SECOND]).phase(STOP, SECOND, 0, 2, 1)
    path = made.path / "T1.phase.tsv"
    lines = path.read_text().splitlines(keepends=True)
    again = lines[1].split("\t")
    again[2:4] = again[3:1:-1] if turned else again[2:4]
    path.write_text("".join([*lines, "\t".join(again)]))
    with pytest.raises(InputError, match="T1.phase.tsv: TP53: the pair .*17:50101:C:T.* is listed twice; give each"):
        made.judge()


def test_contigs_with_colons_are_taken_apart(tmp_path):
    assert split_key("chr17:60:N:<TRA_HLA-A*01:01:01:01_200>") == ("17", 60, "N", "<TRA_HLA-A*01:01:01:01_200>")
    assert match_key("HLA-A*01:01:01:01:200:C:T") == "HLA-A*01:01:01:01:200:C:T"
    assert split_key("HLA-A*01:01:01:01:200:C:T")[1] == 200
    made = folder(tmp_path / "e").somatic([STOP]).genotypes(counted(STOP))
    (made.path / "T1.sv.vcf").write_text(
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT1\n"
        "17\t60000\ta\tA\tA]HLA-A*01:01:01:01:200]\t.\tPASS\tSVTYPE=BND\tPR\t60,9\n"
    )
    assert len(made.judge()[GENE, "T1"]["hits"]) == 2
