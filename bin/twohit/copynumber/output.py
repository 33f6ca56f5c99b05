"""All tables of one sample, written."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twohit import schemas
from twohit.cli import progress
from twohit.copynumber import calls, joined
from twohit.copynumber.exchange import write_seg, write_vcf
from twohit.copynumber.exons import exons_table, panel_exons
from twohit.copynumber.focal_limits import focal_limits_table
from twohit.copynumber.gene_solutions import far_from_loci, gene_posteriors, gene_solutions_table
from twohit.errors import InputError
from twohit.genome.contigs import Genome, plain
from twohit.genome.cytobands import read_cytobands
from twohit.genome.genes import read_genes
from twohit.genome.panel import OTHER, TARGET, read_with_models
from twohit.tables import write_json, write_table

MOST_GENES = 500  # that are told one by one whatever their role: each takes some 10 ms a solution
MOST_DRAWN = 100  # genes of a panel that are all drawn from near


@dataclass
class Places:
    """What is told apart from segments and arms; None where it is not asked for.

    Attributes
    ----------
    genes : DataFrame, columns of the GENES table
    bands : DataFrame, from `read_cytobands`
    exons : DataFrame, from `panel_exons`
    near : list of str
        Genes of the panel that are drawn from near; by default all that have exons here.
    """

    genes: pd.DataFrame | None = None
    bands: pd.DataFrame | None = None
    exons: pd.DataFrame | None = None
    near: list[str] | None = None

    @property
    def wanted(self) -> pd.DataFrame:
        """Genes whose states are told one by one: those of the panel (`told_apart`), else all if they are few."""
        if self.exons is None:
            return self.genes if len(self.genes) <= MOST_GENES else self.genes.iloc[:0]
        return self.genes[self.genes["gene"].isin(self.exons["gene"])]


def read_places(genome: Genome, genes: Path | None, cytobands: Path | None, panel: Path | None) -> Places:
    """Read the positions that calls are asked for.

    Raises
    ------
    InputError
        See the readers; also for genes of another genome, and a panel without gene models.
    """
    if panel is not None and genes is None:
        raise InputError(f"{panel}: exons need gene models; give a GFF3 with exon lines by --genes")
    table = read_genes(genes) if genes is not None else None
    if table is not None:
        known = table["chrom"].map(plain).isin(genome.lengths)
        if not known.any():
            raise InputError(f"{genes}: no gene on a contig of {genome.name}; give the genes of the same genome")
        table = table[known].reset_index(drop=True)
    bands = read_cytobands(cytobands, genome) if cytobands is not None else None
    if panel is None:
        return Places(table, bands)
    listed, models = read_with_models(panel, genes)
    return Places(table, bands, panel_exons(models, told_apart(listed), panel), drawn(listed))


def told_apart(panel: pd.DataFrame) -> list[str]:
    """Genes of a panel whose states and exons are told one by one: all, of many those whose role is not `other`."""
    if len(panel) <= MOST_GENES:
        return list(panel["gene"])
    some = list(panel.loc[panel["role"] != OTHER, "gene"])
    progress(f"panel of {len(panel)} genes: those of the role other have the states of their segments, no exons")
    return some


def drawn(panel: pd.DataFrame) -> list[str]:
    """Genes of a panel that are drawn from near: all, of many those whose role is `target`."""
    if len(panel) <= MOST_DRAWN:
        return list(panel["gene"])
    some = list(panel.loc[panel["role"] == TARGET, "gene"])[:MOST_DRAWN]
    progress(f"panel of {len(panel)} genes: {len(some)} of the role target are drawn from near; others by --zoom")
    return some


def zoom_names(places: Places, named: list[str] | None) -> list[str]:
    """Names of the genes to draw from near: those asked for, else those of the panel.

    Raises
    ------
    InputError
        If a gene that was asked for has no position.
    """
    known = [] if places.genes is None else list(places.genes["gene"])
    for name in named or []:
        if name not in known:
            raise InputError(f"--zoom {name}: no such gene in --genes; use its symbol there")
    if named is not None:
        return list(dict.fromkeys(named))
    if places.exons is None:
        return []
    shown = places.exons["gene"] if places.near is None else places.near
    return [gene for gene in dict.fromkeys(shown) if gene in known]


def locus_name(sample: str, gene: str) -> str:
    """Name of a gene's picture without its ending."""
    return f"{sample}.{file_word(gene)}.locus"


def file_word(gene: str) -> str:
    """Spell a gene for file names; signs that no file name may hold are underscores."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", gene)


def write_fit(fit, facts: dict, genome: Genome, places: Places, folder: Path) -> None:
    """Write all tables of one sample.

    Parameters
    ----------
    fit : run.Fit
    facts : dict
        Content of S.purity_ploidy.json.
    """
    spelling = fit.profile.spelling
    frame = calls.segment_frame(fit.profile, fit.edges)
    posterior, listed = fit.posterior(), joined.join_solutions(fit.solutions, fit.problem.normal)
    name = str(folder / fit.sample)
    segments = calls.segments_table(frame, fit.levels, posterior).assign(**fit.breakpoints)
    write_table(segments, schemas.SEGMENTS, f"{name}.segments.tsv")
    write_table(calls.solutions_table(frame, listed, len(fit.solutions)), schemas.SOLUTIONS, f"{name}.solutions.tsv")
    write_table(calls.arms_table(frame, posterior, genome), schemas.ARMS, f"{name}.arms.tsv")
    if places.genes is not None:
        wanted = places.wanted
        own = gene_posteriors(fit, wanted, listed, genome, places.exons)
        far = far_from_loci(fit.profile, places.genes, genome)
        table = calls.genes_table(places.genes, frame, posterior, genome, own, fit.profile.sex, len(fit.solutions), far)
        write_table(table, schemas.GENE_STATES, f"{name}.genes.tsv")
        table = gene_solutions_table(wanted, own, [one.share for one in fit.solutions])
        write_table(table, schemas.GENE_SOLUTIONS, f"{name}.gene_solutions.tsv")
        write_table(focal_limits_table(fit, wanted, own), schemas.FOCAL_LIMITS, f"{name}.focal_limits.tsv")
    if places.bands is not None:
        table = calls.regions_table(frame, posterior, places.bands)
        table = table.assign(start=table["start"] + 1, chrom=table["chrom"].map(lambda c: spelling.get(c, c)))
        write_table(table, schemas.CYTOBANDS, f"{name}.cytobands.tsv")
    if places.exons is not None:
        write_table(exons_table(places.exons, fit), schemas.EXONS, f"{name}.exons.tsv")
    best = fit.solutions[0]
    write_seg(segments, fit.sample, float(best.offset @ best.weight), f"{name}.seg")
    write_vcf(segments, fit.sample, genome, fit.problem.normal, spelling, f"{name}.copy_number.vcf")
    write_json(facts, f"{name}.purity_ploidy.json")
