"""One run over one sample: read the input, count molecules, genotype, write the tables."""

from twohit.cells.barcoded_bam import count_molecules, read_molecules
from twohit.cells.genotype_input import make_sites, read_arms, read_listed_cells, read_sites
from twohit.cells.genotype_tables import cells_table, genotype_cells, pairs_table, shares_table
from twohit.cli import progress
from twohit.errors import InputError
from twohit.schemas import CELL_EVENT_PAIRS, CELL_GENOTYPES, CELL_MUTATIONS
from twohit.tables import write_table


def run(options) -> None:
    """Genotype the cells as the options of `genotype_cells.py` say.

    Raises
    ------
    InputError
        If neither --vcf nor --variants is given, or an input is not what it should be.
    """
    if not options.vcf and not options.variants:
        raise InputError("no sites: give --vcf or --variants")
    cells = read_listed_cells(options.barcodes, options.sample)
    listed = read_sites(options.vcf, options.variants)
    sites = make_sites(listed, options.reference)
    arms, clones = ({}, None) if options.copy_number is None else read_arms(options.copy_number, cells.names)
    molecules = read_molecules(
        options.bam, sites, cells.barcodes, options.reference, options.min_base_quality, options.min_mapping_quality
    )
    found = genotype_cells(listed, [count_molecules(item) for item in molecules], cells)
    write_table(cells_table(found, cells), CELL_GENOTYPES, options.out)
    if options.shares:
        write_table(shares_table(found, cells, clones, options.test, options.sample), CELL_MUTATIONS, options.shares)
    if options.pairs:
        pairs = pairs_table(found, cells, arms, options.test, options.sample, options.seed)
        write_table(pairs, CELL_EVENT_PAIRS, options.pairs)
    told = [item for item in found if item.told is not None]
    n_alt = sum(int(item.counts.alt.sum()) for item in found)
    progress(
        f"{options.out}: {len(told)} of {len(found)} sites have molecules in {len(cells.names)} cells, "
        f"{n_alt} of them mutated; a cell without a molecule is not told"
    )
