"""Uncompressed BAM records of one region, as samtools view gives them, in buffers of whole records."""

import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from twohit.errors import TwohitError
from twohit.machine import blame_machine

BLOCK_HEADER = 18  # bytes before the data of a BGZF block (SAM specification, 4.1)
BLOCK_END = 8  # bytes after it: checksum and length
STORED = 5  # bytes before the data of a stored (uncompressed) deflate block
PIPE_BUFFER = 1 << 20


def read_blocks(command: list[str], errors: BinaryIO) -> Iterator[bytes]:
    """Run `samtools view -u`, give the data of each of its blocks; the header's reference list comes first.

    Raises
    ------
    TwohitError
        If samtools fails or its output ends in the middle of a block.
    """
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, bufsize=PIPE_BUFFER) as view:
        try:
            while head := view.stdout.read(BLOCK_HEADER):
                size = int.from_bytes(head[16:18], "little") + 1 - BLOCK_HEADER
                body = view.stdout.read(size)
                if len(body) < size:
                    raise TwohitError(f"{' '.join(command)}: its output ended too early; see that the disk is not full")
                yield _data(body)
        except BaseException:
            view.kill()
            raise
    if view.returncode != 0:
        errors.seek(0)
        said = errors.read().decode(errors="replace")
        blame_machine("samtools view", view.returncode, said)
        last = said.strip().splitlines()[-1:] or ["no message"]
        raise TwohitError(f"{' '.join(command)} failed: {last[0]}")


def _data(body: bytes) -> bytes:
    """Data of a block: stored as it is, which `-u` does, or deflated."""
    if body[0] == 1 and int.from_bytes(body[1:3], "little") == len(body) - STORED - BLOCK_END:
        return body[STORED:-BLOCK_END]
    return zlib.decompress(body[:-BLOCK_END], wbits=-15)


def _after_header(blocks: Iterator[bytes]) -> bytes:
    """Read the header and the list of references away; returns the first bytes of the records."""
    data = b""

    def need(size: int) -> None:
        nonlocal data
        while len(data) < size:
            data += next(blocks)

    need(8)
    at = 8 + int.from_bytes(data[4:8], "little")
    need(at + 4)
    references, at = int.from_bytes(data[at : at + 4], "little"), at + 4
    for _ in range(references):
        need(at + 4)
        at += 8 + int.from_bytes(data[at : at + 4], "little")
    need(at)
    return data[at:]


class RecordBuffer:
    """Bytes of BAM records; the reader says from where on it still needs them."""

    def __init__(self, size: int) -> None:
        self.data = np.empty(size, dtype=np.uint8)
        self.used = 0

    def add(self, part: bytes) -> None:
        """Append bytes; the buffer grows when they do not fit."""
        end = self.used + len(part)
        if end > self.data.size:
            self.data = np.concatenate([self.data[: self.used], np.empty(end, dtype=np.uint8)])
        self.data[self.used : end] = np.frombuffer(part, dtype=np.uint8)
        self.used = end

    def drop(self, size: int) -> None:
        """Forget the first bytes."""
        self.data[: self.used - size] = self.data[size : self.used].copy()
        self.used -= size


def stream_records(command: list[str], size: int, folder: Path) -> Iterator[RecordBuffer]:
    """Fill a buffer with records until it holds `size` new bytes or the stream ends, and give it, again and again.

    The last record may be cut; whoever reads drops what it has finished with before the next turn.
    """
    with tempfile.TemporaryFile(dir=folder) as errors:
        blocks = read_blocks(command, errors)
        buffer = RecordBuffer(2 * size)
        buffer.add(_after_header(blocks))
        target = buffer.used + size
        for part in blocks:
            buffer.add(part)
            if buffer.used >= target:
                yield buffer
                target = buffer.used + size
        yield buffer
