"""P.biallelic.json is checked against its versioned schema before it is written."""

from pathlib import Path

from twohit.errors import ModelError
from twohit.places import ASSETS
from twohit.tables import _plain, read_json, write_json

SCHEMA = ASSETS / "schemas" / "biallelic.schema.json"


def write_result(result: dict, path: Path) -> None:
    """Validate and write the result.

    Raises
    ------
    ModelError
        If the result breaks the schema: a bug of twohit, named with its place.
    """
    check_result(result)
    write_json(result, path)


def check_result(result: dict) -> None:
    """Raise ModelError if `result`, as it would be written, breaks the schema."""
    from jsonschema import Draft202012Validator

    errors = sorted(
        Draft202012Validator(read_json(SCHEMA)).iter_errors(_plain(result)), key=lambda error: list(error.path)
    )
    if errors:
        place = "/".join(map(str, errors[0].path)) or "top"
        raise ModelError(f"biallelic.json breaks its schema at {place}: {errors[0].message[:200]}")
