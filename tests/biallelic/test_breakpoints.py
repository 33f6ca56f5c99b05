"""Breakpoints of a structural-variant VCF are hits where they break a gene; callers' own columns give the reads."""

import pandas as pd
import pytest

from tests.biallelic.folder import PLACES, Folder, mutation
from twohit import schemas
from twohit.biallelic.junctions import read_junctions
from twohit.errors import InputError
from twohit.tables import write_table

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN1\tT1\n"
MANTA = "PR:SR\t40,0:50,0"
CHROM, START, END = PLACES["TNFRSF17"]


def line(pos: int, alt: str, info: str = "SVTYPE=BND", reads: str = f"{MANTA}\t20,24:24,30", why: str = "PASS") -> str:
    return f"{CHROM}\t{pos}\tsv{pos}\tN\t{alt}\t.\t{why}\t{info}\t{reads}\n"


@pytest.fixture
def folder(tmp_path):
    made = Folder(tmp_path / "evidence").tumour().copies({"16": (1, 0, 1.0)}).coverage().somatic([])
    rows = [
        dict.fromkeys(schemas.EXONS.names)
        | {"gene": "TNFRSF17", "exon": k, "chrom": CHROM, "start": START + 1000 * k, "end": START + 1000 * k + 200,
           "n_loci": 4, "p_differs": 0.0}
        for k in (0, 1, 2)
    ]  # fmt: skip
    write_table(pd.DataFrame(rows), schemas.EXONS, made.path / "T1.exons.tsv")
    return made


def judged(made: Folder, *lines: str, name: str = "T1.sv.vcf") -> dict:
    (made.path / name).write_text("##fileformat=VCFv4.2\n" + COLUMNS + "".join(lines))
    return made.judge()["TNFRSF17", "T1"]


def test_translocation_in_the_gene_on_the_remaining_copy(folder):
    entry = judged(folder, line(START + 500, "N[4:1500000["))
    assert entry["verdict"] == "biallelic"
    assert entry["mechanism"] == "deletion + breakpoint in the gene"
    assert (entry["hits"][0]["alt_count"], entry["hits"][0]["depth"]) == (54, 98)
    assert f"translocation 16:{START + 500} to 4:1500000" in entry["reason"]
    assert "damaging mutation" not in entry["reason"]
    assert [step["kind"] for step in entry["evidence"]] == ["prior", "copy_number", "somatic", "unseen"]


def test_a_breakpoint_and_a_mutation_are_two_hits(tmp_path):
    made = Folder(tmp_path / "evidence").tumour().copies({}).coverage()
    made.somatic([mutation("TNFRSF17", offset=2050, alt=44, depth=110)])
    entry = judged(made, line(START + 500, "N]9:100]", reads=f"{MANTA}\t20,12:40,24"))
    assert entry["phase"] == "unknown"
    assert "a breakpoint in the gene and a damaging mutation in trans" in {m["name"] for m in entry["mechanisms"]}


