"""Whole evidence folders, judged: the truth of each case is what a pathologist would say of it."""

import pandas as pd
import pytest

from tests.biallelic.folder import PLACES, Folder, counted, mutation
from twohit import schemas
from twohit.biallelic.evidence import read_evidence
from twohit.errors import InputError
from twohit.tables import write_table


def test_rows_of_cells_without_results_are_listed_as_missing(folder):
    made = folder()
    made._row("S1", "cells", "relapse", 270)
    evidence = read_evidence(made.patient, made.path, made.panel_path)
    assert [row["what"] for row in evidence.missing if row["what"] in ("cells", "clinical")] == ["cells", "clinical"]


def test_deletion_and_stop_on_the_remaining_copy(folder):
    stop = mutation("TNFRSF17", alt=58, depth=110)
    made = folder().copies({"16": (1, 0, 1.0)}).somatic([stop]).genotypes(counted(stop)).judge()["TNFRSF17", "T1"]
    assert made["verdict"] == "biallelic"
    assert made["clonality"] == "subclonal"
    assert made["mechanism"] == "deletion + damaging mutation"
    assert made["share_lower"] < 0.70 < made["share_upper"]
    assert made["share_lower_99"] <= made["share_lower"] <= made["share_upper"] <= made["share_upper_99"]
    assert made["share_intact"] == pytest.approx(1 - made["share"])
    assert "keep at least one intact copy" in made["reason"]
    assert made["same_cells_probability"] > 0.99
    assert made["phase"] == "not_needed"
    assert "deletion of one copy" in made["hit_1"]
    assert "p.Q38*" in made["hit_2"]
    assert made["first_seen"] == "T1"
    assert [step["kind"] for step in made["evidence"]] == ["prior", "copy_number", "somatic", "unseen"]
    assert made["evidence"][-2]["change"] > 5


def test_clonal_loss(folder):
    stop = mutation("TP53", label="p.P278T", alt=83, depth=112)
    made = folder().copies({"17": (1, 0, 1.0)}).somatic([stop]).judge()["TP53", "T1"]
    assert (made["verdict"], made["clonality"]) == ("biallelic", "clonal")


def test_homozygous_deletion(folder):
    made = folder().copies({"16": (0, 0, 0.8)}).somatic([]).judge()["TNFRSF17", "T1"]
    assert (made["verdict"], made["mechanism"]) == ("biallelic", "homozygous deletion")
    assert made["share_lower"] < 0.8 < made["share_upper"]


def test_two_stops_in_trans_and_in_cis(folder):
    one, two = mutation("CD38", alt=47, depth=110), mutation("CD38", offset=150, label="p.W50*", alt=45, depth=110)
    base = folder().copies({}).somatic([one, two]).genotypes(counted(one, two))
    trans = base.phase(one, two, both=0, one=22, two=20).judge()["CD38", "T1"]
    assert (trans["verdict"], trans["phase"]) == ("biallelic", "trans")
    assert trans["trans_probability"] > 0.99
    assert trans["mechanism"] == "two damaging mutations in trans"
    cis = base.phase(one, two, both=21, one=1, two=0).judge()["CD38", "T1"]
    assert (cis["verdict"], cis["phase"]) == ("monoallelic", "cis")
    assert cis["trans_probability"] < 0.01
    (base.path / "T1.phase.tsv").unlink()
    unknown = base.judge()["CD38", "T1"]
    assert unknown["phase"] == "unknown"
    assert unknown["verdict"] in ("probable_biallelic", "not_assessable")
    assert 0.4 < unknown["probability"] < 0.6


