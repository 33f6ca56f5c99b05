"""Podman on one machine without a registry: its settings, and the images of containers/."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.conftest import ROOT, needs

TOOLS = ("podman", "buildah", "runc", "conmon", "mmdebstrap")
CA = Path("/etc/ssl/certs/ca-certificates.crt")  # for networks that read TLS; not kept in the image
# One machine without systemd or a bridge: runc, limits that a sandbox allows. Containers have no network at all, so
# that a task that fetches something fails; only the build of an image asks for the host's.
SETTINGS = """[containers]
netns="none"
default_ulimits=["nofile=20000:20000","nproc=4096:4096"]
[engine]
runtime="runc"
cgroup_manager="cgroupfs"
events_logger="file"
"""


def build_images(folder: Path) -> dict[str, str]:
    """Build the images on a Debian 12 made by mmdebstrap, so that no registry is needed; their names by image."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    needs(not missing, f"needs Debian's {' '.join(missing)} (apt-get install)")
    settings = folder / "containers.conf"
    settings.write_text(SETTINGS)
    os.environ["CONTAINERS_CONF"] = str(settings)
    base = "localhost/twohit-base:bookworm"
    if subprocess.run(["podman", "image", "exists", base], check=False).returncode:
        tar = folder / "base.tar"
        make = ["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates,procps", "bookworm", tar]
        subprocess.run(make, check=True)
        subprocess.run(["podman", "import", "--quiet", tar, base], check=True)
    build = [ROOT / "containers" / "build.sh", "--engine", "podman", "--base", base, "--option", "--network=host"]
    build += ["--option", "--isolation=chroot", *(["--ca", CA] if CA.is_file() else [])]
    done = subprocess.run([str(word) for word in build], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    # build.sh's own lines: apt also says "Fetched 52.7 MB in 0s"
    names = re.findall(r"^(\S+): \d+ MB in \d+ s$", done.stdout, re.MULTILINE)
    return {name.split("/")[-1].split(":")[0]: name for name in names}


def in_image(image: str, command: str) -> str:
    """What a bash command prints in an image."""
    words = ["podman", "run", "--rm", image, "bash", "-c", command]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
