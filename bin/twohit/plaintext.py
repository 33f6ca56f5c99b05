"""Texts that people type: which may become cells of tables that spreadsheets open, and words that people read."""

import re

# Controls, soft hyphen, signs of no width, and signs that turn the direction: what is read is not what is there.
UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
# What a spreadsheet runs when it opens the table; a sign and a number is a number, "+3 months" is no formula.
FORMULA = re.compile(r"\s*(?:[=@].|[+-].*[(|!])", re.DOTALL)

LONGEST_NUMBER = 15  # digits: these fit into a float and into 64 bits


def unsafe_text(value: str) -> str | None:
    """Tell what is wrong with a text and how to mend it; None for a plain one."""
    if found := UNSEEN.search(value):
        return f"has a character that cannot be seen (U+{ord(found[0]):04X}); type it again without it"
    if FORMULA.match(value):
        return f"would run as a formula in a spreadsheet; do not start it with {value.strip()[0]!r}"
    return None


def is_whole(text: str) -> bool:
    """Tell whether a text is a whole number of 0 or more, in plain digits and small enough for a place in a genome."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
