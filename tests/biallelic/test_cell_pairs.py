"""Hits in the same cells or not: cells of two twins whose bulk is alike, and cells that contradict the DNA."""

import numpy as np
import pandas as pd
import pytest

from tests.biallelic.folder import Folder, counted, mutation
from tests.biallelic.test_cells_join import add_cells
from twohit import schemas
from twohit.biallelic.cell_pairs import LEAST_FACTOR, cell_relations
from twohit.biallelic.evidence import read_evidence
from twohit.cells.event_pairs import BOTH, FIRST, NEITHER, SECOND, relate
from twohit.tables import write_table

CELLS, TOLD = 120, 0.5  # plasma cells; share of them with a molecule of the mutated site
ARM = 6.0  # log likelihood ratio of the arm in a cell


def pair(first: np.ndarray, second: np.ndarray, names=("16p:loss", "TNFRSF17 p.Q38*"), seed=1) -> dict:
    """Row of the table of pairs, by its own model, for cells that carry the events or not."""
    rng = np.random.default_rng(seed)
    seen = rng.random(CELLS) < TOLD
    reads = np.where(second, np.where(rng.random(CELLS) < 0.5, 4.0, -0.7), -0.7)  # the intact copy may be read too
    arm = np.where(first, ARM, -ARM)
    made = relate(arm[None], np.where(seen, reads, 0.0)[None], (seed,))
    row = {"sample": "S7", "cell_type": "plasma", "event_1": names[0], "event_2": names[1], "n_cells": CELLS,
           "n_informative": int(seen.sum()), "p_same_cells": made.together}  # fmt: skip
    row |= dict(zip(("share_both", "share_both_lower", "share_both_upper"), made.share_both))
    for name, k in (("both", BOTH), ("first", FIRST), ("second", SECOND), ("neither", NEITHER)):
        row |= dict(zip((f"n_{name}", f"n_{name}_lower", f"n_{name}_upper"), made.cells[k]))
    for name, p in made.probability.items():
        row[f"p_{'identical' if name == 'same_cells' else name}"] = p
    return row


def twin(path, same: bool | None, ccf=0.5, reads=(30, 110), seed=1):
    """One copy of TNFRSF17 lost in half of the cells, a stop in half: in the same cells, in others, or cells unseen."""
    stop = mutation("TNFRSF17", alt=reads[0], depth=reads[1])
    made = Folder(path).tumour().coverage().copies({"16": (1, 0, ccf), "17": (1, 0, 1.0)})
    made.somatic([stop]).genotypes(counted(stop)).arms({"17p": (1, 0, 1.0)})
    shares = {"16p": ("loss", CELLS * ccf), "17p": ("loss", float(CELLS))}
    add_cells(made, plasma=CELLS, altered=float(CELLS), shares=shares)
    if same is not None:
        lost = np.arange(CELLS) < CELLS * ccf
        rows = [pair(lost, lost if same else ~lost, seed=seed)]
        table = pd.DataFrame(rows, columns=schemas.CELL_EVENT_PAIRS.names)
        write_table(table, schemas.CELL_EVENT_PAIRS, made.path / "S7.event_pairs.tsv")
    return made


def test_cells_tell_twins_apart_whose_bulk_is_alike(tmp_path):
    found = {same: twin(tmp_path / str(same), same).judge()["TNFRSF17", "T1"] for same in (None, True, False)}
    alone, together, apart = found[None], found[True], found[False]
    assert 0.1 < alone["probability"] < 0.9, "half and half leave it open"
    assert together["verdict"] == "biallelic" and together["same_cells_probability"] > 0.98
    assert apart["probability"] < 0.05 and apart["same_cells_probability"] < 0.05
    assert apart["verdict"] in ("monoallelic", "not_assessable")
    assert together["share_lower"] <= 0.5 <= together["share_upper"]
    step, opposite = ([s for s in one["evidence"] if s["kind"] == "cells"][-1] for one in (together, apart))
    assert step["change"] > 1
    assert "16p loss and TNFRSF17 p.Q38* in the same cells, P 1.00" in step["step"]
    assert opposite["change"] < -1


def test_cells_without_a_molecule_change_nothing(tmp_path):
    made = twin(tmp_path / "none", None)
    before = made.judge()["TNFRSF17", "T1"]["probability"]
    row = pair(np.arange(CELLS) < 60, np.arange(CELLS) < 60)
    known = {f"p_{name}": 0.2375 for name in ("identical", "first_earlier", "second_earlier", "separate")}
    table = pd.DataFrame([row | known | {"p_crossing": 0.05}], columns=schemas.CELL_EVENT_PAIRS.names)
    write_table(table, schemas.CELL_EVENT_PAIRS, made.path / "S7.event_pairs.tsv")
    assert made.judge()["TNFRSF17", "T1"]["probability"] == pytest.approx(before)


def test_the_order_of_the_events_in_the_table_does_not_matter(tmp_path):
    made = twin(tmp_path / "turned", True)
    straight = made.judge()["TNFRSF17", "T1"]["probability"]
    table = pd.read_csv(made.path / "S7.event_pairs.tsv", sep="\t")
    turned = table.rename(columns={
        "event_1": "event_2", "event_2": "event_1", "p_first_earlier": "p_second_earlier",
        "p_second_earlier": "p_first_earlier",
    })  # fmt: skip
    write_table(turned[schemas.CELL_EVENT_PAIRS.names], schemas.CELL_EVENT_PAIRS, made.path / "S7.event_pairs.tsv")
    assert made.judge()["TNFRSF17", "T1"]["probability"] == pytest.approx(straight)


def test_cells_that_contradict_the_dna_are_not_averaged_away(tmp_path):
    """By the DNA the loss is in all tumour cells, so that the mutation's cells have it; the cells have them apart."""
    made = twin(tmp_path / "conflict", False, ccf=0.97, reads=(55, 110))
    lost = np.arange(CELLS) < 60
    sure = {f"p_{name}": 0.001 for name in ("identical", "first_earlier", "second_earlier", "crossing")}
    row = pair(lost, ~lost, seed=3) | sure | {"p_separate": 0.996}
    table = pd.DataFrame([row], columns=schemas.CELL_EVENT_PAIRS.names)
    write_table(table, schemas.CELL_EVENT_PAIRS, made.path / "S7.event_pairs.tsv")
    found = made.judge()["TNFRSF17", "T1"]
    assert found["verdict"] == "conflict" and found["probability"] is None
    assert "The DNA has both hits in the same cells" in found["reason"]


def test_no_relation_is_ruled_out_by_cells_of_another_piece_of_marrow(tmp_path):
    made = twin(tmp_path / "floor", True)
    evidence = read_evidence("P1", made.path, made.panel_path)
    from twohit.biallelic.cell_evidence import gene_in_cells
    from twohit.biallelic.hits import gene_mutations
    from twohit.biallelic.parameters import Parameters
    from twohit.biallelic.places import locate
    from twohit.genome.contigs import load_genome

    sample, place = evidence.samples[0], locate("TNFRSF17", evidence)
    cells = gene_in_cells(place, sample, evidence, load_genome(made.genome))
    mutations = gene_mutations("TNFRSF17", place, sample, evidence, Parameters())
    ((pair_of, told),) = cell_relations("TNFRSF17", mutations, cells).items()
    assert pair_of == (-1, 0) and told.direction == "loss"
    assert min(told.identical, told.first_earlier, told.second_earlier, told.separate) >= LEAST_FACTOR
    assert told.identical > 1 > told.separate
    assert cell_relations("TNFRSF17", mutations, None) == {}
