"""Fixtures that every test may use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure, and the same commit passes or fails the same way every time.
settings.register_profile("twohit", deadline=None, derandomize=True)
settings.load_profile("twohit")

ROOT = Path(__file__).resolve().parents[1]


def needs(there: bool, why: str) -> None:
    """Go on only where a test's need is met: else it fails under CI and is skipped elsewhere, with the reason."""
    if there:
        return
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture
def root_user() -> None:
    """Tests that mount a disk need the rights to."""
    needs(os.geteuid() == 0, "mounting a disk needs root")


@pytest.fixture(scope="session")
def twohit_data() -> Path:
    """Folder of the real data sets; missing: a failure under CI, a skip elsewhere."""
    folder = Path(os.environ.get("TWOHIT_DATA", ROOT.parent / "shared" / "data"))
    needs(folder.is_dir(), f"{folder}: the real data sets are not there; set TWOHIT_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def script():
    """Run a script of bin/ as a user would: `script("count_snps.py", "--help")` gives the finished process."""

    def run(name: str, *arguments: object, check: bool = True) -> subprocess.CompletedProcess:
        command = [sys.executable, str(ROOT / "bin" / name), *map(str, arguments)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
        if check and done.returncode != 0:
            pytest.fail(f"{' '.join(command)}\nexit {done.returncode}\n{done.stderr[-3000:]}")
        return done

    return run


@pytest.fixture(scope="session")
def good(tmp_path_factory, script) -> Path:
    """Valid small input of every script, which the tests of bad input and of faults break."""
    from tests.bad_inputs.good import make_good

    return make_good(tmp_path_factory.mktemp("good"), script)


@pytest.fixture(scope="session")
def podman_images(tmp_path_factory) -> dict[str, str]:
    """Names of the images that podman has built, by image: {'twohit': 'localhost/twohit:0.1.0', ...}."""
    from tests.containers.podman import build_images

    return build_images(tmp_path_factory.mktemp("podman"))
