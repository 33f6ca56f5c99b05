"""Tables of the clinical course: markers, CAR by qPCR, FISH."""

from twohit.tables import Column, Table, interval

MARKERS = Table(
    "markers",
    "measures, treatments, infusions and responses over time",
    (
        Column("day", "int", "day counted from the first infusion"),
        Column(
            "measure",
            "str",
            "what was measured or done",
            choices=("m_spike", "flc_lambda", "flc_kappa", "sbcma", "ada", "treatment", "infusion", "response"),
        ),
        Column("value", "str", "a number for measures, words for the rest"),
        Column("unit", "str", "unit, one per measure", nullable=True),
        Column("qualifier", "str", "< or > when the value is a limit of the assay", nullable=True, choices=("<", ">")),
    ),
)

CAR_QPCR = Table(
    "car_qpcr",
    "CAR transgene by qPCR in each sample, its wells together",
    (
        Column("day", "int", "day counted from the first infusion"),
        Column("infusion", "int", "infusion the sample belongs to"),
        Column("days_after_infusion", "int", "days from that infusion"),
        Column("target", "str", "transgene"),
        Column("plate", "str", "plates of its wells, joined by ;"),
        Column("n_wells", "int", "wells measured"),
        Column("n_detected", "int", "wells in which something amplified"),
        Column("copies_per_reaction", "float", "posterior median; 0 when no well amplified"),
        *interval("copies_per_100ng", "float", "copies per 100 ng of DNA"),
        Column("copies_per_ug", "float", "copies per microgram of DNA"),
        Column("dna_ng", "float", "DNA in a reaction"),
        Column("dna_source", "str", "RNaseP or dna_ng"),
        Column("loq_per_100ng", "float", "limit of quantification"),
        Column("below_loq", "str", "is the estimate below it", choices=("yes", "no")),
        Column("note", "str", "what to know before trusting it", nullable=True),
    ),
)

CAR_CURVES = Table(
    "car_curves",
    "standard curve of each plate and target: ct = intercept + slope log10(copies)",
    (
        Column("plate", "str", "plate"),
        Column("target", "str", "transgene or RNaseP"),
        Column("n_wells", "int", "standard wells fitted"),
        Column("n_levels", "int", "levels fitted"),
        *interval("intercept", "float", "ct of one copy"),
        *interval("slope", "float", "cycles per tenfold"),
        *interval("efficiency", "float", "10^(-1/slope) - 1", nullable=True),
        Column("r_squared", "probability", "of the weighted fit"),
        Column("scatter", "float", "technical standard deviation of a ct"),
        Column("loq", "float", "copies per reaction; empty when no level meets the criteria", nullable=True),
        Column("ntc_wells", "int", "no-template wells"),
        Column("ntc_copies", "float", "most copies in one; empty when none amplified", nullable=True),
        Column("note", "str", "what to know before trusting it", nullable=True),
    ),
)

CAR_EXPANSION = Table(
    "car_expansion",
    "expansion of the CAR transgene after each infusion",
    (
        Column("infusion", "int", "infusion"),
        Column("target", "str", "transgene"),
        Column("infusion_day", "int", "its day"),
        Column("baseline_day", "int", "day of the baseline sample", nullable=True),
        Column("baseline", "float", "copies per 100 ng before the infusion", nullable=True),
        Column("peak_day", "int", "day of the largest sample", nullable=True),
        Column("peak", "float", "its copies per 100 ng", nullable=True),
        Column("loq", "float", "limit of quantification, copies per 100 ng"),
        *interval("log_expansion", "float", "log10(peak / max(baseline, loq))", nullable=True),
        Column("bound", "str", "estimate, or lower_bound (baseline below loq)", True, ("estimate", "lower_bound")),
        Column("efficiency", "float", "lowest of the plates'", nullable=True),
        Column("r_squared", "probability", "lowest of the plates'", nullable=True),
        Column("note", "str", "why a value is empty; what to know", nullable=True),
    ),
)

FISH = Table(
    "fish",
    "fluorescence in situ hybridisation",
    (
        Column("day", "int", "day counted from the first infusion"),
        Column("sample", "str", "sample"),
        Column("probe", "str", "probe, by its usual name"),
        Column("arm_or_locus", "str", "arm or chromosome to compare copy number with; a translocation's name"),
        Column("gene", "str", "gene of the locus, or the partner whose expression a fusion raises", nullable=True),
        Column("abnormality", "str", "loss, gain or fusion", choices=("loss", "gain", "fusion")),
        Column("cells_scored", "int", "cells counted"),
        *interval("percent_abnormal", "float", "percent of cells, 0 to 100"),
        Column("cutoff_percent", "float", "the laboratory's cutoff", nullable=True),
        Column("status", "str", "against the cutoff", nullable=True, choices=("above_cutoff", "below_cutoff")),
        Column("note", "str", "no cutoff, or the interval holds it", nullable=True),
    ),
)
