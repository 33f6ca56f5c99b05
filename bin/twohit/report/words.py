"""Numbers and lists as the page's words."""

from twohit.biallelic.wording import percent, probability_digits, state_words, told_words
from twohit.copynumber.states import neutral_state

MAX_NAMES = 3  # samples that are named where there may be many


def probability_words(p: float | None) -> str:
    """Write a probability without pretending to certainty."""
    if p is None:
        return "–"
    if p > 0.999:
        return "> 0.999"
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p > 0.99 or p < 0.01 else probability_digits(p)


def css_text(text: str) -> str:
    """Escape a text for a string in a style sheet: all but plain letters, digits and spaces as code points."""
    return "".join(c if c.isascii() and (c.isalnum() or c in " .,:-") else f"\\{ord(c):x} " for c in text)


def carrier_words(arm: dict) -> str:
    """Share of the tumour cells with a change; where that cannot be told, the counts."""
    return percent(arm["share"]) if arm["share"] is not None else told_words(arm)


def arm_state_words(arm: dict, samples: list[dict]) -> str:
    """State of an arm in the DNA, with the copies of both alleles where they are known; `samples`: of the result."""
    if arm["minor_cn"] is None:
        copies = "copy" if round(arm["total_cn"]) == 1 else "copies"
        return f"{arm['total_cn']:.0f} {copies}, {(arm['dna'] or '').replace('_', ' ')}".removesuffix(", ")
    doubled = any(one["sample"] == arm["sample"] and (one["wgd"] or 0) > 0.5 for one in samples)
    return state_words(int(arm["total_cn"]), int(arm["minor_cn"]), rest=neutral_state(doubled))


def some(names: list[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = len(names) - MAX_NAMES
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:MAX_NAMES])} and {more} more"


def unbroken(text: str) -> str:
    """Keep a number and its percent sign on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")
