"""What every script in bin/ shares: run a main function and turn its errors into one line and an exit code."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from twohit import __version__
from twohit.errors import InputError, OutOfMemory, TableErrors, TwohitError
from twohit.machine import is_want_of_memory, refusal

LONGEST_MESSAGE = 1200  # letters


class OneLineParser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, as every other error here."""

    def error(self, message: str):
        """Say what is wrong on one line and leave with 2."""
        self.exit(2, f"{self.prog}: error: {one_line(message)} (see --help)\n")


def parser(description: str, example: str) -> argparse.ArgumentParser:
    """Make the parser of a script: description, working example, --version.

    Parameters
    ----------
    description : str
        One sentence on what the script does.
    example : str
        A command line that works, shown under --help.
    """
    made = OneLineParser(
        description=description, epilog=f"example:\n  {example}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--version", action="version", version=f"twohit {__version__}")
    return made


def existing_file(text: str) -> Path:
    """Argument type: a file that is there and not empty, else one line that names it."""
    path = Path(text)
    if not path.is_file():
        raise InputError(f"{text}: no such file; give the path of an existing file")
    if path.stat().st_size == 0:
        raise InputError(f"{text}: the file is empty; make it again")
    return path


def run(main: Callable[[Sequence[str] | None], None], argv: Sequence[str] | None = None) -> None:
    """Run a script's main; each mistake of the user's becomes one line on stderr, and the exit code is 2.

    What the machine refuses (space, memory, a program that is not there) is one line too; its exit code is 1, or for
    memory the one of a killed task. A bug keeps its traceback (exit code 1): hiding it would hide where it is.
    """
    name = Path(sys.argv[0]).name
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        main(argv)
    except TableErrors as errors:
        for line in errors.lines:
            print(f"{name}: error: {one_line(line)}", file=sys.stderr)
        sys.exit(errors.exit_code)
    except TwohitError as error:
        print(f"{name}: error: {one_line(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except (MemoryError, ImportError) as error:
        if not is_want_of_memory(error):
            raise
        tell_want_of_memory(error)
        sys.exit(OutOfMemory.exit_code)
    except OSError as error:
        if (told := refusal(error)) is None:
            raise
        print(f"{name}: error: {one_line(told)}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(f"{name}: stopped", file=sys.stderr)
        sys.exit(130)


def tell_want_of_memory(error: BaseException) -> None:
    """Say on one line that memory is short."""
    text = f"not enough memory ({one_line(str(error)) or 'none left'}); give it more"
    print(f"{Path(sys.argv[0]).name}: error: {text}", file=sys.stderr, flush=True)


def _hook(kind, error, trace) -> None:
    """Want of memory while a script still imports its library, before `run`; anything else keeps its traceback."""
    if not is_want_of_memory(error):
        sys.__excepthook__(kind, error, trace)
        return
    tell_want_of_memory(error)
    os._exit(OutOfMemory.exit_code)  # an exception that nobody caught would end with 1, and not be tried again


sys.excepthook = _hook


def one_line(text: str) -> str:
    """Put a message on one line: what cannot be printed is a question mark, a very long one loses its middle."""
    text = "".join(sign if sign.isprintable() and sign != "\ufffd" else "?" for sign in " ".join(text.split()))
    if len(text) <= LONGEST_MESSAGE:
        return text
    return f"{text[: LONGEST_MESSAGE // 2]} [...] {text[-LONGEST_MESSAGE // 2 :]}"


def progress(text: str) -> None:
    """Say on stderr what a long step is doing; silent with TWOHIT_QUIET=1."""
    if os.environ.get("TWOHIT_QUIET") != "1":
        print(text, file=sys.stderr, flush=True)
