"""Files that the samplesheets of these tests name."""

from pathlib import Path

import pytest

from .sheets import write_files


@pytest.fixture
def folder(tmp_path) -> Path:
    """Files that a samplesheet may name."""
    return write_files(tmp_path)
