"""Random patients for the benchmark of the verdict: cells of a few clones, each a list of copies, and their reads.

Nothing of the model or of `twohit.simulate` is used. What the model assumes is broken on purpose: depth waves along the
genome, heavy-tailed site noise, a bias towards the reference allele, mutation reads of another aliquot with another
purity, a second change on top of the first one in part of the cells, called "mutations" that are none.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binom

SIDES = ("m", "p")
SCENARIOS = {  # name: weight; what is drawn there is in `_story`
    "deletion + mutation": 0.12, "copy-neutral LOH + mutation": 0.07, "homozygous deletion": 0.07,
    "germline + LOH": 0.06, "two mutations in trans": 0.08, "deletion + epitope": 0.04, "both in one subclone": 0.06,
    "two mutations in cis": 0.07, "deletion only": 0.08, "mutation only": 0.07, "hits in different clones": 0.07,
    "copy-neutral LOH only": 0.04, "passenger on LOH": 0.05, "germline only": 0.04, "gain + mutation": 0.04,
    "deletion + doubtful call": 0.04,
}  # fmt: skip
MALE_X = {"mutation only": 0.4, "deletion only": 0.2, "passenger on LOH": 0.2, "": 0.2}
GENES_PER_PATIENT = 10
SITES = 5_000
NEAR_GENE = 12  # more sites within 2 Mb of a gene
FOCAL = 3_000_000  # bases on each side of a focal homozygous deletion
ALIQUOT_SD = 0.04  # relative: purity of the aliquot whose mutations are read against that of the SNPs
SEEN = 3  # alternative reads that a caller needs
MIN_DOSE = 0.1  # purity times share of cells from which a loss of copies counts as visible
VARIANT_COLUMNS = (
    "chrom pos ref alt origin gene transcript consequence hgvs_c hgvs_p protein_length loss_judgement loss_reason "
    "filter filter_gatk filter_twohit somatic_posterior tumor_ref tumor_alt normal_ref normal_alt"
)
GENOTYPE_COLUMNS = (
    "sample chrom pos ref alt ref_count alt_count depth vaf vaf_lower vaf_upper error_rate p_value status "
    "detectable_vaf"
)
NO_SHORT_ARM = ("13p", "14p", "15p", "21p", "22p", "Yp", "Yq")


@dataclass
class Place:
    """A region with its history: events are (kind, side, clone, early); hits are (name, side, clone, early)."""

    arm: str
    chrom: str
    start: int
    end: int
    events: list = field(default_factory=list)
    hits: list = field(default_factory=list)
    scenario: str = ""


def draw_patient(seed: int, folder: Path, genome) -> dict:
    """Draw a patient, write what the chain reads into `folder`, return the truth.

    Returns
    -------
    dict
        sex, purity, genes: a list of {gene, scenario, share, visible}.
    """
    rng = np.random.default_rng([seed, 77])
    a = rng.uniform(0.15, 0.85)
    patient = {
        "sex": str(rng.choice(["female", "male"])),
        "purity": float(rng.uniform(0.25, 0.95)),
        "doubled": bool(rng.random() < 0.2),
        "depth": float(np.exp(rng.uniform(np.log(60), np.log(400)))),
        "clones": {"A": a, "B": float((1 - a) * rng.uniform(0.2, 0.9))},
        "muddled": bool(rng.random() < 0.3),
    }
    patient["aliquot"] = float(np.clip(patient["purity"] * np.exp(rng.normal(0, ALIQUOT_SD)), 0.05, 0.99))
    arms = [row for row in genome.arms.itertuples() if f"{row.chrom}{row.arm[-1]}" not in NO_SHORT_ARM]
    names = [row.arm for row in arms if row.chrom != "X"]
    chosen = set(rng.choice(names, GENES_PER_PATIENT - 1, replace=False)) | {"Xp"}
    places, genes = [], []
    for row in arms:
        arm = Place(row.arm, row.chrom, int(row.start) + 1, int(row.end))
        if row.arm in chosen:
            genes.append(_gene(arm, patient, rng))
            places += _split(arm, genes[-1])
        else:
            if row.chrom != "X" and rng.random() < 0.35:
                kind = str(rng.choice(["del", "gain", "cnloh"], p=[0.5, 0.35, 0.15]))
                arm.events.append((kind, _side(rng), _clone(rng, 0.75), bool(rng.random() < 0.6)))
            places.append(arm)
    if patient["muddled"]:
        for place in places:
            if place.events and place.events[0][0] != "hom" and rng.random() < 0.4:
                place.events.append((str(rng.choice(["gain", "del"])), place.events[0][1], "B", False))
    _write(folder, patient, places, genes, rng)
    patient["genes"] = [
        {"gene": gene.arm, "scenario": gene.scenario, "share": _lost(gene, patient), "visible": _visible(gene, patient)}
        for gene in genes
    ]
    return patient


def _side(rng) -> str:
    return SIDES[int(rng.integers(2))]


def _clone(rng, trunk: float) -> str:
    return "T" if rng.random() < trunk else str(rng.choice(["A", "B"]))


def _gene(arm: Place, patient: dict, rng) -> Place:
    """A gene in the middle of an arm with one of the scenarios."""
    middle = int(arm.start + (arm.end - arm.start) * rng.uniform(0.3, 0.7))
    gene = Place(arm.arm, arm.chrom, middle, middle + 20_000)
    table = MALE_X if arm.chrom == "X" and patient["sex"] == "male" else SCENARIOS
    weights = np.array(list(table.values()))
    gene.scenario = str(rng.choice(list(table), p=weights / weights.sum()))
    _story(gene, rng, table is MALE_X)
    return gene


def _story(gene: Place, rng, one_copy: bool) -> None:
    """Write the events and hits of the scenario into the gene."""
    lost = "m" if one_copy else _side(rng)
    kept = lost if one_copy else SIDES[1 - SIDES.index(lost)]
    early, late = bool(rng.random() < 0.6), False
    clone, name = _clone(rng, 0.6), gene.scenario
    first = "T" if rng.random() < 0.8 else clone
    if name.startswith(("deletion", "passenger")) or name == "germline + LOH":
        gene.events.append(("cnloh" if "germline" in name and rng.random() < 0.4 else "del", lost, first, early))
    elif name.startswith("copy-neutral"):
        gene.events.append(("cnloh", lost, first, True))
    elif name.startswith("gain"):
        gene.events.append(("gain", lost, first, early))
    elif name == "homozygous deletion":
        gene.events.append(("hom", "", "T" if rng.random() < 0.7 else clone, True))
    elif name == "both in one subclone":
        gene.events.append(("del", lost, "A", late))
    elif name == "hits in different clones":
        gene.events.append(("del", lost, "B", late))
    hits = {
        "deletion + mutation": [("loss", kept, clone, early)],
        "copy-neutral LOH + mutation": [("loss", kept, clone, True)],
        "germline + LOH": [("germline", kept, "T", True)],
        "two mutations in trans": [("loss", lost, "T", early), ("loss", kept, clone, early)],
        "deletion + epitope": [("epitope_altered", kept, clone, early)],
        "both in one subclone": [("loss", kept, "A", late)],
        "two mutations in cis": [("loss", lost, "T", early), ("loss", lost, clone, early)],
        "mutation only": [("loss", lost, clone, early)],
        "hits in different clones": [("loss", kept, "A", late)],
        "passenger on LOH": [("uncertain", kept, clone, early)],
        "germline only": [("germline", lost, "T", True)],
        "gain + mutation": [("loss", lost, clone, early)],
        "deletion + doubtful call": [("doubtful", kept, clone, early)],
    }
    gene.hits = hits.get(name, [])
    if name == "deletion + doubtful call":
        posterior = float(rng.uniform(0.5, 0.97))
        gene.hits = [("real" if rng.random() < posterior else "false", kept, clone, early, posterior)]


def _split(arm: Place, gene: Place) -> list[Place]:
    """Regions of an arm: its whole length has the gene's events, but for a focal homozygous deletion."""
    if gene.scenario != "homozygous deletion":
        arm.events = gene.events
        return [arm]
    low, high = max(gene.start - FOCAL, arm.start), min(gene.end + FOCAL, arm.end)
    parts = [(arm.start, low, []), (low + 1, high, gene.events), (high + 1, arm.end, [])]
    return [Place(arm.arm, arm.chrom, start, end, events) for start, end, events in parts if end > start]


