"""One event that is seen twice is one hit."""

import pandas as pd
import pytest

from tests.biallelic.folder import LENGTHS, PLACES, Folder
from twohit import schemas
from twohit.tables import read_table, write_table

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN1\tT1\n"
CHROM, START, END = PLACES["TP53"]  # 17:50001-70000
HALF = "PR\t60,0\t57,43"  # of the reads, as a junction on one of two copies at purity 0.85 has


def line(pos: int, alt: str, info: str = "SVTYPE=BND", reads: str = HALF) -> str:
    return f"{CHROM}\t{pos}\tsv{pos}\tA\t{alt}\t.\tPASS\t{info}\t{reads}\n"


def deletion(start: int, end: int) -> str:
    return line(start, "<DEL>", f"SVTYPE=DEL;END={end}")


def folder(path, parts: list[tuple] = (), **more) -> Folder:
    """Folder with `parts` of contig 17: (last base, total, minor)."""
    made = Folder(path, **more).panel(["TP53"]).tumour().copies({}).coverage(genes=["TP53"]).somatic([])
    for name, schema in (("solutions", schemas.SOLUTIONS), ("segments", schemas.SEGMENTS)):
        table = read_table(made.path / f"T1.{name}.tsv", schema)
        whole = table[table["chrom"] == CHROM].iloc[0].to_dict()
        rows, start = [], 1
        for end, total, minor in parts or [(LENGTHS[CHROM], 2, 1)]:
            rows.append(whole | {"start": start, "end": end, "total_cn": total, "minor_cn": minor})
            start = end + 1
        frame = pd.concat([table[table["chrom"] != CHROM], pd.DataFrame(rows)], ignore_index=True)
        write_table(frame, schema, made.path / f"T1.{name}.tsv")
    return made


def judged(made: Folder, *lines: str) -> dict:
    (made.path / "T1.sv.vcf").write_text("##fileformat=VCFv4.2\n" + COLUMNS + "".join(lines))
    return made.judge()["TP53", "T1"]


LOST = [(55_000, 2, 1), (250_000, 1, 0), (900_000, 2, 1)]
SAME = {  # copies of contig 17, junction
    "deletion": (LOST, deletion(55_000, 250_000)),
    "deletion, written as breakends": (LOST, line(55_000, "A[17:250001[")),
    "ends a little off": (LOST, deletion(51_000, 258_000)),
    "unbalanced translocation": ([(65_000, 1, 0), (900_000, 2, 1)], line(65_001, "]1:500000]A")),
    "a small part of the gene": ([(52_000, 1, 0), (900_000, 2, 1)], line(52_001, "]1:500000]A")),
}
OTHER = {
    "deletion elsewhere": (LOST, deletion(60_000, 120_000)),
    "only one end agrees": (LOST, deletion(55_500, 700_000)),
    "no copies are lost": ([], deletion(55_000, 250_000)),
    "the junction keeps the side that is lost": ([(65_000, 1, 0), (900_000, 2, 1)], line(65_000, "A[1:500000[")),
}


@pytest.mark.parametrize("name", SAME)
def test_a_junction_that_copy_number_tells_is_no_second_hit(tmp_path, name):
    parts, record = SAME[name]
    entry = judged(folder(tmp_path / "e", parts), record)
    assert entry["verdict"] == "monoallelic"
    assert entry["hits"] == []
    assert "copy number shows this" in entry["seen_not_counted"][0]["why_not"]


@pytest.mark.parametrize("name", OTHER)
def test_another_junction_counts(tmp_path, name):
    parts, record = OTHER[name]
    entry = judged(folder(tmp_path / "e", parts), record)
    assert [hit["counted"] for hit in entry["hits"]] == [True]


def test_a_deletion_within_a_gene_near_a_border_counts(tmp_path):
    made = folder(tmp_path / "e", LOST)
    row = dict.fromkeys(schemas.EXONS.names) | {"gene": "TP53", "exon": 1, "chrom": CHROM, "start": 57_000,
                                                "end": 57_200, "n_loci": 4, "p_differs": 0.0}  # fmt: skip
    write_table(pd.DataFrame([row]), schemas.EXONS, made.path / "T1.exons.tsv")
    entry = judged(made, deletion(56_500, 58_000))
    assert [hit["counted"] for hit in entry["hits"]] == [True]


