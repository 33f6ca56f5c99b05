"""Is the messenger with a premature stop predicted to decay, or does it escape (docs/methods/12_consequence.md)?"""

from twohit.variants.coding import CodingTranscript
from twohit.variants.frame import has_start
from twohit.variants.hgvs import Names

JUNCTION_MARGIN = 55  # nt before the last exon junction after which a stop escapes decay (Nagy & Maquat 1998)
START_PROXIMAL = 150  # nt after the start within which decay is weak (Lindeboom 2016)
EXPECTED = "nonsense-mediated decay is expected"
UNTOLD = "whether the messenger decays cannot be told: the transcript is incomplete at its end"
NO_STOP = "no stop codon follows in the transcript"


def decay_words(names: Names, model: CodingTranscript) -> str:
    """Say what is predicted for the messenger of a premature stop; empty where there is no such stop.

    Rules of escape: the stop is in the last exon, within 55 nt before the last exon junction (Nagy & Maquat 1998), or
    within 150 nt of the start codon (Lindeboom et al. 2016). The protein is cut short all the same.

    Parameters
    ----------
    names : Names
        The change and its protein, with the offset of the new stop in the changed spliced transcript.
    model : CodingTranscript
        The transcript.
    """
    protein = names.protein
    if protein is None:
        return ""
    if protein.new_stop is None:
        return NO_STOP if protein.name.endswith("fs*?") else ""
    reasons = escapes(protein.new_stop, names, model)
    if reasons:
        told = f"may escape nonsense-mediated decay ({', '.join(reasons)})"
        return f"{told}: a messenger that is still there does not contradict the loss"
    return UNTOLD if "cds_end_NF" in model.transcript.tags else EXPECTED


def escapes(stop: int, names: Names, model: CodingTranscript) -> list[str]:
    """Rules of escape that hold for a stop at an offset of the changed spliced transcript."""
    reasons = []
    junction = last_junction(names, model)
    if junction is None:
        reasons.append("the transcript has one exon")
    elif "cds_end_NF" not in model.transcript.tags:
        if stop >= junction:
            reasons.append("stop in the last exon")
        elif stop >= junction - JUNCTION_MARGIN:
            reasons.append(f"stop within {JUNCTION_MARGIN} nt of the last exon junction")
    coding = stop - model.cds[0] + model.transcript.cds_offset
    if coding < START_PROXIMAL and (model.transcript.cds_offset or has_start(model)):
        reasons.append(f"stop within {START_PROXIMAL} nt of the start codon")
    return reasons


def last_junction(names: Names, model: CodingTranscript) -> int | None:
    """Offset of the last exon's first base in the changed spliced transcript; None with one exon."""
    junctions = model.exon_offsets[1:-1]
    if not junctions:
        return None
    place = model.exonic_range(names.change)
    before = place is not None and place[0] < junctions[-1]
    return junctions[-1] + (names.grown if before else 0)
