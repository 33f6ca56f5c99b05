"""One tiny patient with reads, shared by the tests of the simulator."""

from pathlib import Path

import pytest

from twohit.simulate.patient import Patient, build_patient, write_patient
from twohit.simulate.presets import make_preset


@pytest.fixture(scope="session")
def tiny() -> Patient:
    return build_patient(make_preset("tiny"), seed=11)


@pytest.fixture(scope="session")
def tiny_folder(tiny, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tiny_patient")
    write_patient(tiny, folder, threads=1)
    return folder


@pytest.fixture(scope="session")
def demo() -> Patient:
    return build_patient(make_preset("demo"), seed=1)
