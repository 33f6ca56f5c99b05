"""Read the alleles of single cells at the patient's heterozygous SNPs; tell what they say of each arm's copies."""

from pathlib import Path

import numpy as np
import pandas as pd

from twohit.cells.allele_evidence import (
    COPIES,
    PhasedCounts,
    arm_likelihoods,
    bulk_phase,
    self_phased_likelihoods,
)
from twohit.cells.barcoded_bam import Molecules, count_molecules, read_molecules
from twohit.cells.genotype_input import ALL, ListedCells, read_arms, read_listed_cells
from twohit.cli import progress
from twohit.copynumber.alleles import heterozygous_probability
from twohit.copynumber.counts import SnpCounts, read_snp_counts
from twohit.errors import InputError
from twohit.genome.contigs import Genome, load_genome, plain
from twohit.schemas import CELL_ALLELE_LIKELIHOODS, SEGMENTS
from twohit.tables import empty, read_table, write_table
from twohit.variants.read_alleles import ALT, REF, Site

HETEROZYGOUS = 0.9  # posterior from which a SNP of the normal counts as heterozygous
IMBALANCED = 0.2  # absolute allelic log odds of a segment from which the bulk tells the haplotypes apart
LEAST_PHASE = 2.2  # log odds of the phase of a SNP (9 : 1) below which it is left out
GENE_GAP = 10_000  # bases between SNPs from which on they are of different genes
SEX = ("X", "Y")


def run(options) -> None:
    """Count and write as the options of `count_cell_alleles.py` say.

    Raises
    ------
    InputError
        If BAMs and samples do not match, the tumour is not in the counts, or no SNP tells anything.
    """
    samples = options.sample or [None] * len(options.bam)
    if len(samples) != len(options.bam):
        raise InputError(f"--sample names {len(samples)} samples for {len(options.bam)} BAMs; give one for each")
    genome = load_genome(options.genome)
    counts = read_snp_counts(options.snp_counts, genome)
    if not 1 <= options.tumor <= counts.n_tumors:
        raise InputError(f"--tumor {options.tumor}: {options.snp_counts} has {counts.n_tumors}; count from 1")
    segments = read_table(options.segments, SEGMENTS) if options.segments else None
    snps = phased_snps(counts, options.tumor, segments, genome)
    alleles = read_snp_alleles(options.snp_counts)
    snps = snps[[key in alleles for key in zip(snps["chrom"], snps["pos"])]].reset_index(drop=True)
    if snps.empty:
        reason = f"{options.snp_counts}: no heterozygous SNP lies where the tumour has more of one allele"
        if not options.if_possible:
            raise InputError(f"{reason}; leave alleles out")
        write_table(empty(CELL_ALLELE_LIKELIHOODS), CELL_ALLELE_LIKELIHOODS, options.out)
        progress(f"warning: {reason}: nothing is told")
        return
    tables = []
    for bam, sample in zip(options.bam, samples, strict=True):
        cells = read_listed_cells(options.barcodes, sample)
        molecules = read_molecules(bam, snp_sites(snps, alleles), cells.barcodes, options.reference)
        if segments is not None:
            tables.append(allele_table(cells, snps, molecules, options.test))
        else:
            tables.append(self_phased_table(cells, snps, molecules, read_arms(options.copy_number, cells.names)[0]))
    table = pd.concat(tables, ignore_index=True)
    write_table(table, CELL_ALLELE_LIKELIHOODS, options.out)
    progress(f"{options.out}: {len(snps)} SNPs on {snps['arm'].nunique()} arms, {len(table)} pairs of cell and arm")


def phased_snps(counts: SnpCounts, tumor: int, segments: pd.DataFrame | None, genome: Genome) -> pd.DataFrame:
    """Heterozygous SNPs in regions where the bulk tumour has more of one allele, with their phase.

    Copy-neutral loss of an allele is left out: its cells have one haplotype, but not one copy.

    Parameters
    ----------
    counts : SnpCounts
        Of the patient; row 0 is the normal.
    tumor : int
        Row of the tumour whose segments are given.
    segments : DataFrame, optional
        Schema SEGMENTS; without, every heterozygous SNP is given, its phase not known.
    genome : Genome

    Returns
    -------
    DataFrame
        chrom (as in the counts file), pos, arm, segment, phase (log odds: the alternative is on the major haplotype).
    """
    het = (heterozygous_probability(counts.ref[0], counts.alt[0]) >= HETEROZYGOUS) & counts.listed
    names = np.array(counts.contigs, dtype=object)[counts.chrom[het]]
    frame = pd.DataFrame({"plain": names, "pos": counts.pos[het]})
    frame["ref_reads"], frame["alt_reads"] = counts.ref[tumor][het], counts.alt[tumor][het]
    frame["site"] = np.flatnonzero(het)
    frame["chrom"] = frame["plain"].map(lambda name: counts.spelling.get(name, name))
    frame["arm"] = genome.arm_of(frame["plain"].to_numpy(), frame["pos"].to_numpy())
    frame["log_odds"], frame["segment"], frame["phase"] = np.nan, -1, np.nan
    frame = frame[~frame["plain"].isin(SEX)]
    if segments is None:
        return frame.reset_index(drop=True)
    for number, row in enumerate(segments.itertuples()):
        if row.minor_cn == 0 and row.total_cn != 1:
            continue  # one haplotype, but not one copy: it says nothing of dose
        here = (frame["plain"] == plain(row.chrom)) & frame["pos"].between(row.start, row.end)
        frame.loc[here, ["log_odds", "segment"]] = (abs(row.log_odds), number)
    frame = frame[frame["log_odds"] >= IMBALANCED].copy()
    frame["phase"] = bulk_phase(
        frame["ref_reads"].to_numpy(), frame["alt_reads"].to_numpy(), frame["log_odds"].to_numpy(dtype=float)
    )
    return _one_segment_an_arm(frame[frame["phase"].abs() >= LEAST_PHASE])


