"""What happens in the simulated patients: panel genes on their true arms, clones, arm events, planned variants.

Arms, order on the arm and strand of the genes are those of GRCh38; sizes, and every protein but two, are invented.
"""

from dataclasses import dataclass

NATURE = "10.1038/s41467-021-21177-5"


@dataclass(frozen=True)
class PanelGene:
    """A gene of the panel: symbol, arm, strand, role and why it is reported. Listed in the order of GRCh38."""

    gene: str
    arm: str
    strand: str
    role: str
    reason: str
    citation: str = ""


PANEL_GENES = (
    PanelGene("CDKN2C", "1p", "+", "tumour_suppressor", "lost with 1p32"),
    PanelGene("TENT5C", "1p", "+", "tumour_suppressor", "mutated or lost with 1p12"),
    PanelGene("FCRL5", "1q", "-", "target", "target of bispecific antibodies (FcRH5)"),
    PanelGene("SLAMF7", "1q", "+", "target", "target of elotuzumab"),
    PanelGene("CRBN", "3p", "-", "drug_target", "needed by lenalidomide and pomalidomide"),
    PanelGene("CD38", "4p", "+", "target", "target of daratumumab and isatuximab"),
    PanelGene("NR3C1", "5q", "-", "drug_target", "receptor of dexamethasone"),
    PanelGene("IKZF1", "7p", "+", "drug_target", "degraded under lenalidomide"),
    PanelGene("MS4A1", "11q", "+", "target", "target of rituximab (CD20)"),
    PanelGene("CCND1", "11q", "+", "other", "partner of t(11;14)"),
    PanelGene("BIRC3", "11q", "+", "tumour_suppressor", "brake of NF-kB"),
    PanelGene("GPRC5D", "12p", "-", "target", "target of talquetamab and CAR T cells"),
    PanelGene("RB1", "13q", "+", "tumour_suppressor", "lost with 13q"),
    PanelGene("DIS3", "13q", "-", "tumour_suppressor", "mutated in myeloma"),
    PanelGene("PSMB5", "14q", "-", "drug_target", "target of bortezomib"),
    PanelGene("TRAF3", "14q", "+", "tumour_suppressor", "brake of NF-kB"),
    PanelGene("TNFRSF17", "16p", "+", "target", "target of BCMA therapies", NATURE),
    PanelGene("CD19", "16p", "+", "target", "target of CD19 CAR T cells"),
    PanelGene("CYLD", "16q", "+", "tumour_suppressor", "brake of NF-kB"),
    PanelGene("TP53", "17p", "-", "tumour_suppressor", "lost with 17p", NATURE),
    PanelGene("IKZF3", "17q", "-", "drug_target", "degraded under lenalidomide"),
    PanelGene("CD70", "19p", "-", "target", "target of CD70 CAR T cells"),
    PanelGene("CD22", "19q", "+", "target", "target of CD22 CAR T cells"),
    PanelGene("KDM6A", "Xp", "+", "tumour_suppressor", "mutated or lost on X"),
)

# Tumour populations that exclude each other, and the share of tumour cells each has at a timepoint.
# A node of the clone tree is the set of populations that descend from it.
POPULATIONS = ("founder", "b", "a", "a1")
NODES = {"trunk": POPULATIONS, "B": ("b",), "A": ("a", "a1"), "A1": ("a1",)}
LATE_SHARES = {"founder": 0.10, "b": 0.20, "a": 0.20, "a1": 0.50}  # A, with TNFRSF17 p.Q38*: 0.70
EARLY_SHARES = {"founder": 0.80, "b": 0.20, "a": 0.0, "a1": 0.0}


@dataclass(frozen=True)
class Event:
    """A copy-number change of an arm, or of the region around one gene: copies of the major and the minor haplotype."""

    arm: str
    node: str
    copies: tuple[int, int]
    gene: str = ""


def _losses(*arms: str) -> tuple[Event, ...]:
    return tuple(Event(arm, "trunk", (1, 0)) for arm in arms)