CASES = {  # ALT, INFO: judgement, words of why
    "deletion of an exon": ("<DEL>", f"SVTYPE=DEL;END={START + 1500}", "loss", "deletion of exons"),
    "deletion within an intron": ("<DEL>", f"SVTYPE=DEL;END={START + 900}", "no_loss", "within one intron"),
    "inversion of the gene's end": ("<INV>", f"SVTYPE=INV;END={END + 9000}", "loss", "inversion with one end"),
    "tandem duplication with one end in it": ("<DUP:TANDEM>", f"SVTYPE=DUP;END={END + 9000}", "no_loss", "whole copy"),
    "tandem duplication of an exon": ("<DUP>", f"SVTYPE=DUP;END={START + 1500}", "uncertain", "duplicated"),
    "breakends of a deletion": (f"N[16:{START + 1500}[", "SVTYPE=BND", "loss", "deletion of exons"),
    "breakends of a duplication": (f"]16:{END + 9000}]N", "SVTYPE=BND", "no_loss", "whole copy"),
    "breakends of an inversion": (f"N]16:{START + 1500}]", "SVTYPE=BND", "loss", "inversion of exons"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_breaks_a_gene(folder, name):
    alt, info, judgement, words = CASES[name]
    entry = judged(folder, line(START + 500, alt, info))
    found = (entry["hits"] + entry["seen_not_counted"])[0]
    assert found["loss_judgement"] == judgement
    assert words in found["loss_reason"]
    assert (entry["verdict"] == "biallelic") == (judgement == "loss")


def test_without_exons_a_change_inside_the_gene_is_uncertain(folder):
    (folder.path / "T1.exons.tsv").unlink()
    entry = judged(folder, line(START + 500, "<DEL>", f"SVTYPE=DEL;END={START + 1500}"))
    assert entry["seen_not_counted"][0]["loss_judgement"] == "uncertain"
    assert entry["verdict"] == "not_assessable"


def test_what_is_elsewhere_is_no_hit_of_the_gene(folder):
    around = [line(START - 500, alt, f"SVTYPE={alt[1:4]};END={END + 500}") for alt in ("<DUP>", "<INV>")]
    entry = judged(folder, *around, line(END + 5000, "N[4:1500000["))
    assert entry["hits"] == entry["seen_not_counted"] == []


def test_a_short_deletion_of_the_whole_gene_is_a_hit_and_a_long_one_is_for_copy_number(folder):
    entry = judged(folder, line(START - 500, "<DEL>", f"SVTYPE=DEL;END={END + 500}"))
    assert entry["verdict"] == "biallelic"
    assert "deletion of the whole gene" in entry["hits"][0]["loss_reason"]
    entry = judged(folder, line(START - 500, "<DEL>", f"SVTYPE=DEL;END={END + 20_000_000}"))
    assert entry["verdict"] == "monoallelic"
    assert "copy number to show" in entry["seen_not_counted"][0]["why_not"]
    (folder.path / "T1.segments.tsv").unlink()
    entry = judged(folder, line(START - 500, "<DEL>", f"SVTYPE=DEL;END={END + 500}"))
    assert entry["hits"] == [] and entry["verdict"] != "biallelic"


INHERITED = "PR:SR\t20,20:25,25"  # half of the normal's reads


@pytest.mark.parametrize(
    ("tumour", "verdict"), [("10,60:10,60", "biallelic"), ("60,10:60,10", "monoallelic")], ids=["kept", "lost"]
)
def test_a_junction_of_the_normal_is_inherited(folder, tumour, verdict):
    """On the copy that the tumour kept it is a hit, on the lost one none: reads of normal cells show it still."""
    written = line(START + 500, "N[4:1500000[", reads=f"{INHERITED}\t{tumour}")
    entry = judged(folder, written)
    assert entry["verdict"] == verdict
    assert [hit["origin"] for hit in entry["hits"]] == ["germline"]
    hidden = folder.judge(report_germline=False)["TNFRSF17", "T1"]
    assert hidden["hits"] == [] and "1500000" not in str(hidden)
    by_genotype = judged(folder, line(START + 500, "N[4:1500000[", reads="GT\t0/1\t0/1"))
    assert by_genotype["seen_not_counted"] == [] and by_genotype["hits"][0]["origin"] == "germline"


def test_a_few_reads_of_the_normal_make_no_junction_inherited(folder):
    entry = judged(folder, line(START + 500, "N[4:1500000[", reads="PR:SR\t50,2:50,3\t20,24:24,30"))
    assert entry["hits"][0]["origin"] == "somatic" and entry["verdict"] == "biallelic"


def test_the_column_of_another_tumour_is_no_normal(tmp_path):
    made = Folder(tmp_path / "e").panel(["TNFRSF17"])
    for day, name in enumerate(("T1", "T2")):
        made.tumour(name, day=day).copies({"16": (1, 0, 1.0)}, name).coverage(name).somatic([], name)
        head = COLUMNS.replace("N1\tT1", "T1\tT2")
        (made.path / f"{name}.sv.vcf").write_text(head + line(START + 500, "N[4:99[", reads="PR\t40,60\t40,60"))
    for name in ("T1", "T2"):
        entry = made.judge()["TNFRSF17", name]
        assert entry["verdict"] == "biallelic" and [hit["origin"] for hit in entry["hits"]] == ["somatic"]


def test_a_translocation_by_its_symbol(folder):
    entry = judged(folder, line(START + 500, "<TRA>", "SVTYPE=TRA;CHR2=4;END=1500000;CT=3to5"))
    assert entry["verdict"] == "biallelic"
    assert f"translocation 16:{START + 500} to 4:1500000" in entry["reason"]
    with pytest.raises(InputError, match="TRA has no CHR2 and END"):
        judged(folder, line(START + 500, "<TRA>", "SVTYPE=TRA;END=1500000"))


def test_a_breakend_that_leads_nowhere_known_leaves_the_gene_open(folder):
    entry = judged(folder, line(START + 500, "N."))
    assert (entry["verdict"], entry["probability"]) == ("not_assessable", None)
    assert f"whether the gene is broken by breakend 16:{START + 500} is not known" in entry["reason"]
    assert entry["seen_not_counted"][0]["variant"] == f"16:{START + 500}:N:<SGL>"
    removed = judged(folder, line(START + 500, "N.", why="LOW_QUAL"))
    assert removed["verdict"] == "monoallelic"
    folder.copies({})
    assert judged(folder, line(START + 500, "N."))["verdict"] == "intact"


def test_both_sides_of_a_break_are_one_hit(folder):
    """A translocation whose other side leads to a place that is not known: one hit, not two in trans."""
    folder.copies({})
    entry = judged(folder, line(START + 500, "N[4:1500000["), line(START + 502, ".N"), line(START + 504, ".N"))
    assert len(entry["hits"]) == 1 and entry["verdict"] == "monoallelic"
    assert {hit["loss_judgement"] for hit in entry["seen_not_counted"]} == {"no_loss"}


def test_both_records_of_one_junction_are_one_hit_and_a_filtered_one_is_shown_as_removed(folder):
    pair = line(START + 500, f"N[16:{START + 1500}["), line(START + 1500, f"]16:{START + 500}]N")
    entry = judged(folder, *pair, line(START + 2100, "N[4:1500000[", why="MinSomaticScore"))
    assert len(entry["hits"]) == 1
    assert [hit["filter"] for hit in entry["removed"]] == ["MinSomaticScore"]


@pytest.mark.parametrize(
    ("reads", "counts"),
    [
        ("PR:SR\t9,0:9,0\t20,24:24,30", (44, 54)),
        ("GT:DR:DV:RR:RV\t0/0:9:0:9:0\t0/1:20:24:24:30", (44, 54)),
        ("VF:REF:REFPAIR\t0:9:9\t54:30:14", (44, 54)),
        ("VF:BVF:REF:REFPAIR\t0:0:9:9\t0:54:30:14", (44, 54)),
        ("GT:AD\t0/0:9,0\t0/1:44,54", (44, 54)),
        ("GT\t0/0\t0/1", (None, None)),
    ],
)
def test_reads_of_manta_delly_gridss_and_others(tmp_path, reads, counts):
    (tmp_path / "a.vcf").write_text(COLUMNS + line(START + 500, "N[4:99[", reads=reads))
    (found,) = read_junctions(tmp_path / "a.vcf", "T1")
    assert (found.ref, found.alt) == counts
    assert (found.kind, found.other_chrom, found.other_pos) == ("TRA", "4", 99)


@pytest.mark.parametrize(
    ("names", "meta", "counts"),
    [
        (("T1", "N1"), "", (9, 1)),
        (("TUMOR", "NORMAL"), "", (9, 1)),
        (("NORMAL", "TUMOR"), "", (40, 50)),
        (("P9_a", "P9_b"), "##tumor_sample=P9_a\n", (9, 1)),
        (("P9_a",), "", (9, 1)),
        ((), "", (None, None)),
    ],
)
def test_the_column_of_the_tumour_is_read(tmp_path, names, meta, counts):
    (tmp_path / "a.vcf").write_text(two_columns(names, meta))
    (found,) = read_junctions(tmp_path / "a.vcf", "T1")
    assert (found.ref, found.alt) == counts


def two_columns(names: tuple, meta: str = "") -> str:
    head = "\t".join([*COLUMNS.split("\t")[:9], *names])
    fields = line(START + 500, "N[4:99[", reads="PR\t9,1\t40,50").rstrip().split("\t")
    return f"{meta}{head}\n" + "\t".join(fields[: 9 + len(names)]) + "\n"


@pytest.mark.parametrize("names", [("T2", "T3"), ("P9_tumor", "P9_normal")])
def test_a_column_is_not_guessed(tmp_path, names):
    (tmp_path / "a.vcf").write_text(two_columns(names))
    with pytest.raises(
        InputError, match=f"a.vcf: none of its columns is known to be 'T1'.*{names[0]}, {names[1]}.*name"
    ):
        read_junctions(tmp_path / "a.vcf", "T1")


def test_a_breakpoint_without_reads_is_told_and_not_counted(folder):
    entry = judged(folder, line(START + 500, "N[4:99[", reads="GT\t0/0\t0/1"))
    assert entry["hits"] == []
    assert "reads were not counted" in entry["seen_not_counted"][0]["why_not"]
    assert entry["verdict"] == "not_assessable" and entry["probability"] is None
    assert "was called, but not how many reads carry it" in entry["reason"]


def test_wrong_records_are_one_line(tmp_path):
    (tmp_path / "a.vcf").write_text(COLUMNS + line(START + 500, "<DEL>", "SVTYPE=DEL"))
    with pytest.raises(InputError, match="has no END"):
        read_junctions(tmp_path / "a.vcf", "T1")
    (tmp_path / "b.vcf").write_text("chrom\tpos\n")
    with pytest.raises(InputError, match="it is not a VCF"):
        read_junctions(tmp_path / "b.vcf", "T1")
