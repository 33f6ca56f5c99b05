"""Is a transcript's coding sequence one that a protein is read from, so that names of residues can be trusted?"""

from twohit.variants.coding import CodingTranscript
from twohit.variants.protein import START_CODON

STOPS = ("TAA", "TAG", "TGA")
SELENOCYSTEINE = "TGA"  # read as an amino acid in 25 human proteins: in a complete frame it is no error


def frame_problem(model: CodingTranscript) -> str:
    """Say what is wrong with a coding sequence's frame; empty when nothing is.

    A stop codon before the end means that the phase, an exon's edge or the build is wrong; a TGA is let pass where
    the sequence begins with a start, ends with a stop and has whole codons only.

    Parameters
    ----------
    model : CodingTranscript
        A coding transcript.
    """
    first, last = model.cds
    coding = model.bases[first + model.transcript.phase : last]
    codons = [coding[i : i + 3] for i in range(0, len(coding) - 2, 3)]
    whole = len(coding) % 3 == 0 and codons[:1] == [START_CODON] and codons[-1] in STOPS
    for number, codon in enumerate(codons[:-1], 1):
        if codon in STOPS and not (codon == SELENOCYSTEINE and whole):
            return f"{model.transcript.id} has a stop codon ({codon}) at codon {number} of {len(codons)}"
    return ""


def has_start(model: CodingTranscript) -> bool:
    """Whether the coding sequence begins with a start codon that is the protein's."""
    transcript = model.transcript
    complete = transcript.phase == 0 and transcript.cds_offset == 0 and "cds_start_NF" not in transcript.tags
    return complete and model.bases[model.cds[0] : model.cds[0] + 3] == START_CODON
