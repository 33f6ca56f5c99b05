#!/usr/bin/env python3
"""Simulate a patient with a known truth: genome, gene models, tumour and normal reads, cells, clinical course."""

from pathlib import Path

from twohit.cli import parser, progress, run

SIZES = {
    "purity": float, "early-purity": float, "contamination": float, "tumor-in-normal": float, "duplicate-rate": float,
    "tumor-depth": float, "normal-depth": float, "target-per-arm": int, "snps-per-arm": int, "min-het-per-arm": int,
    "passengers": int, "artefact-sites": int, "lanes": int, "timepoints": int,
    "cell-samples": int, "cells-per-sample": int, "cell-umis": int, "cell-format": str, "cell-bams": int,
    "cell-reads": int, "clinical": int,
}  # fmt: skip


def main(argv=None) -> None:
    """Parse arguments, build the patient, write its folder."""
    made = parser(__doc__, "simulate_patient.py --preset tiny --seed 1 --outdir patient")
    made.add_argument("--preset", default="tiny", help="tiny, demo, large, doubled or twins (default tiny)")
    made.add_argument("--seed", type=int, default=1, help="same seed, same bytes (default 1)")
    made.add_argument("--outdir", type=Path, required=True, help="folder to write")
    made.add_argument("--threads", type=int, default=1, help="processes; the output does not depend on it (default 1)")
    made.add_argument("--sex", help="female (default) or male: the male twin has one X")
    for name, kind in SIZES.items():
        made.add_argument(f"--{name}", type=kind, help="override the preset")
    given = made.parse_args(argv)

    from twohit.simulate.patient import build_patient, write_patient
    from twohit.simulate.presets import make_preset
    from twohit.simulate.twins import write_twins

    sizes = {name.replace("-", "_"): getattr(given, name.replace("-", "_")) for name in SIZES}
    preset = make_preset(given.preset, sex=given.sex, **sizes)
    if preset.karyotype == "twins":
        write_twins(preset, given.seed, given.outdir)
    else:
        write_patient(build_patient(preset, given.seed), given.outdir, max(given.threads, 1))
    progress(f"patient written to {given.outdir}: run with -params-file {given.outdir / 'params.json'}")


if __name__ == "__main__":
    run(main)