def _populations(patient: dict) -> dict[str, float]:
    a, b = patient["clones"]["A"], patient["clones"]["B"]
    return {"T": 1 - a - b, "A": a, "B": b}


def cells(place: Place, population: str, patient: dict) -> list:
    """Copies of a place in one population: [side, set of indices of hits] each."""
    one_copy = place.chrom == "X" and patient["sex"] == "male"
    copies = [["m", set()]] if one_copy else [["m", set()], ["p", set()]]
    steps = [("cn", *event) for event in place.events]
    steps += [("hit", k, *hit[1:4]) for k, hit in enumerate(place.hits) if hit[0] != "false"]
    steps.sort(
        key=lambda step: (step[3] != "T", step[0] != "hit")
    )  # a parent's before its children's, hits before copies
    for early in (True, False):
        for step in steps:
            before = step[4] and step[3] == "T"  # a doubling that all cells share comes before what a part of them has
            if before == early and step[3] in ("T", population):
                copies = _apply(copies, step)
        if early and patient["doubled"]:
            copies = copies + [[side, set(hits)] for side, hits in copies]
    return copies


def _apply(copies: list, step: tuple) -> list:
    kind, what, side = step[:3]  # a hit's `what` is its index
    mine = [copy for copy in copies if copy[0] == side]
    if kind == "hit":
        if mine:
            mine[0][1].add(what)
        return copies
    if what == "hom":
        return []
    if what == "gain":
        return copies + [[c, set(hits)] for c, hits in mine[:1]]
    rest = [copy for copy in copies if copy is not mine[0]] if mine else copies
    if what == "del":
        return rest
    other = [copy for copy in copies if copy[0] != side]
    return other + [[c, set(hits)] for c, hits in other]


