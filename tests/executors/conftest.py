"""A private Slurm of one machine, and what it was asked for."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import needs

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo")
PACKAGES = "slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge"
PARTITION = "tests"
SECONDS = 30  # for the machine to be idle
MEGA = 1 << 20

# A job that holds more memory than it asked for is killed: looked at every second, as sites do that have no cgroups.
SETTINGS = """ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/jobs.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=1000
PropagateResourceLimits=NONE
ReturnToService=2
SchedulerParameters=sched_min_interval=100000
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName={partition} Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


@dataclass
class Slurm:
    """A running Slurm: its folder, and the variables that let its commands find it."""

    folder: Path
    variables: dict[str, str]

    def ask(self, *command: str) -> str:
        """What one of Slurm's commands prints."""
        done = subprocess.run(command, env=os.environ | self.variables, check=True, capture_output=True, text=True)
        return done.stdout

    def queue(self) -> list[str]:
        """Names of the jobs that wait or run."""
        return self.ask("squeue", "--noheader", "--format=%j", "--states=PENDING,RUNNING,CONFIGURING").split()

    def jobs(self) -> list[dict[str, str]]:
        """Every job that has ended, as Slurm wrote it down: Name, JobState, TimeLimit, ProcCnt ..."""
        log = self.folder / "jobs.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [dict(re.findall(r"(\w+)=(\S+)", line)) for line in lines]


def free_ports(number: int) -> list[int]:
    """Ports of the loopback device that nobody uses."""
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def start(folder: Path) -> Slurm:
    """Start munge and Slurm's two daemons with all they write in one folder."""
    for name in ("state", "spool"):
        (folder / name).mkdir()
    host = socket.gethostname().split(".")[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGA
    told = {"host": host, "folder": folder, "ports": free_ports(2), "cpus": os.cpu_count(), "partition": PARTITION}
    (folder / "slurm.conf").write_text(SETTINGS.format(memory=memory - 500, **told))
    key = folder / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(secrets.token_bytes(128))
    made = Slurm(folder, {"SLURM_CONF": str(folder / "slurm.conf")})
    names = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
    munge = ["munged", "--force", *(f"--{option}={folder}/munge.{end}" for option, end in names.items())]
    environment = os.environ | made.variables
    for command in (munge, ["slurmctld", "-c"], ["slurmd"]):
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=SECONDS)
    end = time.monotonic() + SECONDS
    while "idle" not in made.ask("sinfo", "--noheader", "--format=%T"):
        assert time.monotonic() < end, (folder / "slurmd.log").read_text()[-2000:]
        time.sleep(0.2)
    return made


def stop(folder: Path) -> None:
    """End the daemons by their pid files."""
    for name in ("slurmd", "slurmctld", "munge"):
        file = folder / f"{name}.pid"
        if not file.exists():
            continue
        pid = int(file.read_text())
        os.kill(pid, signal.SIGTERM)
        for _ in range(50):
            if not Path(f"/proc/{pid}").exists():
                break
            time.sleep(0.1)


@pytest.fixture(scope="module")
def slurm(tmp_path_factory) -> Iterator[Slurm]:
    """Slurm on this machine alone, stopped after the tests."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    needs(not missing, f"needs {', '.join(missing)} (Debian: {PACKAGES})")
    needs(os.getuid() == 0, "Slurm's daemons are started by root")
    folder = tmp_path_factory.mktemp("slurm")
    folder.chmod(0o755)  # munge refuses folders that others may write to
    try:
        yield start(folder)
    finally:
        stop(folder)
