"""All pictures of a patient's fits, written one after the other."""

from pathlib import Path

from twohit.cli import progress
from twohit.copynumber.comparison import draw_comparison
from twohit.copynumber.figures import draw_genome, draw_surface
from twohit.copynumber.zoom import draw_zooms
from twohit.genome.contigs import Genome


def draw_all(fits: list, genome: Genome, places, near: list[str], folder: Path) -> None:
    """Draw the genome, purity and ploidy and the genes of each sample, and several samples side by side.

    Parameters
    ----------
    fits : list of run.Fit
    places : output.Places
    near : list of str
        Genes to draw from near.
    """
    for fit in fits:
        progress(f"{fit.sample}: drawing the genome, purity and ploidy, {len(near)} genes")
        draw_genome(fit, genome, folder / f"{fit.sample}.genome")
        draw_surface(fit, folder / f"{fit.sample}.purity_ploidy")
        if near:
            draw_zooms(fit, places, near, folder)
    if len(fits) > 1:
        draw_comparison(fits, genome, folder / f"{fits[0].sample}.comparison")
