#!/usr/bin/env python3
"""Describe a results folder as an RO-Crate: files with checksums, inputs, parameters and tools of the run."""

from pathlib import Path

from twohit.cli import existing_file, parser, run


def main(argv=None) -> None:
    """Read manifests and what the run left; write the JSON-LD."""
    arguments = parser(
        __doc__,
        "write_crate.py --run results/manifest.json --manifests results/P1/manifest.json \\\n"
        "      --params results/run/params.json --versions results/run/versions.tsv --out ro-crate-metadata.json",
    )
    add = arguments.add_argument
    add("--run", required=True, type=existing_file, help="manifest of the run")
    add("--manifests", nargs="*", type=existing_file, default=[], help="manifests of the finished patients")
    add("--params", required=True, type=existing_file, help="parameters of the run (run/params.json)")
    add("--versions", required=True, type=existing_file, help="tools of the run (run/versions.tsv)")
    add("--inputs", type=existing_file, help="checksums of the inputs (run/inputs.tsv)")
    add("--out", required=True, type=Path, help="JSON-LD to write")
    given = arguments.parse_args(argv)

    from twohit.provenance.crate import crate_of
    from twohit.tables import write_json

    write_json(crate_of(given.run, given.manifests, given.params, given.versions, given.inputs), given.out)


if __name__ == "__main__":
    run(main)