@pytest.mark.parametrize(
    ("state", "alts", "low", "high"),
    [
        ((2, 1, 1.0), (47, 45), 0.35, 0.65),  # two copies, each mutation on one: reads alone cannot tell
        ((1, 0, 1.0), (73, 72), 0.0, 0.05),  # one copy is left and both are on it in every cell
        ((1, 0, 1.0), (33, 30), 0.05, 0.95),  # one copy is left, each mutation is in less than half of the cells
    ],
)
def test_without_spanning_reads_allele_fractions_and_copies_tell_the_phase(folder, state, alts, low, high):
    """Known truth by the pigeonhole: on the only copy, cell fractions that add up to more than 1 share cells."""
    one, two = (
        mutation("CD38", alt=alts[0], depth=110),
        mutation("CD38", offset=1_150, label="p.W90*", alt=alts[1], depth=110),
    )
    made = folder().copies({"4": state, "1": state}).somatic([one, two]).genotypes(counted(one, two))
    entry = made.judge()["CD38", "T1"]
    assert low <= entry["trans_probability"] <= high
    assert entry["phase"] == ("unknown" if state[0] == 2 else "not_needed")  # a loss rests on one of them there


@pytest.mark.parametrize(
    ("state", "alt", "verdict"),
    [((1, 0, 1.0), 96, "biallelic"), ((1, 0, 1.0), 15, "monoallelic"), ((2, 1, 1.0), 52, "monoallelic")],
)
def test_germline_stop_with_the_other_allele_lost_kept_or_itself_lost(folder, state, alt, verdict):
    stop = mutation("CD38", alt=alt, depth=110, origin="germline")
    made = folder().copies({"1": state}).somatic([]).germline([stop]).genotypes(counted(stop)).judge()["CD38", "T1"]
    assert made["verdict"] == verdict
    if verdict == "biallelic":
        assert made["mechanism"] == "germline hit + somatic loss of the other allele"
    if alt == 15:
        assert "lost the copy with the germline hit" in made["reason"]


def test_decoys_are_not_biallelic(folder):
    silent = mutation("TP53", label="p.L50=", alt=80, depth=110, loss_judgement="no_loss", loss_reason="synonymous")
    doubt = mutation("CD38", label="p.A9V", alt=80, depth=110, loss_judgement="uncertain", loss_reason="missense")
    fake = mutation("TNFRSF17", alt=9, depth=110, filter="orientation", somatic_posterior=0.01)
    table = (
        folder().copies({"17": (1, 0, 1.0), "1": (1, 0, 1.0), "16": (2, 0, 1.0)}).somatic([silent, doubt, fake]).judge()
    )
    assert table["TP53", "T1"]["verdict"] == "monoallelic"
    assert table["CD38", "T1"]["verdict"] == "monoallelic"
    assert "uncertain" in table["CD38", "T1"]["seen_not_counted"][0]["why_not"]
    loh = table["TNFRSF17", "T1"]
    assert loh["verdict"] == "intact"
    assert "opy-neutral LOH (2+0) without a mutation" in loh["reason"]
    assert "orientation" in loh["removed"][0]["why_not"]


@pytest.mark.parametrize(
    ("posterior", "verdict"), [(0.4, "not_assessable"), (0.15, "not_assessable"), (0.02, "monoallelic")]
)
def test_a_loss_is_not_excluded_against_a_removed_hit_that_may_be_real(folder, posterior, verdict):
    stop = mutation("TNFRSF17", alt=80, depth=110, filter="weak_evidence", somatic_posterior=posterior)
    made = folder().copies({"16": (1, 0, 1.0)}).somatic([stop]).judge()["TNFRSF17", "T1"]
    assert made["verdict"] == verdict
    assert made["probability"] == pytest.approx(posterior / 2 if posterior > 0.1 else 0.0, abs=0.02)


def test_a_removed_hit_whose_posterior_says_somatic_keeps_the_gene_open(folder):
    stop = mutation("TNFRSF17", alt=80, depth=110, filter="clustered_events", somatic_posterior=0.98)
    made = folder().copies({"16": (1, 0, 1.0)}).somatic([stop]).judge()["TNFRSF17", "T1"]
    assert made["verdict"] == "not_assessable"
    assert made["removed"][0]["label"] == "p.Q38*"
    assert 0.3 < made["probability"] < 0.6


