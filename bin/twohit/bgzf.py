"""Is a bgzip file whole: cut off between two of its blocks, every reader takes it for a shorter one."""

from pathlib import Path

from twohit.errors import InputError

MAGIC = b"\x1f\x8b\x08\x04"  # gzip with an extra field, where bgzip keeps the size of the block
# The empty block that ends every whole bgzip file (SAM specification, section 4.1.2).
END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def is_bgzf(path: Path) -> bool:
    """Tell bgzip from gzip and plain text by the first bytes."""
    with open(path, "rb") as handle:
        start = handle.read(14)
    return start.startswith(MAGIC) and start[12:14] == b"BC"


def check_end(path: Path) -> None:
    """Refuse a bgzip file without its end block; other files are not looked at.

    Raises
    ------
    InputError
        If the file is cut off.
    """
    if not is_bgzf(path):
        return
    with open(path, "rb") as handle:
        handle.seek(max(0, path.stat().st_size - len(END)))
        if handle.read() != END:
            raise InputError(f"{path}: the bgzip file is cut off (its end block is missing); copy or make it again")
