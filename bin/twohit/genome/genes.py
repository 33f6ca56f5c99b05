"""Gene positions from a GTF, a GFF3 or a TSV (gene chrom start end)."""

import re
from pathlib import Path

import pandas as pd

from twohit.errors import UNREADABLE, InputError
from twohit.schemas import GENES
from twohit.tables import read_table
from twohit.textfiles import is_zipped, open_text

GENE_FEATURES = ("gene", "ncRNA_gene", "pseudogene")
GTF_NAME = re.compile(r'gene_name "([^"]+)"')
GTF_ID = re.compile(r'gene_id "([^"]+)"')
GFF_NAME = re.compile(r"(?:^|;)(?:Name|gene_name|gene)=([^;]+)")
GFF_ID = re.compile(r"(?:^|;)(?:gene_id|ID)=(?:gene:)?([^;]+)")


def read_genes(path: str | Path) -> pd.DataFrame:
    """Read gene positions; the format is told by the file's content.

    Returns
    -------
    DataFrame
        Columns gene, chrom (as in the file), start (1-based), end, in file order, one row a gene and place.

    Raises
    ------
    InputError
        No such file, no gene in it, or a row that cannot be read (its number is named).
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; give a GTF, a GFF3 or a TSV with gene, chrom, start, end")
    try:
        with open_text(path) as lines:
            first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
        if first.count("\t") == 8:
            genes = _read_features(path)
        else:
            genes = read_table(path, GENES) if not is_zipped(path) else _read_zipped_table(path)
    except UNREADABLE as error:
        raise InputError(f"{path}: cannot be read as text ({error}); give a GTF, a GFF3 or a TSV") from error
    if genes.empty:
        raise InputError(f"{path}: holds no gene; give a GTF, a GFF3 or a TSV with gene, chrom, start, end")
    bad = genes["start"] > genes["end"]
    if bad.any():
        row = genes[bad].iloc[0]
        raise InputError(f"{path}: gene {row['gene']}: start {row['start']} is after end {row['end']}")
    genes = genes[["gene", "chrom", "start", "end"]].astype({"start": "int64", "end": "int64"})
    return genes.drop_duplicates().reset_index(drop=True)


def _read_zipped_table(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, sep="\t", dtype=str)
    missing = [name for name in GENES.names if name not in frame.columns]
    if missing:
        raise InputError(f"{path}: column {missing[0]!r} is missing; a TSV of genes has {', '.join(GENES.names)}")
    for name in ("start", "end"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    if frame[list(GENES.names)].isna().any().any():
        row = int(frame[list(GENES.names)].isna().any(axis=1).to_numpy().argmax())
        raise InputError(f"{path}: row {row + 2} is not a gene, a contig and two positions")
    return frame


def _read_features(path: Path) -> pd.DataFrame:
    rows: list[tuple] = []
    with open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("#") or not line.strip():
                continue
            fields = line.rstrip("\n").split("\t")
            if len(fields) != 9:
                raise InputError(f"{path}: row {number} has {len(fields)} columns, a GTF or GFF3 has 9")
            if fields[2] not in GENE_FEATURES:
                continue
            try:
                rows.append((_name(fields[8]), fields[0], int(fields[3]), int(fields[4])))
            except ValueError as error:
                raise InputError(f"{path}: row {number}: {error}") from error
    return pd.DataFrame(rows, columns=["gene", "chrom", "start", "end"])


def _name(attributes: str) -> str:
    for pattern in (GTF_NAME, GTF_ID) if 'gene_id "' in attributes else (GFF_NAME, GFF_ID):
        match = pattern.search(attributes)
        if match:
            return match.group(1).strip()
    raise ValueError("the gene has neither a name nor an id")