def test_epitope_alteration_is_functional_loss(folder):
    hit = mutation("TNFRSF17", label="p.R27P", alt=80, depth=110, loss_judgement="epitope_altered")
    made = folder().copies({"16": (1, 0, 1.0)}).somatic([hit]).judge()["TNFRSF17", "T1"]
    assert made["verdict"] == "biallelic"
    assert "functional" in made["mechanism"] and made["functional"]
    assert made["reason"].startswith("Functional biallelic loss of the target in ")
    assert "target is hidden" in made["reason"]


def exon_row(exon: int, total: int, differs: float) -> dict:
    chrom, start, _ = PLACES["TNFRSF17"]
    row = dict.fromkeys(schemas.EXONS.names)
    row |= {
        "gene": "TNFRSF17",
        "exon": exon,
        "chrom": chrom,
        "start": start + 100 * exon,
        "end": start + 100 * exon + 50,
    }
    return row | {"n_loci": 4, "total_cn": total, "minor_cn": 0, "ccf": 1.0, "p_differs": differs}


@pytest.mark.parametrize(
    ("total", "differs", "verdict"), [(0, 0.97, "not_assessable"), (0, 0.3, "monoallelic"), (1, 0.0, "monoallelic")]
)
def test_a_gene_with_a_lost_exon_is_not_called_kept(folder, total, differs, verdict):
    made = folder().copies({"16": (1, 0, 1.0)}).somatic([])
    rows = [exon_row(1, 1, 0.0), exon_row(2, total, differs), exon_row(3, 1, 0.0)]
    write_table(pd.DataFrame(rows), schemas.EXONS, made.path / "T1.exons.tsv")
    entry = made.judge()["TNFRSF17", "T1"]
    assert entry["verdict"] == verdict
    told = "exon 2 has 0 copies by its own depth, the gene 1 (P 0.97)"
    assert (told in entry["reason"]) == (told in " ".join(entry["copy_number"]["notes"])) == (verdict != "monoallelic")


def test_purity_ploidy_twin_is_a_probability(folder):
    twin = [{"16": (2, 1, 1.0), "weight": 0.5}, {"16": (0, 0, 1.0), "weight": 0.5, "purity": 0.4}]
    made = folder().copies(twin).somatic([]).judge()["TNFRSF17", "T1"]
    assert made["evidence"][-2]["probability"] == pytest.approx(0.5, abs=0.01)
    assert 0.49 < made["probability"] < 0.53, "an unseen loss beside the mutation adds a little"
    assert made["verdict"] == "probable_biallelic"
    leaning = [{"16": (2, 1, 1.0), "weight": 0.7}, {"16": (0, 0, 1.0), "weight": 0.3, "purity": 0.4}]
    made = folder().copies(leaning).somatic([]).judge()["TNFRSF17", "T1"]
    assert made["verdict"] == "not_assessable"
    assert "ambiguous" in made["reason"]


def test_doubled_genome_tie(folder):
    stop = mutation("TNFRSF17", alt=40, depth=100)
    tie = [
        {"16": (2, 1, 1.0), "weight": 0.5, "purity": 0.8},
        {"16": (2, 0, 1.0), "weight": 0.5, "purity": 0.55},
    ]
    made = folder().copies(tie).somatic([stop]).judge()["TNFRSF17", "T1"]
    assert made["verdict"] != "biallelic"
    assert 0.01 < made["probability"] < 0.95


@pytest.mark.parametrize("kind", ["deep mutation in a homozygous deletion", "two alleles on one copy"])
def test_contradiction_is_said(folder, kind):
    one, two = (
        mutation("TNFRSF17", alt=70, depth=110),
        mutation("TNFRSF17", offset=160, label="p.W50*", alt=70, depth=110),
    )
    made = folder()
    if kind.startswith("deep"):
        made.copies({"16": (0, 0, 1.0)}).somatic([one])
    else:
        made.copies({"16": (1, 0, 1.0)}).somatic([one, two]).phase(one, two, both=0, one=40, two=38)
    entry = made.judge()["TNFRSF17", "T1"]
    assert entry["verdict"] == "conflict"
    assert entry["share"] is None
    assert "contradicts" in entry["reason"]


