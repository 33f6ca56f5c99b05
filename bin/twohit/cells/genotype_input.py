"""What a barcoded BAM is asked for: the cells of one sample, and the sites to genotype."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.errors import UNREADABLE, InputError
from twohit.genome.reference import Reference
from twohit.schemas import CELL_ANNOTATIONS, CELL_ARMS, VARIANTS, cell_copy_number
from twohit.tables import read_table
from twohit.textfiles import open_text
from twohit.variants.coding import PLAIN_BASES
from twohit.variants.read_alleles import Key, Site, make_site

ALL = "all"  # group of the cells when their types are not known
# Consequences after which a copy may give less messenger; where none is told, it may too.
DECAYING = ("stop_gained", "frameshift_variant", "splice_acceptor_variant", "splice_donor_variant", "start_lost")
JUDGED = ("loss", "epitope_altered")  # germline variants that are genotyped, and events that are paired


@dataclass(frozen=True)
class ListedCells:
    """Cells of one sample: names as listed, barcodes as in the BAM, types, and library sizes (1 where not told)."""

    names: list[str]
    barcodes: list[str]
    types: np.ndarray
    sizes: np.ndarray


@dataclass(frozen=True)
class ListedSite:
    """One site to genotype.

    Attributes
    ----------
    key : Key
    gene, change : str or None
        Gene and protein change.
    may_decay : bool
        Whether the messenger of the mutated copy may decay.
    judged : bool
        Whether the mutation is judged to lose or alter the protein; True where nothing is told.
    """

    key: Key
    gene: str | None
    change: str | None
    may_decay: bool
    judged: bool

    @property
    def name(self) -> str:
        """As in TNFRSF17 p.Q38*, else chr16:1000:C:T."""
        return f"{self.gene} {self.change}" if self.gene and self.change else ":".join(map(str, self.key))


def read_listed_cells(path: Path, sample: str | None) -> ListedCells:
    """Read barcodes.tsv (.gz or not; one barcode a line), or a table of cells as P.cells.tsv.

    Raises
    ------
    InputError
        If there is no cell, a barcode occurs twice, or a table with several samples comes without --sample.
    """
    try:
        with open_text(path, errors="replace") as handle:
            lines = [line.rstrip("\n").split("\t")[0].strip() for line in handle]
    except UNREADABLE as error:
        raise InputError(f"{path}: no readable list of barcodes ({error}); give barcodes.tsv or P.cells.tsv") from error
    if lines and lines[0] == "cell":
        return _from_table(path, sample)
    names = [name for name in lines if name]
    odd = [name for name in names if not (name.isascii() and name.isprintable())]
    if odd:
        shown = ascii(odd[0][:40])
        raise InputError(f"{path}: {shown} is no barcode, so this is no list of them; give barcodes.tsv or P.cells.tsv")
    return _checked(path, names, names, np.full(len(names), ALL, dtype=object), np.ones(len(names)))


def _from_table(path: Path, sample: str | None) -> ListedCells:
    frame = read_table(path, CELL_ANNOTATIONS)
    known = list(dict.fromkeys(frame["sample"]))
    if sample is None and len(known) > 1:
        raise InputError(f"{path}: has cells of {', '.join(known)}; tell with --sample which one the BAM is of")
    if sample is not None and sample not in known:
        raise InputError(
            f"{path}: has no cell of sample {sample!r} (it has: {', '.join(known) or 'none'}); correct --sample"
        )
    frame = frame[frame["sample"] == (sample or known[0])] if known else frame
    names = frame["cell"].tolist()
    barcodes = [name.removeprefix(f"{row}:") for name, row in zip(names, frame["sample"])]
    return _checked(path, names, barcodes, frame["cell_type"].to_numpy(), frame["n_umis"].to_numpy(dtype=float))


def _checked(path: Path, names, barcodes, types, sizes) -> ListedCells:
    if not names:
        raise InputError(f"{path}: lists no cell; give the barcodes of the cells to genotype")
    double = pd.Series(barcodes)[pd.Series(barcodes).duplicated()]
    if len(double):
        raise InputError(f"{path}: barcode {double.iloc[0]} occurs twice; list each cell once")
    return ListedCells(names, barcodes, types, sizes)


def read_sites(vcfs: list[Path], tables: list[Path]) -> list[ListedSite]:
    """Read the sites of VCFs (records that pass) and of variant tables (somatic that pass, germline judged a loss)."""
    found: dict[Key, ListedSite] = {}
    for path in tables:
        for row in read_table(path, VARIANTS).itertuples():
            judged = row.loss_judgement in JUDGED
            if row.filter != "PASS" or (row.origin == "germline" and not judged):
                continue
            change = row.hgvs_p or row.hgvs_c
            decays = bool(set(str(row.consequence).split("&")) & set(DECAYING))
            _add(found, (row.chrom, int(row.pos), row.ref, row.alt), row.gene, change, decays, judged)
    for path in vcfs:
        for key in _vcf_keys(path):
            _add(found, key, None, None, True, True)
    return list(found.values())


def _add(found: dict, key: Key, gene, change, decays: bool, judged: bool) -> None:
    if set((key[2] + key[3]).upper()) <= PLAIN_BASES:
        found.setdefault(key, ListedSite(key, gene or None, change or None, decays, judged))


def _vcf_keys(path: Path):
    import pysam

    try:
        with pysam.VariantFile(str(path)) as handle:
            for record in handle:
                if not set(record.filter.keys()) - {"PASS"}:
                    yield from ((record.chrom, record.pos, record.ref, alt) for alt in record.alts or ())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a readable VCF ({error}); make it again") from error


def make_sites(listed: list[ListedSite], reference: Path | None) -> list[Site]:
    """Make the sites reads are compared with; an indel needs the reference around it.

    Raises
    ------
    InputError
        If an indel or block substitution is listed without a reference.
    """
    if reference is None:
        return [_substitution(item.key) for item in listed]
    with Reference(reference) as opened:
        return [make_site(item.key, opened) for item in listed]


def _substitution(key: Key) -> Site:
    chrom, pos, ref, alt = key
    if len(ref) != 1 or len(alt) != 1:
        raise InputError(f"{chrom}:{pos} {ref}>{alt}: needs the bases around it; give the genome with --reference")
    return Site(key, pos - 1, pos, ref.upper(), alt.upper(), 1)


def read_arms(folder: Path, names: list[str]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Read what `call_cell_copy_number.py` tells of the cells.

    Returns
    -------
    arms : dict of str to array, shape (n_cells,)
        Probability of each called arm's change, keyed as 16p:loss; nan for cells not told.
    clones : array of str or None, shape (n_cells,)
    """
    arms = read_table(folder / "arms.tsv", CELL_ARMS)
    called = arms[arms["significant"] == "yes"]
    cells = read_table(folder / "cells.tsv", cell_copy_number(called["arm"].tolist())).drop_duplicates("cell")
    if len(cells) and not set(cells["cell"]) & set(names):
        raise InputError(
            f"{folder / 'cells.tsv'}: none of its cells ({cells['cell'].iloc[0]} ...) is listed ({names[0]} ...); "
            "give copy number and barcodes of one sample"
        )
    cells = cells.set_index("cell").reindex(names)
    clones = cells["clone"].astype(object).where(cells["clone"].notna(), None).to_numpy()
    return {f"{row.arm}:{row.direction}": cells[row.arm].to_numpy(dtype=float) for row in called.itertuples()}, clones
