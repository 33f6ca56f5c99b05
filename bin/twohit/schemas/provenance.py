"""Tables on what a run was."""

from twohit.tables import Column, Table

INPUTS = Table(
    "inputs",
    "what the run started from (`run/inputs.tsv`)",
    (
        Column("owner", "str", "patient, or reference"),
        Column("file", "str", "name, without the path to it"),
        Column("bytes", "int", "size", minimum=0),
        Column("sha256", "str", "SHA-256 of the content"),
    ),
)

VERSIONS = Table(
    "versions",
    "tools of the run (`run/versions.tsv`)",
    (Column("tool", "str", "tool or package"), Column("version", "str", "its version")),
)
