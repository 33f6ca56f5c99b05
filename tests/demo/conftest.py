"""The demo as `make demo` leaves it in results/demo and demo_data; it is run when it is not there."""

import json
import subprocess

import pytest

from tests.conftest import ROOT

P1 = ROOT / "results" / "demo" / "P1"


@pytest.fixture(scope="session")
def truth() -> dict:
    if not (P1 / "manifest.json").is_file():
        subprocess.run(["make", "demo"], cwd=ROOT, check=True)
    return json.loads((ROOT / "demo_data" / "truth.json").read_text())
