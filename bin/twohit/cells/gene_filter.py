"""Which genes speak for the dose of their arm, and where they lie."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twohit.cells.matrix_io import CellMatrix
from twohit.cli import progress
from twohit.errors import InputError
from twohit.genome.contigs import SEX_CHROMOSOMES, Genome, plain
from twohit.textfiles import open_text

# Expression set by rearrangement, type, stress or damage rather than by the number of copies.
EXCLUDED = {
    "immunoglobulin": re.compile(
        r"^IG[HKL][VJ]\d|^IGHD($|\d)|^IGH[AGME]\d?P?$|^IGKC$|^IGLC\d?$|^IGLL\d|^(JCHAIN|IGJ)$"
    ),
    "T-cell receptor": re.compile(r"^TR[ABGD][VJD]\d|^TR[ABGD]C\d?$"),
    "HLA": re.compile(r"^HLA-"),
    "mitochondrial": re.compile(r"^MT-|^MT(RNR|ND|CO|ATP|CYB)\d?"),
    "haemoglobin": re.compile(r"^HB[ABDEGMQZ]\d?$"),
    "nuclear RNA of damaged cells": re.compile(r"^(MALAT1|NEAT1)$"),
    "histone": re.compile(r"^HIST\d|^H(1|2A|2B|3|4)[-C]"),
}
GENE_ID = re.compile(r'gene_id[ =]"?(?:gene:)?([^";\s]+)')
# Cycling genes: S and G2/M programmes of Tirosh et al. 2016, doi:10.1126/science.aad0501.
_CYCLING_NAMES = """
MCM5 PCNA TYMS FEN1 MCM2 MCM4 RRM1 UNG GINS2 MCM6 CDCA7 DTL PRIM1 UHRF1 MLF1IP CENPU HELLS RFC2 RPA2 NASP
RAD51AP1 GMNN WDR76 SLBP CCNE2 UBR7 POLD3 MSH2 ATAD2 RAD51 RRM2 CDC45 CDC6 EXO1 TIPIN DSCC1 BLM CASP8AP2 USP1
CLSPN POLA1 CHAF1B BRIP1 E2F8 HMGB2 CDK1 NUSAP1 UBE2C BIRC5 TPX2 TOP2A NDC80 CKS2 NUF2 CKS1B MKI67 TMPO CENPF
TACC3 FAM64A PIMREG SMC4 CCNB2 CKAP2L CKAP2 AURKB BUB1 KIF11 ANP32E TUBB4B GTSE1 KIF20B HJURP CDCA3 HN1 JPT1
CDC20 TTK CDC25C KIF2C RANGAP1 NCAPD2 DLGAP5 CDCA2 CDCA8 ECT2 KIF23 HMMR AURKA PSRC1 ANLN LBR CKAP5 CENPE CTCF
NEK2 G2E3 GAS2L3 CBX5 CENPA
"""
CYCLING = frozenset(_CYCLING_NAMES.split())
# Messengers with a 5' terminal oligopyrimidine tract: cells raise and lower them together
# (Iadevaia et al. 2008, doi:10.1261/rna.1037108).
RIBOSOMAL = re.compile(
    r"^RP[LS]\d+[AXY]?$|^RPLP[012]$|^(RPSA|FAU|UBA52|RACK1|GNB2L1|EEF1A1|EEF1B2|EEF1D|EEF1G|EEF2|TPT1|NACA|PABPC1)$"
)
MIN_RIBOSOMAL = 20  # genes, on at least half as many arms, for a size of their own
MIN_CELLS_PER_GENE = 10  # cells a gene must be seen in (a twentieth of a small sample)
MIN_MATCHED = 50  # genes with a position
MIN_MATCHED_SHARE = 0.2  # of genes seen; clone-based names alone leave half of an old annotation unplaced
# Starts of genes in the two builds (Ensembl 110 and its GRCh37 archive): which build positions are of.
BUILDS = ("GRCh38", "hg19")
LANDMARKS = {
    "TP53": ("17", 7_661_779, 7_565_097),
    "TNFRSF17": ("16", 11_965_210, 12_058_964),
    "RB1": ("13", 48_303_747, 48_877_883),
    "MYC": ("8", 127_735_434, 128_747_680),
    "EGFR": ("7", 55_019_017, 55_086_714),
    "CD19": ("16", 28_931_965, 28_943_260),
    "CCND1": ("11", 69_641_156, 69_455_855),
}
NEAR_LANDMARK = 8_000  # annotations differ by less, the two builds by more
MIN_LANDMARKS = 2


@dataclass(frozen=True)
class GenePlan:
    """Genes kept, in the order of the matrix.

    Attributes
    ----------
    columns : array of int, shape (n_genes,)
        Columns of the matrix.
    arm : array of int, shape (n_genes,)
        Index into `arms`.
    arms : list of str
        Arms with a gene of the matrix, in genome order.
    position : array of float, shape (n_genes,)
        Middle of the gene.
    gene_class : array of int, shape (n_genes,)
        1 for ribosomal genes, 0 for others.
    excluded : dict of str to int
        Genes left out by rule.
    spans : list of (str, int, int)
        Contig (as spelt in the input), start and end of each arm, 1-based, inclusive.
    """

    columns: np.ndarray
    arm: np.ndarray
    arms: list[str]
    position: np.ndarray
    gene_class: np.ndarray
    excluded: dict[str, int]
    spans: list[tuple[str, int, int]]


def plan_genes(matrix: CellMatrix, places: pd.DataFrame, genome: Genome, source: str | Path) -> GenePlan:
    """Place genes on arms and drop those that do not follow the dose.

    Parameters
    ----------
    matrix : CellMatrix
        The cells used.
    places : DataFrame
        gene, chrom, start, end (`twohit.genome.genes.read_genes`), optionally with rows keyed by Ensembl id.
    genome : Genome
    source : path
        Named in errors.

    Raises
    ------
    InputError
        Few genes have a position, or positions lie beyond the ends of the contigs.
    """
    seen = np.asarray((matrix.counts > 0).sum(axis=0)).ravel()
    return plan_seen(seen, matrix.counts.shape[0], matrix.symbols, matrix.ids, places, genome, source)


def plan_seen(
    seen: np.ndarray,
    n_cells: int,
    symbols: np.ndarray,
    ids: np.ndarray,
    places: pd.DataFrame,
    genome: Genome,
    source: str | Path,
) -> GenePlan:
    """The same from how many of the cells express each gene (`seen`, shape (n_genes,)) and the genes' names."""
    place = _places(symbols, ids, places)
    expressed = seen > 0
    matched = place.notna().to_numpy() & expressed
    if matched.sum() < MIN_MATCHED or matched.sum() < MIN_MATCHED_SHARE * expressed.sum():
        raise InputError(
            f"{source}: has a position for {matched.sum()} of the {expressed.sum()} genes seen in the matrix (it names "
            f"{places['gene'].iloc[0]}, the matrix {symbols[0]}, {ids[0]}); give --genes of the same "
            "species and naming"
        )
    rows = places.iloc[place[matched].astype(int)]
    columns = np.flatnonzero(matched)
    chrom = rows["chrom"].map(plain).to_numpy(dtype=object)
    _check_build(rows, chrom, genome, source)
    _check_landmarks(rows, chrom, genome, source)
    middle = ((rows["start"] + rows["end"]) // 2).to_numpy()
    arm = genome.arm_of(chrom, middle)
    autosomal = np.array([name in genome.lengths and name not in SEX_CHROMOSOMES for name in chrom])
    rules, excluded = _rules(symbols[columns])
    enough = seen[columns] >= max(3, min(MIN_CELLS_PER_GENE, n_cells // 20))
    keep = autosomal & ~rules & enough
    arms = [name for name in genome.arms["arm"] if (arm[keep] == name).any()]
    if not arms:
        raise InputError(f"{source}: no gene of the matrix lies on an autosome of {genome.name}; check --genome")
    index = {name: number for number, name in enumerate(arms)}
    code = np.array([index[name] for name in arm[keep]], dtype=int)
    gene_class = _classes(symbols[columns][keep], code)
    by_rule = ", ".join(f"{title} {number}" for title, number in excluded.items() if number)
    progress(f"{keep.sum()} genes on {len(arms)} arms; left out by rule: {by_rule or 'none'}")
    spans = _spans(genome, arms, dict(zip(chrom[keep], rows["chrom"].to_numpy(dtype=object)[keep])))
    return GenePlan(columns[keep], code, arms, middle[keep].astype(float), gene_class, excluded, spans)


def _spans(genome: Genome, arms: list[str], spelling: dict[str, str]) -> list[tuple[str, int, int]]:
    known = {row.arm: (spelling.get(row.chrom, row.chrom), row.start + 1, row.end) for row in genome.arms.itertuples()}
    return [known[name] for name in arms]


def _places(symbols: np.ndarray, ids: np.ndarray, places: pd.DataFrame) -> pd.Series:
    """Row of `places` for each gene: by symbol, else by id (version cut off); NaN where unknown or on two contigs."""
    known = places.reset_index(drop=True)
    contigs = known.groupby("gene")["chrom"].nunique()
    known = known[known["gene"].map(contigs) == 1].drop_duplicates("gene")
    lookup = pd.Series(known.index.to_numpy(dtype=float), index=known["gene"])
    by_symbol = pd.Series(symbols).map(lookup)
    by_id = pd.Series([str(name).split(".")[0] for name in ids]).map(lookup)
    return by_symbol.fillna(by_id)


def ids_of(path: str | Path) -> pd.DataFrame:
    """Gene positions keyed by Ensembl id (version cut off), of a GTF or GFF3; empty for a TSV."""
    rows = []
    with open_text(path) as lines:
        for line in lines:
            fields = line.split("\t")
            if len(fields) == 9 and fields[2].endswith("gene") and (found := GENE_ID.search(fields[8])):
                rows.append((found.group(1).split(".")[0], fields[0], int(fields[3]), int(fields[4])))
    return pd.DataFrame(rows, columns=["gene", "chrom", "start", "end"])


def _check_build(rows: pd.DataFrame, chrom: np.ndarray, genome: Genome, source) -> None:
    length = pd.Series(chrom).map(genome.lengths).to_numpy(dtype=float)
    beyond = rows["end"].to_numpy() > np.where(np.isnan(length), np.inf, length)
    if beyond.any():
        row = rows[beyond].iloc[0]
        raise InputError(
            f"{source}: gene {row['gene']} ends at {row['chrom']}:{row['end']}, beyond the end of that contig in "
            f"{genome.name}; give --genes and --genome of one build"
        )


def _check_landmarks(rows: pd.DataFrame, chrom: np.ndarray, genome: Genome, source) -> None:
    """Refuse positions of the other build: starts of genes that moved by 11 kb to 1 Mb between the two."""
    if genome.name not in BUILDS:
        return
    other = next(name for name in BUILDS if name != genome.name)
    place = pd.Series(rows["start"].to_numpy(), index=list(zip(rows["gene"], chrom)))
    place = place[~place.index.duplicated()]
    near = {name: [] for name in BUILDS}
    for gene, (contig, *starts) in LANDMARKS.items():
        for name, start in zip(BUILDS, starts, strict=True):
            if (gene, contig) in place.index and abs(place[(gene, contig)] - start) < NEAR_LANDMARK:
                near[name].append(gene)
    if len(near[other]) >= MIN_LANDMARKS and not near[genome.name]:
        raise InputError(
            f"{source}: {', '.join(near[other])} lie where {other} has them, but --genome is {genome.name}; give "
            "--genes and --genome of one build"
        )


def _rules(symbols: np.ndarray) -> tuple[np.ndarray, dict[str, int]]:
    out = np.zeros(len(symbols), dtype=bool)
    excluded = {}
    for title, rule in EXCLUDED.items():
        hit = np.array([bool(rule.match(str(name))) for name in symbols])
        excluded[title] = int(hit.sum())
        out |= hit
    cycling = np.array([name in CYCLING for name in symbols])
    excluded["cycling"] = int(cycling.sum())
    return out | cycling, excluded


def _classes(symbols: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """Ribosomal genes are class 1 where there are enough of them, on enough arms, for a size of their own."""
    ribosomal = np.array([bool(RIBOSOMAL.match(str(name))) for name in symbols])
    if ribosomal.sum() < MIN_RIBOSOMAL or len(np.unique(arm[ribosomal])) < MIN_RIBOSOMAL // 2:
        return np.zeros(len(symbols), dtype=int)
    return ribosomal.astype(int)
