"""Names of patients in the output: a keyed hash of the id, or a number that says nothing."""

import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path

from twohit.errors import InputError

LEAST = 16  # bytes of the key: fewer can be guessed, and with the key each id can be looked up
SHOWN = 12  # hexadecimal digits shown: 48 bits, two of 10,000 patients agree with P < 2e-7


def read_key(path: Path) -> bytes:
    """Read the secret key: the file's bytes without white space at its ends.

    Raises
    ------
    InputError
        If there is no such file, or the key is short.
    """
    if not path.is_file():
        raise InputError(f"--pseudonym-key {path}: no such file; make one, for instance by `openssl rand -hex 32`")
    key = path.read_bytes().strip()
    if len(key) < LEAST:
        raise InputError(f"--pseudonym-key {path}: has {len(key)} bytes; give a secret of {LEAST} or more")
    return key


def pseudonyms(ids: Sequence[str], key: bytes) -> list[str]:
    """Keyed hash (HMAC, RFC 2104, with SHA-256) of each id: the same in every cohort made with the key.

    Raises
    ------
    InputError
        If two ids get one pseudonym.
    """
    found = ["P" + hmac.new(key, one.encode(), hashlib.sha256).hexdigest()[:SHOWN] for one in ids]
    if len(set(found)) < len(found):
        raise InputError("--pseudonym-key: two patients get one pseudonym; use another key")
    return found
