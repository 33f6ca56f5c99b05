"""What a machine may refuse: space, memory, permission, a program. It is told from a user's mistake and from a bug."""

import errno
import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twohit.errors import InputError, OutOfMemory, TwohitError

HELP = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "the disk quota is used up; free some space",
    errno.EFBIG: "the file may not grow any more (ulimit -f); free some space or raise the limit",
    errno.EROFS: "the disk is read-only; write elsewhere",
    errno.EACCES: "no permission; change the permissions or write elsewhere",
    errno.EPERM: "not permitted; change the permissions or write elsewhere",
    errno.EIO: "the disk does not answer; look at the machine",
    errno.EMFILE: "too many open files; raise ulimit -n",
}
JAVA_OUT_OF_MEMORY = 3  # exit code of Java with -XX:+ExitOnOutOfMemoryError
LOST_FOR_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def refusal(error: OSError) -> str | None:
    """Say what the machine refused and what helps; None for an error that is a bug of ours."""
    for number, what in HELP.items():
        # HDF5 and htslib give the words, but not the number
        if error.errno == number or (error.errno is None and os.strerror(number) in str(error)):
            where = f"{error.filename}: " if error.filename else ""
            return f"{where}{what}, then run again ({os.strerror(number)})"
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, FileNotFoundError) and frames and frames[-1].name == "_execute_child":
        return f"{error.filename}: this program is not on PATH; install it (make env) or use a container"
    return None


def is_want_of_memory(error: BaseException) -> bool:
    """Whether there was no memory left, for numbers or for the code of a compiled module."""
    words = ("failed to map segment", os.strerror(errno.ENOMEM))
    return isinstance(error, MemoryError) or (isinstance(error, ImportError) and any(w in str(error) for w in words))


@contextmanager
def blame_file(path: Path, what: str, *more: type[Exception]) -> Iterator[None]:
    """Within, an OSError (and `more`, errors of a reader) is the file's fault, unless the machine refused.

    Only reading belongs within: an error of our own code must stay what it is.
    """
    try:
        yield
    except (OSError, *more) as error:
        if isinstance(error, OSError) and refusal(error) is not None:
            raise
        raise InputError(f"{path}: {what} ({error}); copy or make it again") from error


def blame_machine(program: str, code: int, said: str) -> None:
    """Raise where a program failed because of the machine and not because of what it read.

    Parameters
    ----------
    program : str
        Name, for the message.
    code : int
        Exit code as `subprocess` gives it: negative for a signal.
    said : str
        What it wrote on stderr.

    Raises
    ------
    OutOfMemory
        If it was killed, or Java had no memory left.
    TwohitError
        If it could not write.
    """
    if code == -signal.SIGKILL or (code == JAVA_OUT_OF_MEMORY and program.startswith("gatk")):
        raise OutOfMemory(f"{program}: was killed, mostly for want of memory; give it more")
    for number in LOST_FOR_SPACE if code else ():
        if os.strerror(number) in said:
            raise TwohitError(f"{program}: {HELP[number]}, then run again ({os.strerror(number)})")
    if code == -signal.SIGXFSZ:
        raise TwohitError(f"{program}: {HELP[errno.EFBIG]}, then run again")
