"""Made-up result folders and cohorts for the tests of this folder."""

import numpy as np
import pandas as pd

from twohit import schemas
from twohit.cohort.events import Event
from twohit.cohort.matrix import assemble, pack
from twohit.manifest import patient_manifest
from twohit.tables import write_json, write_table

WORDS = {"y": "yes", "n": "no", "?": "not_assessable"}
ARMS = ("16p", "17p", "1q")


def cohort(**events):
    """Cohort from strings: one letter a patient, y yes, n no, ? not assessable, blank not told."""
    size = len(next(iter(events.values())))
    rows = [{name: Event(WORDS[row[k]]) for name, row in events.items() if row[k] != " "} for k in range(size)]
    return assemble([pack(row) for row in rows])


def random_cohort(n, n_events, seed, missing=0.05, blocks=("del", "gain")):
    """Cohort of patients who differ in how many events they have; nothing else links two events (Rasch's model)."""
    rng = np.random.default_rng(seed)
    names = [f"{block}{k}{arm}" for block in blocks for k in range(1, 23) for arm in "pq"][:n_events]
    own, rate = rng.normal(-2.5, 1.2, n), rng.normal(0, 0.7, len(names))
    letters = np.where(rng.random((n, len(names))) < 1 / (1 + np.exp(-own[:, None] - rate)), "y", "n")
    letters[rng.random(letters.shape) < missing] = "?"
    return cohort(**{name: "".join(letters[:, k]) for k, name in enumerate(names)})


def make_patient(
    results, name, lost=(), gene="intact", genome="GRCh38", purity=0.8, manifest=True, patient=None, told=None, fish=()
):
    """Write the result folder of a patient: three arms, TP53, if wished FISH; `told` is the JSON's verdict."""
    folder = results / name
    for part in ("dna", "report", "clinical"):
        (folder / part).mkdir(parents=True)
    chances = dict.fromkeys(("p_homozygous_loss", "p_copy_neutral_loh", "p_gain"), 0)
    rows = [{"arm": arm, "p_loh": float(arm in lost), "ccf": 1, **chances} for arm in ARMS]
    write_table(pd.DataFrame(rows).reindex(columns=schemas.ARMS.names), schemas.ARMS, folder / "dna" / "T.arms.tsv")
    write_json({"purity": purity}, folder / "dna" / "T.purity_ploidy.json")
    verdict = {"patient": name, "sample": "T", "day": 20240101, "gene": "TP53", "verdict": gene, "reason": "because"}
    if gene == "biallelic":
        verdict |= {"clonality": "clonal", "mechanism": "deletion + damaging mutation", "probability": 0.97}
    frame = pd.DataFrame([verdict]).reindex(columns=schemas.BIALLELIC.names)
    write_table(frame, schemas.BIALLELIC, folder / "report" / f"{name}.biallelic.tsv")
    verdicts = [{"sample": "T", "gene": "TP53", **told}] if told else []
    write_json({"genome": genome, "verdicts": verdicts}, folder / "report" / f"{name}.biallelic.json")
    if fish:
        frame = pd.DataFrame(fish).assign(day=-20, sample=f"{name}_BM").reindex(columns=schemas.FISH.names)
        write_table(frame, schemas.FISH, folder / "clinical" / f"{name}.fish.tsv")
    if manifest:
        write_json(patient_manifest(folder, patient or name), folder / "manifest.json")
    return folder


# The study's cohort: 300 patients, 18 del16p (8 of them subclonal), 39 del17p, 14 both.
STUDY_ROWS = [
    row
    for k in range(300)
    for row in (
        f"P{k}\tdel16p\t{'yes' if k < 18 else 'no'}\t{('subclonal' if k < 8 else 'clonal') if k < 18 else ''}",
        f"P{k}\tdel17p\t{'yes' if k < 14 or 18 <= k < 43 else 'no'}\t",
    )
]