def _damages(hit: tuple) -> bool:
    return hit[0] in ("loss", "epitope_altered", "germline", "real")


def _lost(gene: Place, patient: dict) -> float:
    """True share of tumour cells without an intact copy."""
    bad = {k for k, hit in enumerate(gene.hits) if _damages(hit)}
    return sum(
        share for name, share in _populations(patient).items()
        if all(hits & bad for _, hits in cells(gene, name, patient))
    )  # fmt: skip


def _mixture(gene: Place, patient: dict, wanted) -> tuple[float, float]:
    """Copies that carry all of `wanted`, and all copies, per cell of the aliquot that was sequenced."""
    p, both, everything = patient["aliquot"], 0.0, 0.0
    for name, share in _populations(patient).items():
        here = cells(gene, name, patient)
        both += p * share * sum(wanted <= hits for _, hits in here)
        everything += p * share * len(here)
    normal = 1 if gene.chrom == "X" and patient["sex"] == "male" else 2
    inherited = {k for k, hit in enumerate(gene.hits) if hit[0] == "germline"}
    return both + (1 - p) * (wanted <= inherited), everything + (1 - p) * normal


def _vaf(gene: Place, k: int, patient: dict) -> float:
    if gene.hits[k][0] == "false":
        return 0.12
    mutated, everything = _mixture(gene, patient, {k})
    return mutated / max(everything, 1e-9)


def _visible(gene: Place, patient: dict) -> bool:
    """Whether a caller that knew everything else would see every hit of the gene with 95 % power."""
    depth = round(patient["depth"])
    reads = [binom.sf(SEEN - 1, depth, _vaf(gene, k, patient)) for k, hit in enumerate(gene.hits) if _damages(hit)]
    shares = [1.0 if event[2] == "T" else patient["clones"][event[2]] for event in gene.events]
    return all(p >= 0.95 for p in reads) and all(patient["purity"] * share >= MIN_DOSE for share in shares)