def test_limit_of_detection_decides_what_may_be_excluded(folder):
    made = folder().copies({"16": (1, 0, 1.0)}).somatic([])
    assert made.judge()["TNFRSF17", "T1"]["verdict"] == "monoallelic"
    shallow = made.coverage(mean=25, low=8).judge()["TNFRSF17", "T1"]
    assert shallow["verdict"] == "not_assessable"
    assert shallow["lod_share"] > 0.2
    low = made.coverage().copies({"16": (1, 0, 1.0)}, purity=0.2).judge()["TNFRSF17", "T1"]
    assert low["verdict"] == "not_assessable"


def test_without_copy_number(folder):
    one, two = mutation("CD38", alt=24, depth=110), mutation("CD38", offset=150, label="p.W50*", alt=22, depth=110)
    single = mutation("TP53", alt=40, depth=110)
    made = folder().somatic([one, two, single]).phase(one, two, both=0, one=22, two=20).judge()
    assert made["CD38", "T1"]["verdict"] in ("biallelic", "probable_biallelic")
    assert made["CD38", "T1"]["share_upper"] - made["CD38", "T1"]["share_lower"] > 0.3
    assert made["TP53", "T1"]["verdict"] == "not_assessable"
    assert made["KDM6A", "T1"]["verdict"] == "not_assessable"
    assert made["KDM6A", "T1"]["probability"] is None


def test_only_dna_without_anything_else(tmp_path):
    made = Folder(tmp_path / "e", normal=None, sex=None).tumour().judge()
    assert {entry["verdict"] for entry in made.values()} == {"not_assessable"}


def test_purity_unknown(folder):
    stop = mutation("TNFRSF17", alt=5, depth=100)
    made = folder().copies({"16": (2, 1, 1.0)}, purity=None).somatic([stop]).judge()["TNFRSF17", "T1"]
    assert made["verdict"] == "not_assessable"
    assert "purity" in made["reason"]


def test_gene_on_no_contig(folder):
    made = folder().panel(["TP53", "NOSUCH"]).copies({}).judge()["NOSUCH", "T1"]
    assert made["verdict"] == "not_assessable"
    assert "none of the tables" in made["reason"]


def test_over_time(tmp_path):
    stop = mutation("TNFRSF17", alt=58, depth=110)
    made = Folder(tmp_path / "e").tumour("T2", "relapse", 270).tumour("T1", "before", -10)
    for sample in ("T1", "T2"):
        made.copies({"16": (1, 0, 1.0)}, sample=sample).coverage(sample)
    made.somatic([stop], "T2").somatic([], "T1")
    made.genotypes([(stop, 58, 110)], "T2").genotypes([(stop, 0, 150)], "T1")
    table = made.judge()
    hits = {s: (table["TNFRSF17", s]["hits"] + table["TNFRSF17", s]["seen_not_counted"])[0] for s in ("T1", "T2")}
    assert hits["T2"]["status"] == "detected" and hits["T2"]["vaf_lower"] < 58 / 110 < hits["T2"]["vaf_upper"]
    assert hits["T1"]["status"] == "not_detected" and 1 / 150 < hits["T1"]["detectable_vaf"] < 0.1
    early, late = table["TNFRSF17", "T1"], table["TNFRSF17", "T2"]
    assert list(table)[:2] == [("TNFRSF17", "T1"), ("TNFRSF17", "T2")]
    assert (early["verdict"], late["verdict"]) == ("monoallelic", "biallelic")
    assert early["first_seen"] == late["first_seen"] == "T2"
    assert 0 < early["share_upper_95"] < 0.1
    assert "fewer than" in early["reason"]
    assert early["hits"][0]["called_in"] == ["T2"]