def test_the_interval_of_a_border_is_where_it_can_be(tmp_path):
    made = folder(tmp_path / "e", [(55_000, 2, 1), (600_000, 1, 0), (900_000, 2, 1)])
    assert judged(made, deletion(69_000, 600_000))["verdict"] == "monoallelic", "5 % of its length"
    made = folder(tmp_path / "f", [(30_000, 2, 1), (120_000, 1, 0), (900_000, 2, 1)])
    record = deletion(50_500, 120_000)
    assert judged(made, record)["verdict"] != "monoallelic"
    path = made.path / "T1.segments.tsv"
    table = read_table(path, schemas.SEGMENTS)
    table["start_upper"] = table["start_upper"].mask((table["chrom"] == CHROM) & (table["start"] == 30_001), 52_000)
    write_table(table, schemas.SEGMENTS, path)
    assert judged(made, record)["verdict"] == "monoallelic"


def balanced(*ends: int, other: str = "1") -> list[str]:
    """Both junctions of a balanced event, each with both records, as callers write breakends."""
    here, there, here_2, there_2 = ends
    made = []
    for a, b, bracket, before in ((here, there, "]", True), (here_2, there_2, "[", False)):
        for chrom, pos, mate in ((CHROM, a, f"{other}:{b}"), (other, b, f"{CHROM}:{a}")):
            alt = f"A{bracket}{mate}{bracket}" if before else f"{bracket}{mate}{bracket}A"
            made.append(line(pos, alt).replace(f"{CHROM}\t", f"{chrom}\t", 1))
    return made


ONE_EVENT = {
    "translocation": balanced(60_000, 500_000, 60_001, 500_001),
    "translocation with lost bases": balanced(60_000, 500_000, 60_300, 500_210),
    "inversion": balanced(60_000, 500_000, 60_001, 500_001, other=CHROM),
    "inversion in words": [
        line(60_000, "<INV>", "SVTYPE=INV;END=500000"), line(60_001, "<INV>", "SVTYPE=INV;END=500003")
    ],
    "inversion of Delly": [
        line(60_000, "<INV>", "SVTYPE=INV;END=500000;CT=3to3"), line(60_001, "<INV>", "SVTYPE=INV;END=500003;CT=5to5")
    ],
    "inversion of Manta": [
        line(60_000, "<INV>", "SVTYPE=INV;END=500000;INV3"), line(60_001, "<INV>", "SVTYPE=INV;END=500003;INV5")
    ],
}  # fmt: skip
TWO_EVENTS = {
    "other places": balanced(60_000, 500_000, 66_000, 500_001),
    "other partner": balanced(60_000, 500_000, 60_001, 700_001),
    "same orientation": [line(60_000, "A]1:500000]"), line(60_010, "A]1:500010]")],
    "inversions of the same side": [
        line(60_000, "<INV>", "SVTYPE=INV;END=500000;CT=3to3"), line(60_001, "<INV>", "SVTYPE=INV;END=500003;CT=3to3")
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_EVENT)
def test_both_junctions_of_a_balanced_event_are_one_hit(tmp_path, name):
    entry = judged(folder(tmp_path / "e"), *ONE_EVENT[name])
    assert entry["verdict"] == "monoallelic"
    assert len(entry["hits"]) == 1
    (other,) = entry["seen_not_counted"]
    assert f"the other junction of the same event: {entry['hits'][0]['label']}" in other["why_not"]


@pytest.mark.parametrize("name", TWO_EVENTS)
def test_junctions_of_two_events_are_two_hits(tmp_path, name):
    assert len(judged(folder(tmp_path / "e"), *TWO_EVENTS[name])["hits"]) == 2


def test_a_filtered_junction_does_not_hide_the_one_that_passed(tmp_path):
    first, *rest = balanced(60_000, 500_000, 60_001, 500_001)
    entry = judged(folder(tmp_path / "e"), first.replace("PASS", "LowQual"), *rest[1:])
    assert [hit["label"] for hit in entry["hits"]] == ["translocation 17:60001 to 1:500001"]
