"""The reference genome: bases and contig lengths of an indexed FASTA."""

from functools import lru_cache
from pathlib import Path

from twohit.errors import InputError
from twohit.genome.transcripts import Transcript
from twohit.variants.coding import CodingTranscript


class Reference:
    """An indexed FASTA; use it as a context manager.

    Parameters
    ----------
    path : str or Path
        The FASTA; its index `.fai` must be beside it.

    Raises
    ------
    InputError
        If the file or its index is missing or broken.
    """

    def __init__(self, path: str | Path):
        import pysam

        self.path = Path(path)
        if not self.path.is_file():
            raise InputError(f"{path}: no such file; give the reference FASTA")
        if not Path(f"{path}.fai").is_file():
            raise InputError(f"{path}: its index {path}.fai is missing; run samtools faidx or prepare_reference.py")
        try:
            self._fasta = pysam.FastaFile(str(path))
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: not a readable FASTA ({error}); run samtools faidx on it again") from error
        self.lengths = dict(zip(self._fasta.references, self._fasta.lengths, strict=True))
        self._models = lru_cache(maxsize=4096)(lambda transcript: CodingTranscript(transcript, self.fetch))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._fasta.close()

    def fetch(self, chrom: str, start: int, end: int) -> str:
        """Give upper-case bases [start, end), 0-based half open, cut at the contig's ends."""
        if chrom not in self.lengths:
            raise InputError(f"{self.path}: contig {chrom!r} is not in it; use files of one build and one spelling")
        start, end = max(0, start), min(end, self.lengths[chrom])
        return self._fasta.fetch(chrom, start, end).upper() if start < end else ""

    def coding_transcript(self, transcript: Transcript) -> CodingTranscript:
        """Give a transcript with its bases; kept, as many variants fall on few transcripts."""
        return self._models(transcript)
