"""Tables of a cohort. None holds a patient's id, a date or a day."""

from twohit.tables import Column, Table, interval

KINDS = ("arm", "gene", "fish", "verdict", "mechanism", "other")


def _test(name: str, doc: str) -> tuple[Column, ...]:
    """A P value and its false discovery rate, empty where the test says nothing."""
    q = name.replace("p", "q", 1)
    return (
        Column(name, "probability", doc, nullable=name != "p" and "aneuploidy" in name),
        Column(q, "probability", f"{name} by Benjamini and Hochberg over all pairs of the table", "aneuploidy" in name),
    )


FREQUENCIES = Table(
    "frequencies",
    "how often each event is in a cohort (`frequencies.tsv`)",
    (
        Column("event", "str", "del16p, cnloh17p, gain1q, TP53:biallelic, TP53:any_hit, FISH:1q21:gain ..."),
        Column("kind", "str", "what the event is of", choices=KINDS),
        Column("n_assessable", "int", "patients in whom it could be assessed"),
        Column("n", "int", "patients with the event"),
        *interval("frequency", "probability", "n / n_assessable, exact interval", nullable=True),
        Column("n_clonal", "int", "of n, clonal"),
        *interval("frequency_clonal", "probability", "clonal, of the assessable whose clonality is told", True),
        Column("n_subclonal", "int", "of n, subclonal"),
        *interval("frequency_subclonal", "probability", "subclonal, of the assessable whose clonality is told", True),
        *interval("subclonal_share", "probability", "n_subclonal / (n_clonal + n_subclonal), exact", nullable=True),
        Column("n_not_assessable", "int", "patients left out of n_assessable"),
        Column("n_weighted", "int", "patients with a probability of the event"),
        Column("n_expected", "float", "sum of their probabilities", nullable=True),
        *interval("frequency_weighted", "probability", "n_expected / n_weighted, interval with the calls' doubt", True),
    ),
)

COOCCURRENCE = Table(
    "cooccurrence",
    "pairs of events in the patients assessable for both (`cooccurrence.tsv`)",
    (
        Column("event_a", "str", "event"),
        Column("event_b", "str", "event"),
        Column("n", "int", "patients assessable for both"),
        Column("n_a", "int", "of n, with the first"),
        Column("n_b", "int", "of n, with the second"),
        Column("n_both", "int", "of n, with both"),
        Column("enrichment", "float", "n_both over that expected if independent"),
        *interval("odds_ratio", "float", "odds ratio; 0.5 is added to each cell when one is zero"),
        *_test("p", "hypergeometric P(X >= n_both)"),
        *_test("p_exclusion", "hypergeometric P(X <= n_both)"),
        Column("expected_aneuploidy", "float", "n_both expected from each patient's number of events", nullable=True),
        Column("enrichment_aneuploidy", "float", "n_both over expected_aneuploidy", nullable=True),
        *_test("p_aneuploidy", "P(X >= n_both) given each patient's number of events; empty when nothing can vary"),
        *_test("p_aneuploidy_exclusion", "P(X <= n_both) given each patient's number of events"),
        Column("same_chromosome", "str", "are both on one chromosome", choices=("yes", "no")),
    ),
)

POWER = Table(
    "power",
    "what would have been seen with these patients (`power.tsv`)",
    (
        Column("event", "str", "event"),
        Column("cell_share", "probability", "only patients in whom this share of cells would show it", nullable=True),
        Column("n_assessable", "int", "patients in whom it could be assessed"),
        Column("n", "int", "patients with the event"),
        Column("smallest_frequency", "probability", "seen at least once with 95 % if as frequent", nullable=True),
        Column(
            "highest_frequency", "probability", "upper bound of the frequency, one-sided 95 %, exact", nullable=True
        ),
    ),
)

PATIENT_EVENTS = Table(
    "patient_events",
    "the events of each patient that were seen or could not be assessed (`patient_events.tsv`)",
    (
        Column("patient", "str", "pseudonym by the key, else a number in the order of the oncoprint"),
        Column("event", "str", "event"),
        Column("status", "str", "what is known", choices=("yes", "not_assessable")),
        Column("clonality", "str", "of an event seen", nullable=True, choices=("clonal", "subclonal")),
        Column("probability", "probability", "P(the patient has it)", nullable=True),
    ),
)
