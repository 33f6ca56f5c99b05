"""The copy-number fit of a sample (`S.purity_ploidy.json`, `S.mutation_purity.json`), checked as it is read."""

import json
import math
from pathlib import Path

from twohit.errors import InputError
from twohit.tables import read_json

SHARES = ("purity", "purity_lower", "purity_upper", "wgd", "weight", "no_change_probability")
NUMBERS = (*SHARES, "ploidy", "ploidy_lower", "ploidy_upper", "purity_sd", "overdispersion", "site_overdispersion",
           "reference_bias")  # fmt: skip
NEEDED = ("solution", "weight", "wgd", "purity", "purity_lower", "purity_upper", "ploidy", "ploidy_lower",
          "ploidy_upper")  # fmt: skip  # of a solution after the mutations' vote


def read_fit(path: Path) -> dict:
    """Read S.purity_ploidy.json.

    Raises
    ------
    InputError
        If a purity, ploidy or weight is no number or out of range, or a list is none.
    """
    data = read_json(path)
    _check_numbers(data, path, "")
    if data.get("purity") is not None and data["purity"] == 0:
        raise InputError(f"{path}: purity is 0; it must be above 0 and at most 1, or null")
    _check_lists(data, path, ("alternatives", "warnings"))
    for number, item in enumerate(data.get("warnings") or []):
        for place in item.get("places") or []:
            ends = [place.get(name) for name in ("start", "end")] if isinstance(place, dict) else [None]
            if not all(isinstance(end, int) for end in ends) or "chrom" not in place:
                raise InputError(f"{path}: warnings, item {number}: a place is no chrom, start and end; make it again")
    return data


def read_vote(path: Path) -> dict:
    """Read S.mutation_purity.json; InputError as `read_fit`."""
    data = read_json(path)
    _check_numbers(data, path, "")
    _check_lists(data, path, ("solutions", "warnings"))
    for number, item in enumerate(data.get("solutions") or []):
        absent = next((name for name in NEEDED if item.get(name) is None), None)
        if absent:
            raise InputError(f"{path}: solutions, item {number}: {absent} is missing; make the file again")
    return data


def _check_lists(data: dict, path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        items = data.get(name)
        if items is None:
            continue
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise InputError(f"{path}: {name} is {_short(items)}; it must be a list of objects or null")
        for number, item in enumerate(items):
            _check_numbers(item, path, f"{name}, item {number}: ")


def _check_numbers(item: dict, path: Path, where: str) -> None:
    for name in NUMBERS:
        value = item.get(name)
        if value is None or (name == "wgd" and isinstance(value, bool)):
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError(f"{path}: {where}{name} is {_short(value)}; it must be a number or null")
        if name in SHARES and not 0 <= value <= 1:
            raise InputError(f"{path}: {where}{name} is {value}; it must be above 0 and at most 1")


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
