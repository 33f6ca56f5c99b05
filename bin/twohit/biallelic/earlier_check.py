"""An earlier P.biallelic.json is checked in what is compared with the new one, whatever minor version wrote it."""

from pathlib import Path

from twohit.biallelic.schema import SCHEMA
from twohit.errors import InputError
from twohit.tables import read_json

# What is compared, below what, and whether it must be there: earlier minor versions lack what is marked False.
HIT = dict.fromkeys(("variant", "origin", "label", "alt_count", "depth"), True)
VERDICT = dict.fromkeys(("gene", "sample", "day", "timepoint", "verdict", "probability", "share"), True)
VERDICT |= {"hits": HIT, "copy_number": {"words": True}, "lod_share": False}
SAMPLE = {"sample": True, "timepoint": False, "day": False, "purity": False}
COMPARED = {"twohit_version": False, "samples": SAMPLE, "verdicts": VERDICT}
PARAMETERS = {"type": "object", "properties": {"min_share": {"type": "number"}}}
LONGEST = 200  # characters of what is wrong


def check_earlier(result: dict, path: Path) -> None:
    """Refuse an earlier result whose compared parts are not as the schema has them.

    Raises
    ------
    InputError
        With the place in the file.
    """
    from jsonschema import Draft202012Validator

    schema = _part(read_json(SCHEMA), COMPARED)
    schema["properties"] |= {"schema_version": {"type": "string"}, "parameters": PARAMETERS}
    errors = sorted(Draft202012Validator(schema).iter_errors(result), key=lambda error: [str(x) for x in error.path])
    if errors:
        place = "/".join(map(str, errors[0].path)) or "top"
        raise InputError(f"{path}: {place}: {errors[0].message[:LONGEST]}; it is no result of twohit, make it again")


def _part(schema: dict, names: dict | bool) -> dict:
    """The part of a schema that speaks of these names; others may be there."""
    if isinstance(names, bool):
        return schema
    if schema["type"] == "array":
        return {"type": "array", "items": _part(schema["items"], names)}
    below = {name: _part(schema["properties"][name], more) for name, more in names.items()}
    return {"type": "object", "properties": below, "required": [name for name in names if names[name] is not False]}
