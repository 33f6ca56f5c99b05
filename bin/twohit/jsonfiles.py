"""Text and JSON written whole or not at all, without pandas: it takes longer to load than many a script to run."""

import json
import math
import os
import tempfile
from pathlib import Path

import numpy as np

from twohit.errors import InputError

FLOAT_FORMAT = "%.6g"


def write_json(data: dict, path: str | Path) -> None:
    """Write JSON, whole or not at all; numbers that are not finite become null, keys keep their order."""
    write_text(path, json.dumps(_plain(data), indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: str | Path) -> dict:
    """Read a JSON object; the error names the file and where it breaks."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; give the path of an existing JSON file")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, too many digits, too deep
        raise InputError(f"{path}: not valid JSON ({error}); make it again") from error
    if not isinstance(data, dict):
        raise InputError(f"{path}: holds a {type(data).__name__}, not a JSON object; make it again")
    return data


def json_part(data: dict, name: str, kind: type, path: str | Path):
    """A list or dictionary of a JSON file, an empty one where it is left out; InputError where it is something else."""
    value = data.get(name)
    if value is not None and not isinstance(value, kind):
        raise InputError(f"{path}: {name} is {json.dumps(value)[:60]}, not a {kind.__name__}; make the file again")
    return kind() if value is None else value


def write_text(path: str | Path, text: str) -> None:
    """Write a text file through a temporary one beside it, so that a reader never sees half of it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _plain(value):
    """Turn numpy scalars, arrays and NaN into what JSON can hold, floats at six significant digits."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(FLOAT_FORMAT % value) if math.isfinite(value) else None
    if type(value).__name__ == "NAType":  # of pandas, which need not be there
        return None
    return value
