#!/usr/bin/env python3
"""Score filter_somatic.py against FilterMutectCalls at its best option, on the same raw calls of simulated reads.

`benchmarks/somatic_filter.py --folder calls [--settings high low ...]` simulates reads (kept in the folder), calls them
with Mutect2, runs both filters and prints F1, bins of allele fraction, realised and expected FDR. A laboratory scores
its own truth set by a folder of that layout (raw.vcf.gz, side files, ref.fa, truth.json): see docs/validation.md.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import somatic_chain as chain
import somatic_plan as planned
import somatic_score as score

BIN = Path(__file__).resolve().parents[1] / "bin"
PROFILE = planned.PROFILE
LOW = {"snvs": 14, "mnvs": 1, "indels": 4, "clusters": 1, "neighbours": 3}
SMALL = {"mnvs": 5, "indels": 14, "clusters": 5, "neighbours": 8, "germline": 30}
THIRD = {kind: n // 3 for kind, n in PROFILE.items()}
MUCH = PROFILE | {"orientation": 100}
SETTINGS = (
    planned.Setting("high", 1, tumor_in_normal=0.01, contamination=0.02),
    planned.Setting("low", 2, **LOW, contamination=0.01),
    planned.Setting("ffpe", 3, orientation="ffpe", artefacts=MUCH, tumor_in_normal=0.02),
    planned.Setting("tin8", 4, tumor_in_normal=0.08, snvs=100, clusters=8),
    planned.Setting("shallow", 5, tumor_depth=60, normal_depth=45, snvs=100, vaf=(0.04, 0.5)),
    planned.Setting("lowffpe", 6, **LOW, orientation="ffpe", tumor_depth=150),
    planned.Setting("deep", 7, tumor_depth=450, normal_depth=120, snvs=50, **SMALL, vaf=(0.008, 0.4), artefacts=THIRD),
    planned.Setting("u_high", 1001, tumor_in_normal=0.01, contamination=0.02),
    planned.Setting("u_low", 1002, **LOW, contamination=0.01),
    planned.Setting("u_lowffpe", 1003, **LOW, orientation="ffpe", tumor_in_normal=0.02),
    planned.Setting("u_tin4", 1004, tumor_in_normal=0.04, snvs=100, clusters=8, orientation="ffpe"),
    planned.Setting(
        "u_deep", 1005, tumor_depth=500, normal_depth=100, snvs=40, **SMALL, vaf=(0.008, 0.4), artefacts=THIRD
    ),
    planned.Setting("low2", 8, **LOW, contamination=0.01),
    planned.Setting("low3", 9, **LOW, tumor_in_normal=0.03),
    planned.Setting("low4", 10, **LOW, orientation="ffpe", tumor_depth=200, normal_depth=60),
    planned.Setting("u_low2", 1006, **LOW, contamination=0.01),
    planned.Setting("u_low3", 1007, **LOW, tumor_in_normal=0.03),
    planned.Setting("u_low4", 1008, **LOW, orientation="ffpe", tumor_depth=200, normal_depth=60),
    planned.Setting("u_low5", 1009, **LOW, tumor_depth=80, normal_depth=80),
    planned.Setting("v_low1", 2001, **LOW, contamination=0.01),
    planned.Setting("v_low2", 2002, **LOW, tumor_in_normal=0.03),
    planned.Setting("v_low3", 2003, **LOW, orientation="ffpe", tumor_depth=200, normal_depth=60),
    planned.Setting("v_low4", 2004, **LOW, tumor_depth=80, normal_depth=80),
    planned.Setting("v_low5", 2005, **LOW, orientation="ffpe", tumor_in_normal=0.02),
    planned.Setting("v_low6", 2006, **LOW),
    planned.Setting("w_low1", 3001, **LOW, contamination=0.01),
    planned.Setting("w_low2", 3002, **LOW, tumor_in_normal=0.03),
    planned.Setting("w_low3", 3003, **LOW, orientation="ffpe", tumor_depth=150),
    planned.Setting("w_low4", 3004, **LOW, tumor_depth=80, normal_depth=80),
    planned.Setting("w_low5", 3005, **LOW, orientation="ffpe", tumor_in_normal=0.02),
    planned.Setting("w_low6", 3006, **LOW),
    planned.Setting("w_high", 3007, tumor_in_normal=0.02),
    planned.Setting("u_high2", 1010, orientation="ffpe", contamination=0.01),
)
OPTIONS = {
    "gatk": (),
    "events3": ("--max-events-in-region", "3"),
    "events6": ("--max-events-in-region", "6"),
    "events6_beta0.5": ("--max-events-in-region", "6", "--f-score-beta", "0.5"),
    "events6_beta1.5": ("--max-events-in-region", "6", "--f-score-beta", "1.5"),
    "beta1.5": ("--f-score-beta", "1.5"),
    "beta0.5": ("--f-score-beta", "0.5"),
    "fdr": ("--threshold-strategy", "FALSE_DISCOVERY_RATE", "--false-discovery-rate", "0.05"),
}


def our_filter(place: Path) -> tuple[Path, float | None]:
    """Run filter_somatic.py; its VCF and the FDR it expects."""
    out = place / "twohit.vcf.gz"
    side = [str(place / word) if not word.startswith("--") else word for word in chain.SIDE]
    chain.run([sys.executable, BIN / "filter_somatic.py", "--vcf", place / "raw.vcf.gz", "--stats",
               place / "raw.vcf.gz.stats", *side, "--reference", place / "ref.fa", "--tumor", "T", "--normal", "N",
               "--out", out])  # fmt: skip
    summary = json.loads((place / "twohit.filter_summary.json").read_text())
    return out, summary["expected_fdr"]


def rows_of(path: Path) -> dict[tuple, tuple[bool, float]]:
    """Per allele of a filtered VCF: whether it passes, and its fraction in the tumour."""
    theirs = (
        "filtered by FilterMutectCalls"
        in subprocess.run(["bcftools", "view", "-h", path], capture_output=True, text=True, check=True).stdout
        and "twohit" not in path.name
    )
    tag = "AS_FilterStatus" if theirs else "AS_FILTER"
    form = f"%POS\t%REF\t%ALT\t%FILTER\t%{tag}[\t%AF]\n"
    text = subprocess.run(
        ["bcftools", "query", "-s", "T", "-f", form, path], capture_output=True, text=True, check=True
    )
    found = {}
    for line in text.stdout.splitlines():
        pos, ref, alts, record, status, fractions = line.split("\t")
        own = status.split("|" if theirs else ",")
        for i, (alt, fraction) in enumerate(zip(alts.split(","), fractions.split(","), strict=True)):
            passed = record == "PASS" and (len(own) == 1 or own[i] in ("PASS", "SITE"))
            found[int(pos), ref, alt] = passed, float(fraction)
    return found


def judge(place: Path) -> tuple[score.Units, str, float | None]:
    """Both filters on one folder of raw calls: rows, the best option of FilterMutectCalls, the FDR ours expects."""
    truth, fractions = chain.truth_of(place)
    ours, expected = our_filter(place)
    tables = {"twohit": rows_of(ours)}
    for name, options in OPTIONS.items():
        tables[name] = rows_of(chain.filter_mutect_calls(place, f"{name}.vcf.gz", *options))
    alleles = [
        {"pos": key[0], "ref": key[1], "alt": key[2], "af": fraction}
        | {"passed": {name: table[key][0] for name, table in tables.items()}}
        for key, (_, fraction) in tables["gatk"].items()
    ]
    artefacts = json.loads((place / "truth.json").read_text())["artefacts"]
    ends = {row["pos"] + 1 for row in artefacts if row["kind"] == "read_end"}
    units = score.collect(truth, fractions, alleles, ends)
    best = max(OPTIONS, key=lambda name: score.f1(units.counts(name)))
    return units, best, expected


def main() -> None:
    """Simulate what is not there yet, judge, write results.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="raw calls are kept here")
    parser.add_argument("--settings", nargs="*", choices=[s.name for s in SETTINGS], help="some of them (all)")
    arguments = parser.parse_args()
    wanted = arguments.settings or [setting.name for setting in SETTINGS]
    results, parts = [], []
    for setting in SETTINGS:
        if setting.name in wanted:
            parts.append(judge(chain.raw_calls(setting, arguments.folder)))
            print(setting.name)
            results.append(score.report(setting.name, *parts[-1]))
    if len(parts) > 1:
        print("all of them, FilterMutectCalls at the best option of each")
        results.append(score.report("all", *score.pooled(parts)))
    (arguments.folder / "results.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
