"""Tables of a cohort."""

from twohit.tables import Column, Table, interval

FREQUENCIES = Table(
    "frequencies",
    "how often each event is in a cohort (`frequencies.tsv`)",
    (
        Column("event", "str", "del16p, cnloh17p, gain1q, TP53:biallelic, TP53:any_hit ..."),
        Column("n_assessable", "int", "patients in whom it could be assessed"),
        Column("n", "int", "patients with the event"),
        *interval("frequency", "probability", "n / n_assessable, exact interval", nullable=True),
        Column("n_clonal", "int", "of n, clonal"),
        Column("n_subclonal", "int", "of n, subclonal"),
        Column("n_not_assessable", "int", "patients left out of n_assessable"),
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
        Column("odds_ratio", "float", "odds ratio; 0.5 is added to each cell when one is zero"),
        Column("p", "probability", "hypergeometric P(X >= n_both)"),
        Column("q", "probability", "p by Benjamini and Hochberg over all pairs of the table"),
    ),
)
