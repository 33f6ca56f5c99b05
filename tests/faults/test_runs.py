"""Faults of a run: each is told, leaves nothing like a result, and `-resume` gives the undisturbed tables."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import needs
from tests.faults.conftest import PROFILE, SHEET, Bench, bodies, verified, wait_for
from tests.pipeline.conftest import Run, nextflow
from tests.samples.sheets import write_bam

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("faults"), pytest.mark.timeout(1800)]
SLEEP = "'touch {mark}; sleep 600'"  # a task that a run can be stopped in
SMALL = 700_000  # bytes of a disk that holds a part of the results


def no_result(folder) -> None:
    """Check that nothing in the folder passes for a result."""
    assert not (folder / "manifest.json").exists() and not (folder / "P1" / "manifest.json").exists()
    assert verified(folder).returncode == 2


def resumed(bench: Bench, name: str) -> Run:
    run = bench.run(name)
    assert run.code == 0, f"{run.text[-2000:]}{run.errors[-2000:]}"
    bench.same(run.results)
    return run


def stopped(bench: Bench, name: str, how: signal.Signals, meanwhile=lambda: None) -> None:
    """Start a run and stop it within a task."""
    mark = bench.folder / f"{name}.mark"
    process = bench.start(name, *bench.fault(SLEEP.format(mark=mark)))
    wait_for(mark.exists, process)
    meanwhile()
    process.send_signal(how)
    assert process.wait(timeout=120) != 0
    for pid in sleepers(bench):  # a killed Nextflow leaves its tasks behind
        os.kill(pid, signal.SIGKILL)


def sleepers(bench: Bench) -> list[int]:
    """Processes that still run in the work folder of the task that sleeps."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and str(os.readlink(f"/proc/{entry}/cwd")).startswith(str(bench.folder / "work")):
                found.append(int(entry))
        except OSError:  # it ended meanwhile
            continue
    return found


def test_a_task_that_is_killed_once_is_tried_again(bench):
    run = bench.run("killed_once", *bench.fault("task.attempt == 1 ? 'kill -9 $$' : ''"))
    assert run.code == 0, run.errors[-2000:]
    assert [line for line in run.text.splitlines() if "FINGERPRINT" in line and "-- Execution is retried (1)" in line]
    bench.same(run.results)


@pytest.mark.slow
def test_a_task_without_memory_is_tried_again_with_more(bench):
    limit = (
        "task.attempt == 1 ? 'ulimit -v 200000; export OPENBLAS_NUM_THREADS=1' : ''"  # kB: numpy is loaded, not pandas
    )
    run = bench.run("memory", *bench.fault(limit, "SEGMENT_COPY_NUMBER"))
    assert run.code == 0, run.errors[-2000:]
    assert [line for line in run.text.splitlines() if "SEGMENT_COPY_NUMBER" in line and "is retried (1)" in line]
    bench.same(run.results)


def test_nextflow_is_killed_and_a_second_run_is_kept_out(bench, tmp_path):
    def another():
        other = nextflow_again(bench, tmp_path, bench.folder / "killed")
        assert other.code == 2
        assert other.said() == [
            f"twohit: error: --outdir {bench.folder}/killed: another run writes its results there; "
            "wait for its end, or give another folder"
        ]

    stopped(bench, "killed", signal.SIGKILL, another)
    no_result(bench.folder / "killed")
    resumed(bench, "killed")


def nextflow_again(bench, folder, outdir):
    files = ("--input", bench.folder / "samples.csv", "--genes", bench.folder / "genes.tsv")
    from tests.conftest import ROOT

    return nextflow(ROOT, folder, "-profile", "native", *files, outdir=outdir)


@pytest.mark.slow
def test_a_cancelled_run_leaves_no_verdict(bench):
    stopped(bench, "cancelled", signal.SIGTERM)
    no_result(bench.folder / "cancelled")
    resumed(bench, "cancelled")


@pytest.mark.slow
def test_a_task_that_is_killed_every_time_takes_the_old_manifests_away(bench):
    """The folder held good results of an earlier run: a run that fails does not leave them as its own."""
    shutil.copytree(bench.whole, bench.folder / "killed_always")
    run = bench.run("killed_always", *bench.fault("'kill -9 $$'"))
    assert run.code == 1
    assert [line for line in run.errors.splitlines() if "FINGERPRINT (P1) failed: was killed" in line]
    no_result(run.results)
    resumed(bench, "killed_always")


@pytest.mark.slow
def test_a_task_whose_files_may_not_grow(bench):
    run = bench.run("grow", *bench.fault("'ulimit -f 16'", "SEGMENT_COPY_NUMBER"))
    assert run.code == 1
    (line,) = run.said()
    assert line.startswith("segment_copy_number.py: error: ") and "may not grow any more" in line
    no_result(run.results)
    resumed(bench, "grow")


@pytest.mark.slow
def test_a_missing_tool(bench):
    run = bench.run("tool", *bench.fault("""'export PATH=$(echo $PATH | sed "s|[^:]*/.env/bin:||g")'""", "MULTIQC"))
    assert run.code == 1 and "MULTIQC" in run.errors
    assert not (run.results / "manifest.json").exists() and verified(run.results).returncode == 2
    resumed(bench, "tool")


