"""Which verdicts the page shows, and in which order: the gravest gene first, runs of like samples as one."""

from itertools import groupby

from twohit.report.palette import LOOKS, look_name

COMMON_NAMES = {  # what clinicians call the protein, where that is not the gene's name
    "TNFRSF17": "BCMA",
    "FCRL5": "FcRH5",
    "SLAMF7": "CS1",
    "MS4A1": "CD20",
    "CRBN": "cereblon",
    "IKZF1": "Ikaros",
    "IKZF3": "Aiolos",
    "NR3C1": "glucocorticoid receptor",
    "TENT5C": "FAM46C",
}
FIRST_ROLES = ("target", "drug_target")  # among genes of one verdict: what a therapy needs comes first
MAX_GENES = 250  # genes on the page, the gravest; all are in P.biallelic.tsv
MAX_NAMED = 60  # genes of one verdict that the first screen names
MAX_SAMPLES = 6  # of a gene that are shown one by one; of more, runs of the same verdict become one row
MAX_RUNS = 12  # rows of a gene: the first, and the latest of the others


def gene_rows(result: dict, with_dna: bool = True) -> list[dict]:
    """Genes with their entries in order of time; the gravest last entry first. One row where nothing is judged.

    Returns
    -------
    list of dict
        gene, common (its protein's usual name or None), about (its row of the panel), sightings, entries (each with
        `alike`, the samples it stands for), rows (those of the table of verdicts), last, worst, anchor, hidden (samples
        that are not shown).
    """
    by_gene: dict[str, list[dict]] = {}
    for entry in result["verdicts"]:
        by_gene.setdefault(entry["gene"], []).append(entry)
    made = []
    for about in result["genes"]:
        every = by_gene.get(about["gene"])
        if not every:
            continue
        shown = _runs(every) if len(every) > MAX_SAMPLES else [entry | {"alike": [entry]} for entry in every]
        same = len({(entry["verdict"], entry["reason"]) for entry in every}) == 1
        open_ = all(entry["verdict"] == "not_assessable" for entry in every)
        made.append({
            "gene": about["gene"], "common": COMMON_NAMES.get(about["gene"]), "about": about, "entries": shown,
            "sightings": _by_day(every[-1].get("sightings") or []), "last": every[-1],
            "rows": shown[-1:] if open_ and (same or not with_dna) else shown,
            "worst": min(reversed(every), key=lambda entry: LOOKS[look_name(entry)].rank),  # of like ones the latest
            "hidden": len(every) - sum(len(entry["alike"]) for entry in shown),
        })  # fmt: skip
    made.sort(key=_gravity)
    for number, gene in enumerate(made):
        gene["anchor"] = f"gene-{number}"
    return made


def _gravity(gene: dict) -> tuple[int, int, int]:
    role = gene["about"].get("role")
    place = FIRST_ROLES.index(role) if role in FIRST_ROLES else len(FIRST_ROLES)
    return LOOKS[look_name(gene["worst"])].rank, LOOKS[look_name(gene["last"])].rank, place


def _by_day(sightings: list[dict]) -> list[dict]:
    """First signs of a loss in order of time; those without a day come last."""
    return sorted(sightings, key=lambda one: (one["day"] is None, one["day"] or 0))


def _runs(entries: list[dict]) -> list[dict]:
    """One entry, the latest, for each run of samples with the same verdict."""
    runs = [list(run) for _, run in groupby(entries, key=look_name)]
    if len(runs) > MAX_RUNS:
        runs = [runs[0], *runs[1 - MAX_RUNS :]]
    return [run[-1] | {"alike": run} for run in runs]


def headline(genes: list[dict]) -> list[dict]:
    """What to say first: verdicts with the genes that have them, gravest first, over all samples."""
    made = []
    for name, look in sorted(LOOKS.items(), key=lambda item: item[1].rank):
        found = {gene["gene"]: gene for gene in genes if look_name(gene["worst"]) == name}
        if found:
            named = dict(list(found.items())[:MAX_NAMED])
            made.append({"verdict": name, "look": look, "genes": named, "count": len(found)})
    return made


def missing_rows(missing: list[dict]) -> list[dict]:
    """What was not given, once for all samples that lack it: what, cost, samples."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in missing:
        found.setdefault((row["what"], row["cost"]), []).append(row["sample"] or "patient")
    return [{"what": what, "cost": cost, "samples": samples} for (what, cost), samples in found.items()]


def removed_rows(result: dict) -> list[dict]:
    """Hits in panel genes that a filter removed, each once, with the samples and whether they count all the same."""
    found: dict[tuple, dict] = {}
    for entry in result["verdicts"]:
        for hit in entry["removed"]:
            row = found.setdefault(
                (entry["gene"], hit["variant"]), {"gene": entry["gene"], "hit": hit, "samples": [], "counted": False}
            )
            row["samples"].append(entry["sample"])
            row["counted"] |= hit["counted"]
    return list(found.values())
