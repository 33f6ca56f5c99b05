#!/usr/bin/env python3
"""Tell the versions of the tools a run uses, as a TSV (tool, version)."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from twohit import __version__, cli

COMMANDS = {
    "bwa": (["bwa"], r"Version: (\S+)"),
    "samtools": (["samtools", "--version"], r"samtools (\S+)"),
    "bcftools": (["bcftools", "--version"], r"bcftools (\S+)"),
    "STAR": (["STAR", "--version"], r"^(\S+)"),
    "gatk": (["gatk", "--version"], r"\(GATK\) v(\S+)"),
}
NOT_HERE = "not found beside this script"  # with containers a tool may be in an image of its own
PACKAGES = (  # those of containers/twohit/requirements.in, and two that scanpy hands the cells to
    "numpy", "scipy", "pandas", "numba", "pysam", "cyvcf2", "matplotlib", "jinja2", "jsonschema", "multiqc", "scanpy",
    "anndata", "leidenalg", "igraph", "harmonypy", "gseapy", "singler", "rocrate", "scikit-learn", "umap-learn",
)  # fmt: skip


def of_command(command: list[str], pattern: str) -> str:
    """Version that a command tells; `NOT_HERE` when it is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except FileNotFoundError:
        return NOT_HERE
    found = re.search(pattern, done.stdout + done.stderr)
    return found.group(1) if found else f"tells no version (exit {done.returncode})"


def of_package(name: str) -> str:
    """Version of a Python package; `NOT_HERE` when it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return NOT_HERE


def main(argv=None):
    """Ask every tool and write the table."""
    arguments = cli.parser(__doc__, "tool_versions.py --nextflow 25.04.4 --out versions.tsv")
    arguments.add_argument("--nextflow", default="", help="version of Nextflow")
    arguments.add_argument("--revision", default="", help="commit of the pipeline")
    arguments.add_argument("--gatk", default="", help="version of GATK, told where it is in an image of its own")
    arguments.add_argument("--out", required=True, type=Path, help="table to write")
    given = arguments.parse_args(argv)
    rows = {
        "twohit": __version__,
        "revision": given.revision,
        "nextflow": given.nextflow,
        "python": sys.version.split()[0],
    }
    rows |= {name: of_command(*how) for name, how in COMMANDS.items()}
    if rows["gatk"] == NOT_HERE and given.gatk:
        rows["gatk"] = f"{given.gatk} (in an image of its own)"
    rows |= {name: of_package(name) for name in PACKAGES}

    from pandas import DataFrame

    from twohit.schemas import VERSIONS
    from twohit.tables import write_table

    write_table(DataFrame([row for row in rows.items() if row[1]], columns=VERSIONS.names), VERSIONS, given.out)


if __name__ == "__main__":
    cli.run(main)
