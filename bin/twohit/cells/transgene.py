"""Which part of a transgene can be told from the genome's own genes: pieces of it are mapped as its reads would be.

A CAR borrows domains from genes of the cell (CD8A, TNFRSF9, CD247 ...). A read that fits both is counted for neither.
"""

import tempfile
from collections import defaultdict
from pathlib import Path

import pandas as pd

from twohit.cells.read_reference import GTF, read_fasta, run_star
from twohit.schemas import TRANSGENES
from twohit.tables import write_table

PIECE = 90  # bases, a usual cDNA read of 10x
STEP = 10  # bases from piece to piece
END = 500  # bases before the 3' end that most reads of a 3' kit lie in
LEAST_OWN = 0.2  # share of the end's pieces that must be its own: 100 of 500 bases
TABLE = "transgenes.tsv"


def judge(transgene: Path, folder: Path, threads: int = 1) -> pd.DataFrame:
    """Map pieces of each record with the index in `folder`, write `transgenes.tsv` there.

    Parameters
    ----------
    transgene : Path
        FASTA of the construct(s), as given to `read_reference.prepare`.
    folder : Path
        Folder with genes.gtf and index/.
    threads : int

    Returns
    -------
    DataFrame
        TRANSGENES, a row a record.
    """
    records = read_fasta(transgene)
    found = _map(records, folder, threads)
    exons = _exons(folder / GTF)
    table = pd.DataFrame([_row(name, len(text), found[name], exons) for name, text in records.items()])
    write_table(table, TRANSGENES, folder / TABLE)
    return table


def pieces(length: int) -> list[int]:
    """Starts of the pieces of a record; a record shorter than a piece is one."""
    last = max(0, length - PIECE)
    return sorted({*range(last, -1, -STEP), 0})


def _map(records: dict[str, str], folder: Path, threads: int) -> dict[str, dict[int, list[tuple[str, int, bool]]]]:
    """Places of each piece by record and start: (contig, first base, on the reverse strand)."""
    found = {name: {start: [] for start in pieces(len(text))} for name, text in records.items()}
    with tempfile.TemporaryDirectory(dir=folder, prefix=".star.") as work:
        made = Path(work) / "pieces.fa"
        lines = [
            f">{name}:{start}\n{records[name][start : start + PIECE]}\n" for name in found for start in found[name]
        ]
        made.write_text("".join(lines), encoding="utf-8")
        run_star(["STAR", "--runThreadN", threads, "--genomeDir", folder / "index", "--readFilesIn", made,
                  "--outFileNamePrefix", f"{work}/", "--outSAMtype", "SAM"])  # fmt: skip
        for line in (Path(work) / "Aligned.out.sam").read_text(encoding="utf-8").splitlines():
            if not line.startswith("@"):
                piece, flag, contig, position = line.split("\t", 4)[:4]
                name, start = piece.rsplit(":", 1)
                found[name][int(start)].append((contig, int(position), bool(int(flag) & 16)))
    return found


def _exons(path: Path) -> dict[str, list[tuple[int, int, str]]]:
    """Exons of each contig: first base, last base, name of the gene."""
    exons = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        columns = line.split("\t")
        if columns[2] == "exon":
            name = columns[8].split('gene_name "', 1)[1].split('"', 1)[0]
            exons[columns[0]].append((int(columns[3]), int(columns[4]), name))
    return exons


def _row(name: str, length: int, found: dict[int, list], exons: dict) -> dict:
    """Judge one record by the places of its pieces."""
    own = {start: len(places) == 1 and places[0][0] == name and not places[0][2] for start, places in found.items()}
    end = [mine for start, mine in own.items() if start >= length - END] or list(own.values())
    shared: dict[str, None] = {}
    for places in found.values():
        for contig, position, _ in places:
            if contig != name:
                names = [
                    gene for low, high, gene in exons.get(contig, []) if low < position + PIECE and position <= high
                ]
                shared |= dict.fromkeys(names or [contig])
    share = sum(end) / len(end)
    return {
        "transgene": name, "length": length, "own_share": sum(own.values()) / len(own), "end_own_share": share,
        "end_seen": "yes" if share >= LEAST_OWN else "no", "shared_with": ",".join(sorted(shared)) or None,
    }  # fmt: skip
