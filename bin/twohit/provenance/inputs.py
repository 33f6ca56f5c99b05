"""Checksums of what a run started from."""

from pathlib import Path

import pandas as pd

from twohit.manifest import list_files
from twohit.schemas import INPUTS


def inputs_of(folder: Path, owner: str) -> pd.DataFrame:
    """List the files below a folder by name, bytes and SHA-256, each once.

    Names are without the path to them: a path may tell more of a person than an id does.
    A file within an input folder (a 10x matrix) keeps that folder's name.
    """
    rows = []
    for name, told in list_files(folder).items():
        parts = name.split("/")
        rows.append((owner, "/".join(parts[1:]) if len(parts) > 1 else name, told["bytes"], told["sha256"]))
    frame = pd.DataFrame(rows, columns=INPUTS.names).drop_duplicates()
    return frame.sort_values(INPUTS.names, ignore_index=True)