def _one_segment_an_arm(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the imbalanced segment of an arm with most SNPs: haplotypes of two segments need not be in phase."""
    size = frame.groupby(["arm", "segment"])["pos"].transform("size")
    best = size == size.groupby(frame["arm"]).transform("max")
    first = frame[best].groupby("arm")["segment"].transform("min")
    kept = frame[best][frame[best]["segment"] == first]
    return kept.sort_values(["arm", "pos"], kind="stable").reset_index(drop=True)


def read_snp_alleles(path: Path) -> dict[tuple[str, int], tuple[str, str]]:
    """Read the alleles of each site of a snp-pileup file: (chrom as written, pos) to (ref, alt)."""
    frame = pd.read_csv(path, usecols=["Chromosome", "Position", "Ref", "Alt"], dtype=str)
    one = frame["Ref"].str.fullmatch("[ACGT]") & frame["Alt"].str.fullmatch("[ACGT]")
    frame = frame[one.fillna(False)]
    keys = zip(frame["Chromosome"], frame["Position"].astype(int))
    return dict(zip(keys, zip(frame["Ref"], frame["Alt"])))


def snp_sites(snps: pd.DataFrame, alleles: dict) -> list[Site]:
    """Sites of substitutions as reads are compared with them."""
    keys = [(chrom, int(pos), *alleles[chrom, pos]) for chrom, pos in zip(snps["chrom"], snps["pos"])]
    return [Site(key, key[1] - 1, key[1], key[2], key[3], 1) for key in keys]


def allele_table(cells: ListedCells, snps: pd.DataFrame, molecules: list[Molecules], tested: str) -> pd.DataFrame:
    """Log likelihoods of copies 1, 2, 3 of each cell and arm with a molecule (schema CELL_ALLELE_LIKELIHOODS)."""
    normal = None if ALL in cells.types else ~np.isin(cells.types, (tested, "unknown"))
    rows = []
    for arm, part in snps.groupby("arm", sort=False):
        counts = phased_counts(part, [molecules[k] for k in part.index], len(cells.names))
        rows.append(_rows(cells, arm, counts.cell, arm_likelihoods(counts, normal)))
    return pd.concat(rows, ignore_index=True)


def self_phased_table(
    cells: ListedCells, snps: pd.DataFrame, molecules: list[Molecules], arms: dict[str, np.ndarray]
) -> pd.DataFrame:
    """The same for the arms that expression calls lost, phased by the cells themselves."""
    rows = [pd.DataFrame(columns=CELL_ALLELE_LIKELIHOODS.names)]
    for arm, part in snps.groupby("arm", sort=False):
        carrier = arms.get(f"{arm}:loss")
        if carrier is None:
            continue
        found = [count_molecules(molecules[k]) for k in part.index]
        cell = np.concatenate([one.cell for one in found]).astype(int)
        snp = np.repeat(np.arange(len(found)), [len(one.cell) for one in found])
        ref, alt = (np.concatenate([getattr(one, name) for one in found]) for name in ("ref", "alt"))
        told = self_phased_likelihoods(cell, snp, ref, alt, np.nan_to_num(carrier, nan=0.5))
        rows.append(_rows(cells, arm, cell[ref + alt > 0], told))
    return pd.concat([row for row in rows if len(row)] or rows, ignore_index=True)


def _rows(cells: ListedCells, arm: str, index: np.ndarray, told: np.ndarray) -> pd.DataFrame:
    here = np.unique(index)
    frame = pd.DataFrame(told[here], columns=[f"copies_{n}" for n in COPIES])
    frame.insert(0, "cell", [cells.names[k] for k in here])
    frame.insert(1, "arm", arm)
    return frame


def phased_counts(snps: pd.DataFrame, molecules: list[Molecules], n_cells: int) -> PhasedCounts:
    """Count molecules per cell and gene by haplotype; a molecule over several SNPs counts once, by their sum.

    Parameters
    ----------
    snps : DataFrame
        Of one arm, in order of pos, with their phase.
    molecules : list of Molecules
        One a SNP.
    """
    locus = np.cumsum(np.r_[0, np.diff(snps["pos"].to_numpy()) > GENE_GAP])
    votes: dict[tuple[int, int, str], float] = {}
    for where, phase, found in zip(locus, snps["phase"].to_numpy(), molecules, strict=True):
        for cell, umi, allele in zip(found.cell, found.umi, found.allele, strict=True):
            if allele in (REF, ALT):
                key = (cell, int(where), umi)
                votes[key] = votes.get(key, 0.0) + (phase if allele == ALT else -phase)
    totals: dict[tuple[int, int], list[int]] = {}
    for (cell, where, _), vote in votes.items():
        if vote:
            totals.setdefault((cell, where), [0, 0])[int(vote < 0)] += 1
    keys = sorted(totals)
    wrong = 1 / (1 + np.exp(np.abs(snps["phase"].to_numpy())))
    flipped = np.array([wrong[locus == number].mean() for number in range(locus[-1] + 1)])
    counted = np.array([totals[key] for key in keys], dtype=int).reshape(-1, 2)
    places = np.array(keys, dtype=int).reshape(-1, 2)
    return PhasedCounts(places[:, 0], places[:, 1], counted[:, 0], counted[:, 1], flipped, n_cells)
