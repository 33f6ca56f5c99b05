"""Call and write: tables, summary and figures of single-cell copy number."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from twohit import schemas
from twohit.cells.bulk_regions import Bulk, fit_regions, read_bulk
from twohit.cells.concordance import concordance_table, draw_tracks, kappa_with_interval, regions_table
from twohit.cells.copy_number import COPIES, CopyNumber, Thresholds, call_copy_number
from twohit.cells.doublets import find_doublets
from twohit.cells.extra_evidence import read_extra
from twohit.cells.inputs import Inputs
from twohit.cells.reference_check import without_tumour
from twohit.cells.result_tables import (
    arms_table,
    cells_schema,
    cells_table,
    direction,
    pairs_table,
    shares_table,
    summary,
)
from twohit.cells.sample_times import read_times
from twohit.cells.segment_tables import (
    cell_clones,
    cell_segments,
    clone_shares_table,
    clones_table,
    segments_table,
    tree_table,
)
from twohit.cells.segments import Segmented, find_segments
from twohit.cli import progress
from twohit.errors import InputError
from twohit.genome.contigs import plain
from twohit.tables import empty, write_json, write_table


@dataclass(frozen=True)
class Beside:
    """Files that may be given beside the counts.

    Attributes
    ----------
    alleles : Path, optional
        Table CELL_ALLELE_LIKELIHOODS.
    bulk : Path, optional
        Table SEGMENTS: its regions are tested in the cells, and compared.
    embedding : Path, optional
        Table CELL_EMBEDDING: the cells are drawn there, coloured by change.
    samples : Path, optional
        Table CELL_SAMPLE_TIMES: groups are shown in the order of their days.
    if_possible : bool
        Alleles or bulk that fit nothing here are left out with a warning instead of an error.
    """

    alleles: Path | None = None
    bulk: Path | None = None
    embedding: Path | None = None
    samples: Path | None = None
    if_possible: bool = False


def call_and_write(
    inputs: Inputs, thresholds: Thresholds, outdir: Path, settings: dict, beside: Beside = Beside()
) -> CopyNumber:
    """Fit, write the tables, `cell_copy_number.json` and the figures.

    Parameters
    ----------
    inputs : Inputs
    thresholds : Thresholds
    outdir : Path
    settings : dict
        Told in the JSON.
    beside : Beside
    """
    from twohit.cells.clone_plots import draw_clones
    from twohit.cells.copy_number_plots import draw_heat_map, draw_mixtures
    from twohit.cells.embedding_plot import draw_embedding, read_embedding

    n_warnings = len(inputs.warnings)
    if beside.samples is not None:
        inputs = replace(inputs, times=read_times(beside.samples))
    inputs, mixed = find_doublets(inputs)
    doublets = sorted(inputs.cells[mixed])
    for text in inputs.warnings[n_warnings:]:
        progress(f"warning: {text}")
    plan = inputs.plan
    known = _given(read_bulk, beside, beside.bulk, inputs, {plain(chrom) for chrom, _, _ in plan.spans})
    place = None if beside.embedding is None else read_embedding(beside.embedding, inputs.cells)
    place = None if place is None else dict(zip(inputs.cells, place, strict=True))
    extra = _given(read_extra, beside, beside.alleles, inputs, inputs.cells, plan.arms)
    result = call_copy_number(inputs.counts, inputs.groups, plan.gene_class, plan.arm, plan.arms, thresholds, extra)
    cleaned = without_tumour(inputs, result, thresholds)
    if cleaned is not None:
        extra = None if extra is None else extra[np.isin(inputs.cells, cleaned.cells)]
        inputs = cleaned
        progress(f"warning: {inputs.warnings[-1]}")
        result = call_copy_number(inputs.counts, inputs.groups, plan.gene_class, plan.arm, plan.arms, thresholds, extra)
    segmented = find_segments(inputs.counts, inputs.groups, plan, result, thresholds, extra)
    clones = segmented.result.clones
    outdir.mkdir(parents=True, exist_ok=True)
    write_table(arms_table(inputs, result), schemas.CELL_ARMS, outdir / "arms.tsv")
    write_table(cells_table(inputs, result, clones), cells_schema(inputs), outdir / "cells.tsv")
    write_table(shares_table(inputs, result), schemas.CELL_ARM_SHARES, outdir / "arm_shares.tsv")
    write_table(pairs_table(inputs, result), schemas.CELL_ARM_PAIRS, outdir / "arm_pairs.tsv")
    write_segments(inputs, segmented, outdir)
    draw_heat_map(inputs, result, segmented, outdir / "cell_copy_number")
    draw_mixtures(inputs, result, outdir / "cell_mixtures")
    draw_clones(inputs, segmented, outdir / "cell_clones")
    if place is not None:
        draw_embedding(inputs, segmented, np.array([place[cell] for cell in inputs.cells]), outdir / "cell_embedding")
    told = summary(inputs, result, clones, settings) | {"doublets": doublets}
    if extra is not None:
        told["alleles"] = alleles_told(extra[~inputs.groups.reference_cells], plan.arms)
    if known is not None:
        told["bulk"] = write_bulk(inputs, segmented, known, thresholds, extra, outdir)
    write_json(told, outdir / "cell_copy_number.json")
    for text in result.warnings:
        progress(f"warning: {text}")
    called = [f"{plan.arms[i]} {direction(result, i)}" for i in np.flatnonzero(result.significant)]
    parts = [f"part {segmented.pieces[i].name}" for i in segmented.result.clone_arms if "(" in segmented.pieces[i].name]
    progress(
        f"{outdir}: {', '.join(called + parts) or 'no arm'} called in {(~inputs.groups.reference_cells).sum()} tested "
        "cells"
    )
    return result


def _given(read, beside: Beside, path: Path | None, inputs: Inputs, *arguments):
    """Read a file that may be given; one that fits nothing here is warned of where `if_possible` is asked for."""
    if path is None:
        return None
    try:
        return read(path, *arguments)
    except InputError as error:
        if not beside.if_possible:
            raise
        inputs.warnings.append(f"left out: {error}")
        progress(f"warning: {inputs.warnings[-1]}")
        return None


def alleles_told(extra: np.ndarray, arms: list[str]) -> list[dict]:
    """Arms on which alleles of tested cells speak: how many cells, summed log likelihood ratios against two copies."""
    cells = (extra != 0).any(axis=2)
    against = (extra - extra[:, :, [COPIES.index(2)]]).sum(axis=0)
    return [
        {"arm": arms[index], "n_cells": int(cells[:, index].sum())}
        | {f"log_ratio_copies_{n}": float(against[index, k]) for k, n in enumerate(COPIES) if n != 2}
        for index in np.flatnonzero(cells.any(axis=0))
    ]


def write_segments(inputs: Inputs, segmented: Segmented, outdir: Path) -> None:
    """Write the tables of clones and segments."""
    write_table(clones_table(inputs, segmented), schemas.CELL_CLONES, outdir / "clones.tsv")
    write_table(clone_shares_table(inputs, segmented), schemas.CELL_CLONE_SHARES, outdir / "clone_shares.tsv")
    write_table(tree_table(inputs, segmented), schemas.CELL_CLONE_TREE, outdir / "clone_tree.tsv")
    write_table(segments_table(inputs, segmented), schemas.CELL_SEGMENTS, outdir / "segments.tsv")
    write_table(*cell_segments(inputs, segmented), outdir / "cell_segments.tsv")
    write_table(*cell_clones(inputs, segmented), outdir / "cell_clones.tsv")


def write_bulk(inputs: Inputs, segmented: Segmented, bulk: Bulk, thresholds: Thresholds, extra, outdir: Path) -> dict:
    """Test the bulk's regions, compare arm by arm, write tables and tracks; what the summary tells of it."""
    regions = fit_regions(inputs.counts, inputs.groups, inputs.plan, bulk, thresholds, extra)
    write_table(regions_table(inputs, regions), schemas.CELL_BULK_REGIONS, outdir / "bulk_regions.tsv")
    table = concordance_table(inputs, segmented, bulk)
    write_table(table, schemas.CELL_CONCORDANCE, outdir / "concordance.tsv")
    kappa = kappa_with_interval(table)
    draw_tracks(inputs, segmented, bulk, kappa, outdir / "bulk_concordance")
    names = ("kappa", "kappa_lower", "kappa_upper", "n_arms")
    return {"base_copies": bulk.base, **dict(zip(names, kappa, strict=True))}


def write_untestable(reason: str, outdir: Path, settings: dict) -> None:
    """Write the tables without a row, and why: nothing could be compared."""
    from twohit import SCHEMA_VERSION

    outdir.mkdir(parents=True, exist_ok=True)
    for name, schema in (
        ("arms", schemas.CELL_ARMS),
        ("cells", schemas.cell_copy_number([])),
        ("clones", schemas.CELL_CLONES),
        ("clone_shares", schemas.CELL_CLONE_SHARES),
        ("clone_tree", schemas.CELL_CLONE_TREE),
        ("segments", schemas.CELL_SEGMENTS),
        ("arm_shares", schemas.CELL_ARM_SHARES),
        ("arm_pairs", schemas.CELL_ARM_PAIRS),
    ):
        write_table(empty(schema), schema, outdir / f"{name}.tsv")
    told = {"schema_version": SCHEMA_VERSION, **settings, "not_assessable": reason, "groups": [], "warnings": [reason]}
    write_json(told, outdir / "cell_copy_number.json")
    progress(f"warning: copy number of cells cannot be told: {reason}")
