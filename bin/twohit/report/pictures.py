"""Pictures of the evidence folder as data URIs: an image cannot run a script, and the page needs no network."""

import base64
from pathlib import Path

from twohit.biallelic.cell_reading import find

PICTURE_LIMIT = 1_500_000  # bytes of one picture
PICTURES_LIMIT = 6_000_000  # bytes of all embedded pictures: the page stays below 10 MB
READS_LIMIT = 1_500_000  # characters of all pictures of reads at mutations; others are files beside the page only
LONGEST_NAME = 255  # bytes of a file's name: no file system in use takes more
TEMPORARY = 16  # bytes that a temporary file has beyond the name
KINDS = (("svg", "image/svg+xml"), ("png", "image/png"))


class Pictures:
    """Embeds pictures until the budget of the page is used up; what did not fit is listed in `left_out`."""

    def __init__(self, folder: Path):
        self.folder, self.left, self.left_out = folder, PICTURES_LIMIT, []

    def embed(self, stem: str) -> str | None:
        """Data URI of STEM.svg or STEM.png, None when neither is there or fits."""
        if not is_file_name(f"{stem}.{KINDS[0][0]}"):
            return None
        paths = [(find(self.folder, f"{stem}.{suffix}"), kind) for suffix, kind in KINDS]
        there = [(path, kind) for path, kind in paths if path is not None and path.stat().st_size > 0]
        for path, kind in there:
            size = path.stat().st_size
            if size < min(PICTURE_LIMIT, 0.7 * self.left):  # base64 makes it a third larger
                code = base64.b64encode(path.read_bytes()).decode("ascii")
                self.left -= len(code)
                return f"data:{kind};base64,{code}"
        if there:
            self.left_out.append(f"{stem}.{KINDS[1][0]}")
        return None


def is_file_name(name: str, more: int = 0) -> bool:
    """Tell whether the file system takes a name, with so many bytes `more` of a temporary one."""
    return len(name.encode()) + more <= LONGEST_NAME


def fitting(drawn: dict[str, list], genes: list[str]) -> dict[str, list]:
    """Pictures of reads, by gene, that the page has room for: those of the first `genes` go before those of later ones.

    Parameters
    ----------
    drawn : dict of str to list of pileup.Picture
    genes : list of str
        Gravest first.
    """
    left, kept = READS_LIMIT, {}
    for gene in genes:
        size = sum(len(picture.svg) for picture in drawn.get(gene, ()))
        if 0 < size <= left:
            kept[gene], left = drawn[gene], left - size
    return kept
