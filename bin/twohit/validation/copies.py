"""Copy number against the truth: each true segment is right when most of its called bases have its copies."""

import numpy as np
import pandas as pd

from twohit.validation.agreement import Findings, row
from twohit.validation.calls import Calls
from twohit.validation.states import state_of
from twohit.validation.truth import Truth

CLONAL_FROM = 0.9  # share of tumour cells from which a segment counts as clonal
MOSTLY = 0.5  # of the bases that both sides tell


def compare_copies(truth: Truth, calls: Calls, found: Findings) -> None:
    """Compare segments in both directions and note how much of the genome is right by bases."""
    if truth.segments is None or calls.segments is None or calls.segments.empty:
        found.notes.append("copy number: not in the truth or not in the run")
        return
    true, called = _plain(truth.segments), _plain(calls.segments)
    of_true, of_called = _judge(true, called), _judge(called, true)
    for frame in (of_true, of_called):
        if (n := int((frame["overlap"] == 0).sum())) and frame is of_true:
            found.notes.append(f"copy number: {n} true segments have no called bases and are not counted")
    of_true, of_called = of_true[of_true["overlap"] > 0], of_called[of_called["overlap"] > 0]
    for name in ["all", "clonal", "subclonal"]:
        found.agreement.append(row("copy_number", "all", name, _right(of_true, name), _right(of_called, name)))
    for state in sorted(set(of_true["state"]) | set(of_called["state"])):
        true_state, called_state = (frame[frame["state"] == state] for frame in (of_true, of_called))
        found.agreement.append(
            row("copy_number", "state", state, true_state["right"].to_numpy(), called_state["right"].to_numpy())
        )
    bases = of_true["overlap"].sum()
    found.notes.append(f"copy number: {of_true['same'].sum() / bases:.4f} of {bases:,} bases have the true copies")
    for item in of_true[~of_true["right"]].to_dict("records"):
        found.disagreements.append(_difference(item))


def _plain(segments: pd.DataFrame) -> pd.DataFrame:
    frame = segments[["chrom", "start", "end", "total_cn", "minor_cn"]].copy()
    ccf = pd.to_numeric(segments["ccf"], errors="coerce") if "ccf" in segments else pd.Series(1.0, index=frame.index)
    frame["clonal"] = ccf.fillna(1.0) >= CLONAL_FROM
    frame = frame[frame["total_cn"].notna() & frame["minor_cn"].notna()].reset_index(drop=True)
    frame["state"] = [state_of(int(t), int(m)) for t, m in zip(frame["total_cn"], frame["minor_cn"])]
    return frame


def _right(frame: pd.DataFrame, name: str) -> np.ndarray:
    kept = frame if name == "all" else frame[frame["clonal"] == (name == "clonal")]
    return kept["right"].to_numpy()


def _judge(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """For each segment: bases that the other side tells (`overlap`), of them with its copies, what is said most."""
    rows = []
    by_chrom = {chrom: part for chrom, part in theirs.groupby("chrom")}
    for item in ours.to_dict("records"):
        other = by_chrom.get(item["chrom"], theirs[:0])
        shared = np.minimum(other["end"], item["end"]) - np.maximum(other["start"], item["start"]) + 1
        shared = shared.clip(lower=0).to_numpy()
        same = (other["total_cn"] == item["total_cn"]).to_numpy() & (other["minor_cn"] == item["minor_cn"]).to_numpy()
        said = other.iloc[int(shared.argmax())] if len(shared) and shared.max() > 0 else None
        words = f"{int(said['total_cn'])},{int(said['minor_cn'])}" if said is not None else ""
        rows.append(item | {"overlap": int(shared.sum()), "same": int(shared[same].sum()), "said": words})
    frame = pd.DataFrame(rows)
    frame["right"] = frame["same"] > MOSTLY * frame["overlap"]
    return frame


def _difference(item: dict) -> dict:
    return {
        "part": "copy_number",
        "item": f"{item['chrom']}:{item['start']}-{item['end']}",
        "truth": f"{item['total_cn']},{item['minor_cn']} ({item['state']}{'' if item['clonal'] else ', subclonal'})",
        "called": item["said"],
        "reason": f"{item['same'] / item['overlap']:.0%} of its bases right",
    }
