"""What a sorted fraction of a sample leaves out: there a share is not zero, it does not exist."""

import re

from twohit.cells.given_types import PLASMA

NEGATIVE, POSITIVE = "CD138-", "CD138+"
_DASHES = str.maketrans({dash: "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"})


def sorted_by(fraction: object) -> str | None:
    """CD138-, CD138+ or None for what is not sorted by CD138, however it is spelt."""
    if not isinstance(fraction, str):
        return None
    text = re.sub(r"[\s_()]+", "", fraction.translate(_DASHES).lower())
    found = re.search(r"cd138(-?neg|-?depleted|-?pos|-?enriched|-?selected|-|\+)", text)
    if not found:
        return None
    return NEGATIVE if found.group(1).strip("-") in ("neg", "depleted", "") else POSITIVE


def excludes(fraction: object, cell_type: str) -> bool:
    """Whether the fraction was sorted so that cells of the type are in it by accident only."""
    found = sorted_by(fraction)
    return found == NEGATIVE and cell_type == PLASMA


def hides_share(fraction: object, cell_type: str) -> bool:
    """Whether the share of the type says how well cells were sorted, and nothing of the marrow."""
    found = sorted_by(fraction)
    return (found == NEGATIVE and cell_type == PLASMA) or (found == POSITIVE and cell_type != PLASMA)
