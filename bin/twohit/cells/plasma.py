"""From a finished atlas, and its clones, to what the plasma cells show: antigens, light chains, class."""

from pathlib import Path

from twohit import schemas
from twohit.cells.antigens import antigen_table
from twohit.cells.cell_expression import MYELOMA_MARKERS, TARGET
from twohit.cells.light_chains import class_table, light_chains, plasma_cells
from twohit.cells.marker_panel import CELL_FACTS
from twohit.cells.plasma_input import read_plasma
from twohit.cli import progress
from twohit.genome.panel import read_known
from twohit.samples.rows import check_name
from twohit.tables import read_table, write_table

PLASMA_GENES = CELL_FACTS / "plasma_genes.tsv"


def judge_plasma_cells(patient: str, atlas: Path, panel: Path, copy_number: Path | None, outdir: Path) -> None:
    """Write P.antigens.tsv, P.light_chains.tsv, P.plasma_cells.tsv, P.plasma_classes.tsv.

    Raises
    ------
    InputError
        For every mistake in the input.
    """
    from twohit.cells.plasma_plots import draw_antigens

    check_name("--patient", patient)
    targets = read_known(panel)
    known = read_table(PLASMA_GENES, schemas.PLASMA_GENES)
    data = read_plasma(atlas, copy_number)
    genes = [*targets.loc[targets["role"] == TARGET, "gene"], *MYELOMA_MARKERS]
    always = known[known["use"] != "event"]  # what a translocation switches on, not every plasma cell expresses
    typical = dict(zip(always["gene"], always["rate"]))
    antigens = antigen_table(data, list(dict.fromkeys(genes)), typical)
    antigens = antigens.reindex(columns=schemas.ANTIGENS.names)  # without a plasma cell no row has numbers
    chains, chain, by_chain = light_chains(data)
    tables = {
        "antigens": (antigens, schemas.ANTIGENS),
        "light_chains": (chains, schemas.LIGHT_CHAINS),
        "plasma_cells": (plasma_cells(data, chain, by_chain), schemas.PLASMA_CELLS),
        "plasma_classes": (class_table(data, known[known["use"] == "event"]), schemas.PLASMA_CLASSES),
    }
    outdir.mkdir(parents=True, exist_ok=True)
    for name, (table, schema) in tables.items():
        write_table(table.reindex(columns=schema.names), schema, outdir / f"{patient}.{name}.tsv")
    draw_antigens(patient, antigens, outdir / f"{patient}.antigens")
    progress(f"{outdir}: antigens of {len(tables['plasma_cells'][0])} plasma cells")
