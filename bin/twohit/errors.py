"""The project's exceptions: one root and few children, each with the exit code its cause deserves."""

import zlib
from collections.abc import Sequence

# What reading a text file raises that is damaged, cut off or not what its name says.
UNREADABLE = (OSError, EOFError, zlib.error, UnicodeDecodeError)


class TwohitError(Exception):
    """Anything twohit raises on purpose; the message is one line a user can act on."""

    exit_code = 1


class InputError(TwohitError):
    """The user's input is wrong: the message names the file, the row or value, and the fix (exit code 2)."""

    exit_code = 2


class TableErrors(InputError):
    """All mistakes in the user's tables; `lines` holds one line each."""

    def __init__(self, lines: Sequence[str]):
        self.lines = list(lines)
        super().__init__("; ".join(self.lines))


class TooFewCells(InputError):
    """A comparison of cells lacks one of its two sides: a mistake by hand, a fact to be told within a pipeline."""


class ModelError(TwohitError):
    """A model could not be fitted although its input passed the checks (exit code 1)."""


class OutOfMemory(TwohitError):
    """A program was killed, mostly for want of memory; the code is that of a killed task, which is tried again."""

    exit_code = 137