@pytest.mark.slow
def test_killed_in_the_middle_of_publishing(bench):
    bench.forget("MULTIQC")  # after the patient's folder is put in place
    process = bench.start("publishing")
    wait_for((bench.folder / "publishing" / "P1" / "samples.tsv").exists, process)
    process.kill()
    process.wait()
    for pid in sleepers(bench):
        os.kill(pid, signal.SIGKILL)
    no_result(bench.folder / "publishing")
    resumed(bench, "publishing")


@pytest.fixture
def disk(tmp_path, root_user):
    """Mount a small disk; `disk(options)` gives its folder."""
    made = []

    def mount(options: str):
        folder = tmp_path / f"disk{len(made)}"
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
        made.append(folder)
        return folder

    yield mount
    for folder in made:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.slow
def test_the_disk_of_the_results_is_full(bench, disk):
    folder = disk(f"size={SMALL}")
    run = bench.run(folder / "full")
    assert run.code == 1
    assert "No space left on device" in run.text + run.errors
    no_result(run.results)
    subprocess.run(["mount", "-o", "remount,size=100m", folder], check=True)
    resumed(bench, folder / "full")


@pytest.mark.slow
def test_the_disk_of_the_work_folder_is_full(bench, disk):
    folder = disk("size=200k")
    run = bench.run("work_full", "-w", folder / "work", resume=False)
    assert run.code != 0
    assert "No space left on device" in run.text + run.errors
    no_result(run.results)
    resumed(bench, "work_full")


@pytest.mark.slow
def test_folders_that_are_read_only(bench, disk):
    folder = disk("ro")
    run = bench.run("work_ro", "-w", folder / "work", resume=False)
    assert run.code != 0 and "Cannot create work-dir" in run.text + run.errors
    assert not (run.results / "manifest.json").exists()
    run = bench.run(folder / "results")
    assert run.code != 0 and str(folder) in run.text + run.errors
    assert not run.results.exists()
    resumed(bench, "work_ro")


@pytest.mark.slow
def test_a_sample_that_is_removed_on_resume(bench):
    """Nothing of it stays behind, and the rest is what it would be without it."""
    shutil.copytree(bench.whole, bench.folder / "removed")
    rows = [line for line in SHEET.splitlines() if "clinical" not in line]
    (bench.folder / "fewer.csv").write_text("\n".join(rows) + "\n")
    runs = [bench.run(name, "--input", bench.folder / "fewer.csv") for name in ("removed", "never_there")]
    assert [run.code for run in runs] == [0, 0]
    assert not list((bench.folder / "removed" / "P1" / "clinical").glob("*"))
    assert bodies(runs[0].results / "P1") == bodies(runs[1].results / "P1")
    assert "not in the manifest" not in verified(runs[0].results).stdout


