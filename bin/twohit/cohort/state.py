"""What was read of each patient, kept in a file: adding a patient then reads that patient only.

The file holds no id: a patient's row is found by the checksum of all files it was read from.
"""

import hashlib
import io
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from twohit import SCHEMA_VERSION
from twohit.cli import progress
from twohit.cohort.matrix import Row
from twohit.errors import UNREADABLE

FORMAT = f"2 {SCHEMA_VERSION}"  # raise the number when events.py or reading.py give other events
STATE = "state.npz"


def fingerprint(checksums: dict[str, str]) -> str:
    """Key of one patient's row.

    Parameters
    ----------
    checksums : dict of str to str
        SHA-256 of each file read, by its path in the patient's folder.
    """
    text = "\n".join([FORMAT, *(f"{name} {digest}" for name, digest in sorted(checksums.items()))])
    return hashlib.sha256(text.encode()).hexdigest()


class State:
    """Rows by fingerprint, each with its genome."""

    def __init__(self):
        self.rows: dict[str, tuple[str | None, Row]] = {}

    @classmethod
    def load(cls, path: Path) -> "State":
        """Read a state file; one that is missing, damaged or of another version gives an empty state, and is told."""
        state = cls()
        if not path.is_file():
            return state
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as data:
                parts = {name: data[name] for name in data.files}
            if str(parts["format"]) != FORMAT:
                raise ValueError(f"made by another version ({parts['format']})")
            if str(parts.pop("digest")) != _digest(parts):
                raise ValueError("its checksum differs")
            state.rows = _unpacked(parts)
        except (ValueError, KeyError, IndexError, zipfile.BadZipFile, *UNREADABLE) as error:
            progress(f"{path}: {' '.join(str(error).split())}; every patient is read again")
        return state

    def save(self, path: Path, keep: list[str]) -> None:
        """Write the rows of `keep` (fingerprints), whole or not at all; the same rows give the same bytes."""
        parts = _packed({key: self.rows[key] for key in sorted(keep)})
        parts["digest"] = np.array(_digest(parts))
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as out:
                np.savez_compressed(out, **parts)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise


def _packed(rows: dict[str, tuple[str | None, Row]]) -> dict[str, np.ndarray]:
    names = sorted({name for _, row in rows.values() for name in row.names})
    place = {name: k for k, name in enumerate(names)}
    kept = [row for _, row in rows.values()]
    columns = [np.array([place[name] for name in row.names], dtype=np.int32) for row in kept]

    def joined(parts: list[np.ndarray], dtype) -> np.ndarray:
        return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)

    return {
        "format": np.array(FORMAT),
        "names": np.array(names, dtype=str),
        "keys": np.array(list(rows), dtype=str),
        "genomes": np.array([genome or "" for genome, _ in rows.values()], dtype=str),
        "sizes": np.array([len(row.names) for row in kept], dtype=np.int64),
        "columns": joined(columns, np.int32),
        "status": joined([row.status for row in kept], np.int8),
        "clonality": joined([row.clonality for row in kept], np.int8),
        "probability": joined([row.probability for row in kept], np.float32),
        "limit": joined([row.limit for row in kept], np.float32),
    }


def _unpacked(parts: dict[str, np.ndarray]) -> dict[str, tuple[str | None, Row]]:
    names = parts["names"].tolist()
    ends = np.cumsum(parts["sizes"])
    shared: dict[bytes, tuple[str, ...]] = {}
    rows = {}
    for key, genome, start, end in zip(parts["keys"].tolist(), parts["genomes"].tolist(), ends - parts["sizes"], ends):
        columns = parts["columns"][start:end]
        told = shared.setdefault(columns.tobytes(), tuple(names[k] for k in columns))
        values = (parts[name][start:end] for name in ("status", "clonality", "probability", "limit"))
        rows[key] = (genome or None, Row(told, *values))
    return rows


def _digest(parts: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(parts):
        digest.update(f"{name} {parts[name].dtype} {parts[name].shape} ".encode())
        digest.update(np.ascontiguousarray(parts[name]).tobytes())
    return digest.hexdigest()
