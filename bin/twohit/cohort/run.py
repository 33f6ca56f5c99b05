"""From result folders or a table of events to frequencies, pairs and the page."""

from pathlib import Path

from twohit import schemas
from twohit.cli import progress
from twohit.cohort.events import folder_events, read_events
from twohit.cohort.folders import find_folders
from twohit.cohort.page import render
from twohit.cohort.statistics import cooccurrence, frequencies
from twohit.errors import InputError
from twohit.tables import write_table, write_text


def report_cohort(
    outdir: Path, results: Path | None = None, events: Path | None = None, allow_unverified: bool = False
) -> None:
    """Write frequencies.tsv, cooccurrence.tsv and cohort.html; nothing before all patients are read.

    Parameters
    ----------
    outdir : Path
    results : Path, optional
        Results folder, or a list of patient folders.
    events : Path, optional
        TSV patient, event, status; one of `results` and `events` must be given.
    allow_unverified : bool
        Take folders without a manifest.
    """
    if (results is None) == (events is None):
        raise InputError("give either --results or --events")
    genome = None
    if events is not None:
        patients = list(read_events(events).values())
    else:
        folders = find_folders(results, allow_unverified)
        genome = next((one.genome for one in folders if one.genome), None)
        patients = [folder_events(one.folder) for one in folders]
    progress(f"{len(patients)} patients")
    counts, pairs = frequencies(patients), cooccurrence(patients)
    page = render(len(patients), genome, counts, pairs)
    write_table(counts, schemas.FREQUENCIES, outdir / "frequencies.tsv")
    write_table(pairs, schemas.COOCCURRENCE, outdir / "cooccurrence.tsv")
    write_text(outdir / "cohort.html", page)
