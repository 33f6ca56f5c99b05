"""Does a variant inactivate the copy of the gene it sits on? Judgement and reason from consequence and names."""

from twohit.variants.coding import CodingTranscript
from twohit.variants.decay import decay_words
from twohit.variants.epitopes import Epitope, touched_epitope
from twohit.variants.frame import frame_problem
from twohit.variants.hgvs import Names
from twohit.variants.hotspots import Hotspot
from twohit.variants.protein import UNKNOWN

DONOR_REGION = range(3, 7)  # intron bases +3 ... +6, part of the donor motif

ABLATION = ("transcript_ablation", "exon_loss_variant")
SPLICE = ("splice_acceptor_variant", "splice_donor_variant")
TRUNCATING = ("stop_gained", "frameshift_variant")
CHANGED_PROTEIN = ("missense_variant", "inframe_insertion", "inframe_deletion", "protein_altering_variant", "stop_lost")

Judgement = tuple[str, str]


def judge(
    terms: list[str],
    names: Names | None,
    model: CodingTranscript | None,
    gene: str | None,
    hotspots: dict[tuple[str, str], Hotspot],
    epitopes: tuple[Epitope, ...] = (),
) -> Judgement:
    """Judge one allele on one transcript.

    Parameters
    ----------
    terms : list of str
        Sequence Ontology terms, most severe first.
    names : Names or None
        HGVS names and the change on the transcript; None where there is no transcript.
    model : CodingTranscript or None
        That transcript.
    gene : str or None
        Gene symbol, to look up known changes.
    hotspots : dict
        Known inactivating changes by (gene, protein name).
    epitopes : tuple of Epitope
        Residues of targets that therapies bind.

    Returns
    -------
    (str, str)
        One of `twohit.schemas.LOSS_JUDGEMENTS` and the reason in words.
    """
    if names is None or model is None or not model.transcript.is_coding:
        return "no_loss", f"{_readable(terms)}: no coding sequence is touched"
    whole_part = any(term in ABLATION for term in terms) or names.splice_site
    if names.protein is not None and not whole_part and (problem := frame_problem(model)):
        return "uncertain", f"{_readable(terms)}: not judged, for {problem}: its frame is not a protein's"
    known = hotspots.get((gene, names.p)) if names.p else None
    if known:
        return "loss", f"{known.reason} ({known.citation})"
    for kinds, rule in (
        (ABLATION, _ablation),
        (SPLICE, _splice),
        (TRUNCATING, _truncation),
        (("start_lost",), _start),
        (CHANGED_PROTEIN, _altered),
    ):
        if any(term in kinds for term in terms) or (rule is _splice and names.splice_site):
            told = rule(terms, names, model)
            return _with_epitope(told, names, model, gene, epitopes) if rule is _altered else told
    return _silent(terms, names, model)


def _readable(terms: list[str]) -> str:
    return terms[0].removesuffix("_variant").replace("_", " ") if terms else "no consequence"


def _ablation(terms, names, model) -> Judgement:
    what = "the whole coding sequence is" if "transcript_ablation" in terms else "a whole coding exon is"
    return "loss", f"{what} deleted"


def _splice(terms, names, model) -> Judgement:
    if names.splice_site:
        which = next((name for name in ("acceptor", "donor") if f"splice_{name}_variant" in terms), "donor or acceptor")
        if not _beside_coding(names, model):
            return "uncertain", f"the splice {which} site is of an intron in the untranslated region"
        return "loss", f"a base of the splice {which} site (first or last two of the intron) is changed"
    if names.protein is not None and any(term in TRUNCATING for term in terms):
        return _truncation(terms, names, model)
    return "uncertain", "indel at a splice site that can leave the site's two bases as they were"


def _beside_coding(names: Names, model: CodingTranscript) -> bool:
    """Whether an intron whose site is changed lies between coding bases."""
    cds = model.transcript.cds
    change = names.change
    return cds[0][0] < max(change.end, change.start + 1) and change.start < cds[-1][1]


def _truncation(terms, names, model) -> Judgement:
    what = "stop codon gained" if "stop_gained" in terms else "reading frame shifted"
    if names.protein is None:
        return (
            "uncertain",
            f"{what} by position, but at an exon's edge: exon and splice site can stay as they were",
        )
    if names.protein.name.endswith("="):
        return "uncertain", f"{what} by position, but the protein is the same up to its stop"
    if names.p == UNKNOWN and "stop_lost" in terms:
        return "uncertain", "the stop codon and bases beside it are changed: what the protein ends in is not predicted"
    if "ext*" in names.protein.name:
        return "uncertain", "the stop codon is lost and the protein extended"
    note = decay_words(names, model)
    return "loss", f"{what}; {note}" if note else what


def _start(terms, names, model) -> Judgement:
    return "loss", "start codon lost; a later start codon might be used"


def _altered(terms, names, model) -> Judgement:
    return "uncertain", f"{_readable(terms)}: changes the protein, not in the list of known inactivating changes"


def _with_epitope(told: Judgement, names, model, gene, epitopes) -> Judgement:
    """Judge a changed protein by where a therapy binds; within the bound domain alone it stays uncertain."""
    found = touched_epitope(names.p, gene, model, epitopes)
    if found is None:
        return told
    if not found.reported:
        note = f"in a domain bound by {found.therapy} (residues {found.first} to {found.last})"
        return told[0], f"{told[1]}; {note}, at no residue reported in treated patients ({found.citation})"
    same = names.p == found.reported
    seen = "reported in treated patients" if same else f"another change there, {found.reported}, was reported"
    return "epitope_altered", f"residue bound by {found.therapy}, {seen}: {found.known} ({found.citation})"


def _silent(terms, names, model) -> Judgement:
    if names.p == UNKNOWN:
        return "uncertain", "crosses the edge of a coding exon: its effect is not predicted"
    place = splice_motif(names, model)
    if place:
        return "uncertain", f"{_readable(terms)} at {place}: part of the donor motif, its effect is not predicted"
    if "splice_region_variant" in terms:
        return "no_loss", "near a splice site, outside its conserved bases"
    return "no_loss", f"{_readable(terms)}: the protein is unchanged"


def splice_motif(names: Names, model: CodingTranscript) -> str:
    """Name the base of the donor motif a change touches: an exon's last base or intron +3 ... +6; else empty."""
    change = names.change
    for position in range(change.start, max(change.end, change.start + 1)):
        place = model.offset(position)
        if place is not None and place + 1 in model.exon_offsets[1:-1]:
            return "the last base of an exon"
        distance = model.splice_distance(position) if place is None else None
        if distance in DONOR_REGION:
            return f"intron base +{distance}"
    return ""
