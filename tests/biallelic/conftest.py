"""An evidence folder with one tumour and its coverage, to which a test adds what it is about."""

import pytest

from tests.biallelic.folder import Folder


@pytest.fixture
def folder(tmp_path):
    def make(**more) -> Folder:
        return Folder(tmp_path / "evidence", **more).tumour().coverage()

    return make
