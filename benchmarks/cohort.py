#!/usr/bin/env python3
"""Time and memory of report_cohort.py on many made-up patients: all, then one more.

`benchmarks/cohort.py` makes result folders of 1,000 and of 10,000 patients (arms, verdicts of 24 genes, FISH, a
manifest each), runs the script on them, adds a patient, and runs it again; it prints seconds and peak memory.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bin"))

from twohit import schemas  # noqa: E402  (the library lives in bin/, found only after the line above)
from twohit.genome.contigs import load_genome  # noqa: E402
from twohit.manifest import patient_manifest  # noqa: E402

PROBES = (("1q21", "gain"), ("13q14", "loss"), ("17p13.1", "loss"), ("t(11;14)", "fusion"), ("t(4;14)", "fusion"))
UNSURE = 0.05  # of the arms
NO_PURITY = 0.03  # of the patients
SMALL = (1e-4, 0.02)  # probabilities of what is not there


def panel() -> list[str]:
    """Genes of the panel that comes with twohit."""
    lines = (ROOT / "assets" / "panels" / "myeloma.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines[1:]]


class Maker:
    """Makes patients whose genomes differ in how many changes they have."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)
        genome = load_genome("GRCh38")
        self.arms = [row.arm for row in genome.arms.itertuples() if row.chrom.isdigit() and row.end - row.start > 2e7]
        self.genes = panel()
        self.rate = self.rng.normal(-2.5, 0.7, (len(self.arms), 3))  # logit of loss, copy-neutral LOH, gain

    def patient(self, folder: Path, name: str) -> None:
        """Write one folder: dna/, report/, clinical/, manifest.json."""
        for part in ("dna", "report", "clinical"):
            (folder / part).mkdir(parents=True)
        rng = self.rng
        known = rng.random() > NO_PURITY
        (folder / "dna" / "T.purity_ploidy.json").write_text(json.dumps({"purity": 0.8 if known else None}))
        own = rng.normal(-0.3, 1)  # how many changes this patient has
        arms = [self._arm(arm, self.rate[k] + own) for k, arm in enumerate(self.arms)]
        _write(folder / "dna" / "T.arms.tsv", schemas.ARMS, arms)
        verdicts = [self._verdict(name, gene) for gene in self.genes]
        _write(folder / "report" / f"{name}.biallelic.tsv", schemas.BIALLELIC, verdicts)
        told = {"genome": "GRCh38", "verdicts": [self._told(row) for row in verdicts]}
        (folder / "report" / f"{name}.biallelic.json").write_text(json.dumps(told, indent=1))
        _write(folder / "clinical" / f"{name}.fish.tsv", schemas.FISH, [self._fish(*probe) for probe in PROBES])
        (folder / "manifest.json").write_text(json.dumps(patient_manifest(folder, name), indent=1))

    def _arm(self, arm: str, logits: np.ndarray) -> dict:
        chances = self.rng.uniform(*SMALL, 3)
        here = self.rng.random(3) < 1 / (1 + np.exp(-logits))
        chances[np.argmax(here)] = 0.97 if here.any() else chances[0]
        if self.rng.random() < UNSURE:
            chances[self.rng.integers(3)] = 0.5
        lost, neutral, gain = (round(float(chance), 4) for chance in chances)
        ccf = 1.0 if self.rng.random() < 0.6 else 0.5
        values = {
            "p_homozygous_loss": 0,
            "p_loh": min(lost + neutral, 1),
            "p_copy_neutral_loh": neutral,
            "p_gain": gain,
        }
        return {"arm": arm, "total_cn": 2, "minor_cn": 1, "ccf": ccf, "state": "neutral", **values}

    def _verdict(self, name: str, gene: str) -> dict:
        word = self.rng.choice(schemas.VERDICTS, p=[0.03, 0.01, 0.16, 0.68, 0.115, 0.005])
        lost = word in ("biallelic", "probable_biallelic")
        return {
            "patient": name, "sample": "T", "gene": gene, "verdict": word, "probability": 0.98 if lost else 0.01,
            "clonality": self.rng.choice(["clonal", "subclonal"]) if lost else "",
            "mechanism": "deletion + damaging mutation" if lost else "", "lod_share": 0.12,
            "reason": "A sentence as long as those that the report gives for its verdict on a gene. " * 3,
        }  # fmt: skip

    def _told(self, row: dict) -> dict:
        lost = bool(row["mechanism"])
        hit = {"origin": "somatic", "counted": True, "probability_real": 0.999, "ccf": 1.0, "label": "p.Q38*"}
        mechanisms = [{"name": row["mechanism"], "probability": 0.97}] if lost else []
        hit_one = lost or row["verdict"] == "monoallelic"
        facts = {
            "touched_probability": 0.99 if hit_one else 0.05,
            "mechanisms": mechanisms,
            "hits": [hit] if lost else [],
        }
        steps = [{"step": "depth", "kind": "copy_number", "probability": 0.5, "log_odds": 0.1, "change": 0.2}] * 6
        return {**row, **facts, "limit": {"mutation": 0.1}, "evidence": steps}

    def _fish(self, probe: str, abnormality: str) -> dict:
        percent = float(self.rng.choice([1.0, 60.0], p=[0.8, 0.2]))
        status = "above_cutoff" if percent > 5 else "below_cutoff"
        values = {"cells_scored": 200, "percent_abnormal": percent, "cutoff_percent": 5, "status": status}
        return {"day": -20, "sample": "BM", "probe": probe, "arm_or_locus": probe, "abnormality": abnormality, **values}


def _write(path: Path, schema, rows: list[dict]) -> None:
    lines = ["\t".join(schema.names)]
    lines += ["\t".join(str(row.get(name, "")) for name in schema.names) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def measured(results: Path, outdir: Path) -> str:
    """Run the script; wall and CPU seconds and peak memory as text."""
    start = time.perf_counter()
    command = [sys.executable, ROOT / "bin" / "report_cohort.py", "--results", results, "--outdir", outdir]
    pid = os.posix_spawn(sys.executable, [str(part) for part in command], os.environ)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit("report_cohort.py failed")
    wall, cpu = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
    return f"wall {wall:.1f} s, CPU {cpu:.1f} s, peak memory {usage.ru_maxrss / 1024:.0f} MB"


def patient_list(maker: Maker, base: Path, size: int) -> Path:
    """List of `size` patients; those that are not there yet are made."""
    names = [f"id{k:06d}" for k in range(size)]
    for name in names:
        if not (base / "results" / name / "manifest.json").is_file():
            maker.patient(base / "results" / name, name)
    (base / "list.txt").write_text("".join(f"results/{name}\n" for name in names))
    return base / "list.txt"


def main() -> None:
    """Make the patients, run, add one, run again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, nargs="+", default=[1000, 10_000], help="sizes (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="keep the patients here (about 0.5 GB for 10,000)")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    maker = Maker(given.seed)
    with tempfile.TemporaryDirectory() as name:
        base = given.folder or Path(name)
        for size in given.patients:
            outdir = base / f"cohort{size}"
            (outdir / "state.npz").unlink(missing_ok=True)
            for many, what in ((size, f"{size} patients"), (size + 1, "one more")):
                listed = patient_list(maker, base, many)
                print(f"{what}: {measured(listed, outdir)}", flush=True)
        subprocess.run(["du", "-sh", str(base / "results")], check=False)


if __name__ == "__main__":
    main()
