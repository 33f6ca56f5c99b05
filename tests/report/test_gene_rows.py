"""Which verdicts the page shows: every sample of a few, runs of like samples of many; removed hits once each."""

from twohit.report.gene_rows import MAX_RUNS, MAX_SAMPLES, gene_rows, headline, removed_rows


def entry(gene: str, sample: str, verdict: str, removed=()) -> dict:
    return {"gene": gene, "sample": sample, "verdict": verdict, "reason": verdict, "touched_probability": 1.0,
            "share": 0.5, "removed": list(removed)}  # fmt: skip


def result(**verdicts: list[str]) -> dict:
    rows = [entry(gene, f"T{k}", word) for gene, words in verdicts.items() for k, word in enumerate(words)]
    return {"genes": [{"gene": gene, "role": "target"} for gene in verdicts], "verdicts": rows}


def test_a_few_samples_are_shown_one_by_one():
    (gene,) = gene_rows(result(TP53=["monoallelic"] * MAX_SAMPLES))
    assert [len(row["alike"]) for row in gene["rows"]] == [1] * MAX_SAMPLES and gene["hidden"] == 0


def test_many_samples_become_runs_that_lose_none():
    words = ["monoallelic"] * 60 + ["biallelic"] * 3 + ["not_assessable"] * 2 + ["biallelic"] * 35
    (gene,) = gene_rows(result(TP53=words))
    told = [(row["alike"][0]["sample"], row["sample"], row["verdict"]) for row in gene["rows"]]
    assert told == [
        ("T0", "T59", "monoallelic"), ("T60", "T62", "biallelic"), ("T63", "T64", "not_assessable"),
        ("T65", "T99", "biallelic"),
    ]  # fmt: skip
    assert gene["hidden"] == 0 and gene["worst"]["verdict"] == "biallelic"


def test_a_verdict_that_changes_all_the_time_keeps_the_first_and_the_latest():
    (gene,) = gene_rows(result(TP53=["monoallelic", "biallelic"] * 20))
    samples = [row["sample"] for row in gene["rows"]]
    assert len(samples) == MAX_RUNS and samples[0] == "T0" and samples[-1] == "T39"
    assert gene["hidden"] == 40 - MAX_RUNS


def test_the_gravest_come_first():
    genes = gene_rows(result(CD38=["intact"], RB1=["not_assessable"], TP53=["biallelic"], CD19=["conflict"]))
    assert [gene["gene"] for gene in genes] == ["TP53", "CD19", "RB1", "CD38"]
    assert [group["verdict"] for group in headline(genes)] == ["biallelic", "conflict", "not_assessable", "one_open"]


def test_a_removed_hit_is_listed_once_with_its_samples():
    hit = {"variant": "16:1:C:T", "counted": False}
    rows = [entry("TP53", "T0", "intact", [hit]), entry("TP53", "T1", "intact", [hit | {"counted": True}])]
    (row,) = removed_rows({"verdicts": rows})
    assert row["samples"] == ["T0", "T1"] and row["counted"]