def _write(folder: Path, patient: dict, places: list[Place], genes: list[Place], rng) -> None:
    folder.mkdir(parents=True, exist_ok=True)

    def save(rows, name: str, columns=None) -> None:
        pd.DataFrame(rows, columns=columns).to_csv(folder / name, sep="\t", index=False)

    base = {"patient": "P1", "timepoint": "relapse", "day": 1, "sex": patient["sex"]}
    save([base | {"sample": "P1_N", "kind": "normal"}, base | {"sample": "P1_T", "kind": "tumor"}], "samples.tsv")
    save([{"gene": g.arm, "role": "other", "reason": "", "citation": ""} for g in genes], "panel.tsv")
    where = [{"gene": g.arm, "chrom": f"chr{g.chrom}", "start": g.start, "end": g.end} for g in genes]
    save(where, "genes.tsv")
    mean = patient["depth"]
    save([w | {"n_bases": 1500, "mean_depth": mean, "min_depth": 0.6 * mean, "fraction_10x": 1, "fraction_30x": 1,
               "fraction_100x": float(mean > 130)} for w in where], "P1_T.gene_coverage.tsv")  # fmt: skip
    calls = [call for gene in genes for call in _calls(gene, patient, rng)]
    names = VARIANT_COLUMNS.split()
    save([c for c in calls if c["origin"] == "somatic"], "P1_T.variants.tsv", names)
    save([c for c in calls if c["origin"] == "germline"], "P1_N.germline.variants.tsv", names)
    save([{"sample": "P1_T", "chrom": c["chrom"], "pos": c["pos"], "ref": "C", "alt": "T", "ref_count": c["tumor_ref"],
           "alt_count": c["tumor_alt"], "depth": c["tumor_ref"] + c["tumor_alt"]} for c in calls],
         "P1_T.genotypes.tsv",
         GENOTYPE_COLUMNS.split())  # fmt: skip
    save([row for gene in genes for row in _fragments(gene, patient, calls, rng)], "P1_T.phase.tsv",
         ["sample", "gene", "variant_1", "variant_2", "n_both", "n_first", "n_second", "n_neither"])  # fmt: skip
    _snps(patient, places, genes, rng).to_csv(folder / "P1.snp_counts.csv.gz", index=False)


def _calls(gene: Place, patient: dict, rng) -> list[dict]:
    """Variants that a caller sees, with their reads; the reference is read a little more often."""
    made = []
    for k, hit in enumerate(gene.hits):
        depth = int(max(rng.normal(patient["depth"], 0.2 * patient["depth"]), 8))
        odds = _vaf(gene, k, patient)
        odds = odds / max(1 - odds, 1e-9) * np.exp(-0.05)
        share = odds / (1 + odds) * 0.999 + 0.0005
        alt = int(rng.binomial(depth, rng.beta(share * 300, (1 - share) * 300)))
        inherited = hit[0] == "germline"
        if alt < SEEN and not inherited:
            continue
        made.append({
            "chrom": f"chr{gene.chrom}", "pos": gene.start + 500 + 60 * k, "ref": "C", "alt": "T",
            "origin": "germline" if inherited else "somatic", "gene": gene.arm, "transcript": "t", "consequence":
            "stop_gained", "hgvs_p": f"p.Q{60 + k}*",
            "loss_judgement": hit[0] if hit[0] in ("epitope_altered", "uncertain") else "loss", "filter": "PASS",
            "somatic_posterior": None if inherited else (hit[4] if len(hit) > 4 else 0.995), "tumor_ref": depth - alt,
            "tumor_alt": alt, "normal_ref": 50 if inherited else 100, "normal_alt": 50 if inherited else 0, "hit": k,
        })  # fmt: skip
    return made