@pytest.mark.slow
def test_rows_and_files_that_are_refused_before_any_step(bench):
    """The same sample twice, an index older than its alignment: told at once; mended, it is the undisturbed run."""
    write_bam(bench.folder / "T2.bam", "T2")
    os.utime(bench.folder / "T2.bam.bai", (1, 1))
    header, tumor, *rest = SHEET.splitlines()
    other = f"P2,T2,tumor{',' * (header.count(',') - 1)}T2.bam"
    lines = [f"{header},bam", f"{tumor},", f"{tumor},", *(f"{line}," for line in rest), other]
    (bench.folder / "twice.csv").write_text("\n".join(lines) + "\n")
    run = bench.run("twice", "--input", bench.folder / "twice.csv")
    assert run.code == 2
    told = "\n".join(run.said())
    assert "twice.csv: row 3" in told and "the sample has one in row 2 already; keep one row" in told
    assert "value 'T2.bam': its index T2.bam.bai is older than it; run: samtools index T2.bam" in told
    no_result(run.results)
    resumed(bench, "twice")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "damage", "script"),
    [
        ("P1.snp_counts.csv.gz", lambda data: data[: len(data) // 2], "segment_copy_number.py"),
        ("P1.snp_counts.csv.gz", lambda data: data[:5000] + bytes(500) + data[5500:], "segment_copy_number.py"),
        ("markers.csv", lambda data: bytes(range(256)) * 4, "read_clinical.py"),
    ],
    ids=["cut", "zeros", "junk"],
)
def test_a_file_of_the_user_that_is_damaged_and_mended(bench, file, damage, script):
    path = bench.folder / file
    whole = path.read_bytes()
    try:
        path.write_bytes(damage(whole))
        run = bench.run("damaged")
    finally:
        path.write_bytes(whole)
    assert run.code == 2
    assert any(line.startswith(f"{script}: error: ") and file in line for line in run.said()), run.errors[-2000:]
    no_result(run.results)
    resumed(bench, "damaged")


@pytest.mark.slow
@pytest.mark.parametrize("years", [-25, 40])
def test_tasks_on_a_machine_whose_clock_is_wrong(bench, monkeypatch, years):
    """Each task reads another time than the disk writes and Nextflow reads: the tables are the same."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    needs(bool(libraries), "needs Debian's faketime (apt-get install)")
    name, told = f"clock{years}", bench.folder / f"clock{years}.txt"
    asked = bench.before(f"'date +%Y > {told}'", "FINGERPRINT")
    with monkeypatch.context() as clock:
        clock.setenv("LD_PRELOAD", str(libraries[0]))
        clock.setenv("FAKETIME", f"{years:+}y")
        clock.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")  # or what waits for some seconds waits for years
        clock.setenv("FAKETIME_SKIP_CMDS", "java")  # Nextflow turns in circles under that library, and ends late
        clock.setenv("NO_FAKE_STAT", "1")  # the times of files stay what they are
        run = bench.run(name, *asked, resume=False)
    assert run.code == 0, run.errors[-2000:]
    assert abs(int(told.read_text()) - time.gmtime().tm_year - years) <= 1
    bench.same(run.results)
    resumed(bench, name)


@pytest.mark.slow
def test_files_of_a_clock_that_was_wrong(bench):
    """Inputs from the future and from before the first day of the clock: other times, same tables."""
    then = time.time()
    try:
        for name, moment in (("P1.snp_counts.csv.gz", 4_000_000_000), ("genes.tsv", 1), ("panel.tsv", 4_000_000_000)):
            os.utime(bench.folder / name, (moment, moment))
        run = bench.run("clock")
        assert run.code == 0, run.errors[-2000:]
        assert "SEGMENT_COPY_NUMBER (P1_T)" in {n for n, s in run.tasks().items() if s == "COMPLETED"}
        bench.same(run.results)
    finally:
        for name in ("P1.snp_counts.csv.gz", "genes.tsv", "panel.tsv"):
            os.utime(bench.folder / name, (then, then))


@pytest.mark.slow
def test_threads_and_the_order_of_hashes_change_no_byte(bench):
    """Nothing is taken from the undisturbed run: every step is done again, with two threads and other hashes."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    runs = []
    for threads, seed in ((1, 1), (2, 12345)):
        config = bench.folder / f"threads{threads}.config"
        settings = [f"env.{name} = '{threads}'" for name in names] + [f"env.PYTHONHASHSEED = '{seed}'", PROFILE]
        config.write_text("\n".join(settings))
        run = bench.run(f"threads{threads}", "-c", config, resume=False)
        assert run.code == 0, run.errors[-2000:]
        bench.same(run.results)
        runs.append(run)
    assert all("CACHED" not in run.tasks().values() for run in runs)


@pytest.mark.slow
def test_a_published_file_that_is_changed_or_lost(bench):
    shutil.copytree(bench.whole, bench.folder / "changed")
    table = bench.folder / "changed" / "P1" / "report" / "P1.biallelic.tsv"
    table.write_text(table.read_text().replace("\t", " ", 1))
    done = verified(bench.folder / "changed")
    assert done.returncode == 2 and "P1.biallelic.tsv: has changed since the run" in done.stderr
    resumed(bench, "changed")
    table.unlink()
    assert "P1.biallelic.tsv: is missing" in verified(bench.folder / "changed").stderr
    resumed(bench, "changed")


@pytest.mark.slow
def test_a_work_file_that_was_cut_off(bench):
    """A table in the work folder lost its end between two runs: its reader says so, no verdict is made from it."""
    now = Bench(bench.folder, bench.run("cut_base").results)  # where the latest copy is
    (table,) = (now.work_of("SEGMENT_COPY_NUMBER") / "out").glob("*.segments.tsv")
    whole = table.read_bytes()
    table.write_bytes(whole[: int(len(whole) * 0.7)])
    run = bench.run("cut")
    assert run.code == 2
    (line,) = run.said()
    assert line.startswith("report_biallelic_loss.py: error: ") and "segments.tsv" in line
    no_result(run.results)
    shutil.rmtree(now.work_of("SEGMENT_COPY_NUMBER"))
    resumed(bench, "cut")


@pytest.mark.slow
def test_a_manifest_cannot_be_moved_to_another_folder(bench):
    """A folder with the manifest of another run is refused."""
    shutil.copytree(bench.whole, bench.folder / "moved")
    path = bench.folder / "moved" / "P1" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["patient"] = "P2"
    path.write_text(json.dumps(manifest))
    assert verified(bench.folder / "moved").returncode == 2


@pytest.mark.slow
def test_a_work_copy_that_was_cut_off_is_made_again(bench):
    """What is to be published lost its end: it is no result, and `-resume` does not take it again."""
    now = Bench(bench.folder, bench.run("copy_base").results)
    table = now.work_of("PATIENT_FOLDER") / "P1" / "dna" / "P1_T.segments.tsv"
    table.write_bytes(table.read_bytes()[:100])
    run = bench.run("copy")
    assert run.code == 1 and "1 file(s) could not be put in place" in run.errors, run.errors[-2000:]
    no_result(run.results)
    resumed(bench, "copy")