HYPODIPLOID = (
    *_losses("4q", "8p", "10q", "13q", "14q", "16p", "17p", "20p", "22q"),
    Event("1q", "trunk", (2, 1)),
    Event("15q", "trunk", (2, 1)),
    Event("7p", "trunk", (2, 0)),
    Event("16q", "trunk", (2, 0)),
    Event("1p", "A1", (1, 0)),
    Event("11q", "trunk", (0, 0), gene="BIRC3"),
)
DOUBLED = (
    *(Event(arm, "trunk", (2, 0)) for arm in ("4q", "10q", "13q", "16p", "17p", "22q")),
    *(Event(arm, "trunk", (3, 1)) for arm in ("1q", "9p", "9q")),
    *(Event(arm, "trunk", (2, 1)) for arm in ("3q", "6p", "15q")),
    *(Event(arm, "trunk", (1, 1)) for arm in ("8p", "12q", "14q")),
    Event("7p", "trunk", (4, 0)),
)


@dataclass(frozen=True)
class Plan:
    """A variant that the patient must have.

    `kind` says what it does (stop, synonymous, frameshift, q38, p278t); `where` is how far along the coding sequence;
    `side` is the haplotype, major or minor, of the arm's event; `copies` of that haplotype carry it;
    `partner` asks for a second stop within reach of a fragment, on the same or on the other haplotype.
    """

    gene: str
    kind: str
    label: str
    node: str = "trunk"
    where: float = 0.4
    side: str = "major"
    copies: int = 1
    partner: str = ""


HYPODIPLOID_PLANS = (
    Plan("TNFRSF17", "q38", "deletion_plus_stop", node="A"),
    Plan("TP53", "p278t", "deletion_plus_missense"),
    Plan("TRAF3", "stop", "germline_stop_plus_somatic_loss", node="germline", where=0.35),
    Plan("CYLD", "frameshift", "copy_neutral_loh_plus_frameshift", copies=2, where=0.3),
    Plan("GPRC5D", "stop", "two_stops_in_trans", partner="trans", where=0.35),
    Plan("CD38", "stop", "two_stops_in_cis", partner="cis", where=0.35),
    Plan("FCRL5", "stop", "two_stops_in_cis", partner="cis", where=0.35, side="minor"),
    Plan("CRBN", "stop", "one_hit_only"),
    Plan("CCND1", "stop", "one_hit_only"),
    Plan("KDM6A", "stop", "one_hit_only_on_x"),
    Plan("DIS3", "synonymous", "synonymous_on_deleted_arm"),
    Plan("CD70", "stop", "germline_stop_other_allele_kept", node="germline"),
    Plan("IKZF3", "stop", "germline_stop_other_allele_kept", node="germline"),
)
DOUBLED_PLANS = (
    Plan("TNFRSF17", "q38", "doubled_one_of_two_copies", node="A"),
    Plan("TP53", "p278t", "doubled_one_of_two_copies"),
    Plan("CRBN", "stop", "one_hit_only", copies=2),
    Plan("CYLD", "frameshift", "one_hit_only"),
    Plan("DIS3", "synonymous", "synonymous_on_deleted_arm", copies=2),
    Plan("CD70", "stop", "germline_stop_other_allele_kept", node="germline"),
)


@dataclass(frozen=True)
class ArtefactPlan:
    """A recurrent artefact that looks like a stop in a panel gene and must be filtered."""

    gene: str
    kind: str
    rate: float
    label: str


ARTEFACT_PLANS = (
    ArtefactPlan("CD19", "oxidation", 0.12, "oxidation_artefact_on_deleted_arm"),
    ArtefactPlan("MS4A1", "strand", 0.25, "strand_artefact"),
)
NAMED_LABELS = {
    "RB1": "deletion_only",
    "PSMB5": "deletion_only",
    "BIRC3": "focal_homozygous_deletion",
    "IKZF1": "copy_neutral_loh_without_mutation",
    "CDKN2C": "subclonal_deletion_only",
    "TENT5C": "subclonal_deletion_only",
    "SLAMF7": "gain_only",
}


def events_of(karyotype: str) -> tuple[Event, ...]:
    """Copy-number events of a karyotype."""
    return {"hypodiploid": HYPODIPLOID, "doubled": DOUBLED}[karyotype]


def plans_of(karyotype: str) -> tuple[Plan, ...]:
    """Planned variants of a karyotype."""
    return {"hypodiploid": HYPODIPLOID_PLANS, "doubled": DOUBLED_PLANS}[karyotype]


def base_copies(karyotype: str) -> int:
    """Copies of each haplotype where nothing happened: 1, or 2 in a genome-doubled tumour."""
    return 2 if karyotype == "doubled" else 1