def _fragments(gene: Place, patient: dict, calls: list[dict], rng) -> list[dict]:
    """Fragments over both of two hits, in half of the genes (else they are too far apart)."""
    mine = [call for call in calls if call["gene"] == gene.arm]
    if len(mine) < 2 or rng.random() < 0.5:
        return []
    first, second = mine[0]["hit"], mine[1]["hit"]
    both, everything = _mixture(gene, patient, {first, second})
    one, two = (_mixture(gene, patient, {k})[0] - both for k in (first, second))
    chances = np.maximum([both, one, two, everything - both - one - two], 0)
    n = rng.multinomial(rng.poisson(0.4 * patient["depth"]), chances / chances.sum())
    keys = [f"{call['chrom']}:{call['pos']}:C:T" for call in mine[:2]]
    return [{"sample": "P1_T", "gene": gene.arm, "variant_1": keys[0], "variant_2": keys[1], "n_both": n[0],
             "n_first": n[1], "n_second": n[2], "n_neither": n[3]}]  # fmt: skip


def _snps(patient: dict, places: list[Place], genes: list[Place], rng) -> pd.DataFrame:
    """Counts at SNPs in the columns of snp-pileup; File1 is the normal."""
    whole = sum(place.end - place.start for place in places)
    parts, p = [], patient["purity"]
    near = {gene.arm: gene.start for gene in genes}
    for place in places:
        n = rng.poisson(SITES * (place.end - place.start) / whole) + 2
        pos = rng.integers(place.start, place.end, n)
        if place.arm in near and place.start <= near[place.arm] <= place.end:
            pos = np.r_[pos, np.clip(near[place.arm] + rng.integers(-2_000_000, 2_000_000, NEAR_GENE), place.start,
                                     place.end)]  # fmt: skip
        dose = dict.fromkeys(SIDES, 0.0)
        for name, share in _populations(patient).items():
            for side, _ in cells(Place(place.arm, place.chrom, 0, 0, place.events), name, patient):
                dose[side] += share
        male_x = place.chrom == "X" and patient["sex"] == "male"
        normal = (1, 0) if male_x else (1, 1)
        mixed = [p * dose[side] + (1 - p) * k for side, k in zip(SIDES, normal)]
        parts.append(pd.DataFrame({"Chromosome": f"chr{place.chrom}", "Position": np.unique(pos), "m": mixed[0],
                                   "p": mixed[1], "normal": float(sum(normal)), "one": male_x}))  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    n = len(table)
    kind = rng.choice(3, n, p=[0.45, 0.35, 0.20])  # 0/0, 0/1, 1/1
    kind = np.where(table["one"] & (kind == 1), 0, kind)
    flip, bias = rng.random(n) < 0.5, rng.normal(0.06, 0.05, n)
    wave = rng.uniform(0.0, 0.07) * np.sin(table["Position"] / rng.uniform(8e6, 3e7) + rng.uniform(0, 6))
    mean_copies = (table["m"] + table["p"]).mean()
    made = {"Chromosome": table["Chromosome"], "Position": table["Position"], "Ref": "A", "Alt": "G"}
    depths = {"1": (float(rng.uniform(60, 160)), table["normal"] / 2), "2": (patient["depth"], None)}
    capture = rng.gamma(5.0, 0.2, n)
    for file, (depth, dose) in depths.items():
        here = dose if dose is not None else (table["m"] + table["p"]) / mean_copies * np.exp(wave)
        reads = rng.poisson(depth * capture * here * np.exp(0.06 * np.clip(rng.standard_t(4, n), -5, 5)))
        major, minor = (table["m"], table["p"]) if file == "2" else (pd.Series(np.ones(n)), pd.Series(np.ones(n)))
        alt, ref = np.where(flip, major, minor), np.where(flip, minor, major)
        odds = alt * np.exp(-bias) / np.maximum(ref, 1e-9)
        share = np.select([kind == 0, kind == 1], [0.001, odds / (1 + odds)], 0.999)
        share = np.clip(share, 0.001, 0.999)
        count = rng.binomial(reads, rng.beta(share * 250, (1 - share) * 250))
        made |= {f"File{file}R": reads - count, f"File{file}A": count, f"File{file}E": 0, f"File{file}D": 0}
    return pd.DataFrame(made)