def test_few_reads_of_a_hit_known_from_another_sample_count(tmp_path):
    stop = mutation("TNFRSF17", alt=58, depth=110)
    made = Folder(tmp_path / "e").tumour("T1", "before", -10).tumour("T2", "relapse", 270)
    for sample in ("T1", "T2"):
        made.copies({"16": (1, 0, 1.0)}, sample=sample).coverage(sample)
    made.somatic([], "T1").somatic([stop], "T2").genotypes([(stop, 12, 150)], "T1")
    assert made.judge()["TNFRSF17", "T1"]["verdict"] == "biallelic"


def test_germline_is_withheld_unless_asked_for(folder):
    stop = mutation("CD38", label="p.R10*", alt=96, depth=110, origin="germline")
    made = folder().copies({"1": (1, 0, 1.0)}).somatic([]).germline([stop]).genotypes(counted(stop))
    shown, hidden = made.judge(True)["CD38", "T1"], made.judge(False)["CD38", "T1"]
    assert shown["verdict"] == hidden["verdict"] == "biallelic"
    assert shown["share"] == hidden["share"]
    assert "R10" not in str(hidden)
    assert "germline" not in str({k: v for k, v in hidden.items() if k != "reason"})
    assert "a further hit is withheld" in hidden["reason"]


def test_neighbouring_segments_stand_in_for_a_gap(folder):
    import pandas as pd

    from twohit import schemas
    from twohit.tables import read_table, write_table

    made = folder().copies({"16": (1, 0, 1.0)}).somatic([])
    path = made.path / "T1.solutions.tsv"
    table = read_table(path, schemas.SOLUTIONS)
    row = table[table["chrom"] == "16"].iloc[[0]]
    left, right = row.assign(end=90_000), row.assign(start=200_000, total_cn=2, minor_cn=1)
    write_table(pd.concat([table[table["chrom"] != "16"], left, right]), schemas.SOLUTIONS, path)
    states = made.judge()["TNFRSF17", "T1"]["copy_number"]
    assert [round(state["probability"], 2) for state in states["states"]] == [0.5, 0.5]
    assert "neighbouring segments" in states["notes"][0]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: (f.path / "samples.tsv").unlink(), "samples.tsv"),
        (lambda f: setattr(f, "patient", "P9"), "no sample of patient 'P9'"),
        (lambda f: f.panel(["TP53", "TP53"]), "listed twice"),
        (lambda f: (f.path / "T1.solutions.tsv").write_text("chrom\tstart\n1\t1\n"), "column 'solution' is missing"),
        (lambda f: (f.path / "T1.purity_ploidy.json").write_text("{"), "not valid JSON"),
        (lambda f: (f.path / "T1.purity_ploidy.json").write_text('{"purity": 1.7}'), "purity is 1.7"),
        (lambda f: (f.path / "T1.purity_ploidy.json").write_text('{"purity": "high"}'), "must be a number"),
        (lambda f: (f.path / "T1.purity_ploidy.json").write_text('{"purity": 0}'), "purity is 0"),
        (lambda f: (f.path / "T1.purity_ploidy.json").write_text('{"warnings": true}'), "warnings is true"),
        (
            lambda f: (f.path / "T1.purity_ploidy.json").write_text('{"alternatives": [{"purity": 0.5}, 3]}'),
            "alternatives is .* list of objects",
        ),
        (
            lambda f: (f.path / "T1.purity_ploidy.json").write_text('{"alternatives": [{"weight": -1}]}'),
            "alternatives, item 0: weight is -1",
        ),
        (
            lambda f: (f.path / "T1.mutation_purity.json").write_text('{"solutions": [{"solution": 0}]}'),
            "T1.mutation_purity.json: solutions, item 0: weight is missing",
        ),
    ],
)
def test_bad_input_is_one_clear_line(folder, spoil, words):
    made = folder().copies({})
    spoil(made)
    with pytest.raises(InputError, match=words) as caught:
        made.judge()
    assert "\n" not in str(caught.value)
