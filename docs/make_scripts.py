#!/usr/bin/env python3
"""Write docs/scripts.md: what each script of bin/ does and an example, from its --help.

`python docs/make_scripts.py` writes, `python docs/make_scripts.py --check` fails when the page is out of date.
"""

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
BIN = DOCS.parent / "bin"
HEAD = """# One script without Nextflow
<!-- Made by docs/make_scripts.py from the --help of each script. -->

Every script reads files, writes files and knows nothing of Nextflow: `export PATH=$PWD/bin:$PWD/.env/bin:$PATH` after
`make env`, then as below. `--help` lists all options; [outputs](outputs.md) has the columns of the tables. Exit code 2
is a mistake in the input, told in one line.
"""
STAGES = {
    "Reference and samplesheet": ("check_samplesheet", "prepare_reference", "panel_regions"),
    "Reads to variants": (
        "align_lane", "postprocess_alignment", "filter_somatic", "annotate_variants", "genotype_variants",
        "fingerprint_samples", "import_calls",
    ),
    "Copy number and clonality": ("count_snps", "segment_copy_number", "estimate_clonality"),
    "Single cells": (
        "prepare_cell_reference", "count_cells", "analyse_cells", "judge_plasma_cells", "call_cell_copy_number",
        "count_cell_alleles", "genotype_cells",
    ),
    "Course, verdict, cohort": ("read_clinical", "report_biallelic_loss", "report_cohort"),
    "Truth": ("simulate_patient", "validate_run"),
    "Results of a run": (
        "gather_quality", "tool_versions", "checksum_files", "write_manifest", "write_crate", "verify_results",
    ),
}  # fmt: skip


def tell(name: str) -> list[str]:
    """Lines on one script: its sentence and its examples."""
    command = [sys.executable, str(BIN / f"{name}.py"), "--help"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    about, example = text.split("\n\noptions:\n")[0], text.split("\nexample:\n")[1]
    sentences = [part for part in about.split("\n\n")[1:] if not part.startswith("positional arguments")]
    lines = ["    " + line[2:] for line in example.rstrip().splitlines()]
    return [f"### `{name}.py`", "", *sentences, "", *lines, ""]


def page() -> str:
    """The whole page."""
    told = {name for names in STAGES.values() for name in names}
    if told != (there := {path.stem for path in BIN.glob("*.py")}):
        sys.exit(
            f"docs/make_scripts.py: STAGES and bin/ differ in {', '.join(sorted(told ^ there))}; place each script"
        )
    parts = [HEAD]
    for stage, names in STAGES.items():
        parts += [f"## {stage}", ""]
        for name in names:
            parts += tell(name)
    return "\n".join(parts)


if __name__ == "__main__":
    target = DOCS / "scripts.md"
    if "--check" in sys.argv[1:]:
        if not target.is_file() or target.read_text(encoding="utf-8") != page():
            sys.exit("docs/scripts.md is out of date: run `python docs/make_scripts.py`")
    else:
        target.write_text(page(), encoding="utf-8")
