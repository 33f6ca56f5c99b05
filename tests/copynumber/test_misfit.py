"""A segment that no state explains is named, and no loss of its genes is excluded."""

from dataclasses import replace

import pytest

from tests.biallelic.folder import PLACES, Folder
from twohit.copynumber import calls
from twohit.copynumber.misfit import misfits, unexplained_segments
from twohit.errors import InputError

GENE = "TNFRSF17"


def test_a_level_between_states_is_named(ordinary):
    """A quarter of a copy below the state that the alleles allow: as where some cells changed further."""
    best, levels = ordinary.solutions[0], ordinary.levels
    frame = calls.segment_frame(ordinary.profile, ordinary.edges)
    assert unexplained_segments(best, levels, frame) == []
    moved = levels.mean.copy()
    moved[3] -= 0.35
    (told,) = unexplained_segments(best, replace(levels, mean=moved), frame)
    row = frame.iloc[3]
    assert told["code"] == "segment_not_explained" and told["value"] == 1
    assert told["places"] == [{"chrom": row["chrom"], "start": row["start"], "end": row["end"]}]
    assert f"{row['chrom']}:{row['start']}-{row['end']} fit no state" in told["message"]


def test_the_misfit_is_that_of_each_segment(ordinary):
    segment, apart = misfits(ordinary.solutions[0], ordinary.levels)
    assert sorted(segment) == list(range(len(ordinary.levels.mean)))
    assert (apart >= 0).all() and apart.max() < 40


@pytest.mark.parametrize(("shift", "verdict"), [(0, "not_assessable"), (10_000_000, "monoallelic")])
def test_no_loss_is_excluded_in_a_segment_that_no_state_explains(tmp_path, shift, verdict):
    chrom, start, end = PLACES[GENE]
    place = {"chrom": f"chr{chrom}", "start": start + shift, "end": end + shift}
    told = {"code": "segment_not_explained", "value": 1, "message": "m", "places": [place]}
    made = Folder(tmp_path / "e").panel([GENE]).tumour().coverage().somatic([])
    entry = made.copies({"16": (1, 0, 1.0)}, warnings=[told]).judge()[GENE, "T1"]
    assert entry["verdict"] == verdict
    if not shift:
        assert entry["probability"] is None and "fit no state of copies" in entry["reason"]


@pytest.mark.parametrize("place", [{"chrom": "16", "start": 1}, 5])
def test_a_place_that_is_none_is_one_line(tmp_path, place):
    told = {"code": "segment_not_explained", "value": 1, "message": "m", "places": [place]}
    made = Folder(tmp_path / "e").panel([GENE]).tumour().coverage().somatic([]).copies({}, warnings=[told])
    with pytest.raises(InputError, match="a place is no chrom, start and end"):
        made.judge()
