"""The simulated patient's barcoded BAM through the script: the truth of mutation and deletion is recovered."""

import numpy as np
import pandas as pd
import pysam
import pytest

from twohit.cells.genotype_words import mutation_lines
from twohit.schemas import CELL_ANNOTATIONS, CELL_ARMS, CELL_EVENT_PAIRS, CELL_GENOTYPES, CELL_MUTATIONS
from twohit.simulate.cell_samples import write_cell_samples
from twohit.simulate.patient import build_patient, cell_patient
from twohit.simulate.presets import make_preset
from twohit.simulate.reference import write_reference
from twohit.tables import empty, read_table, write_table

pytestmark = pytest.mark.xdist_group("genotypes_demo")
STOP = "deletion_plus_stop"  # TNFRSF17 p.Q38*: in 70 % of the relapse's tumour cells
N_CELLS = 300


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    """Cells of the relapse with their reads, sites, and tables as earlier steps would have made them."""
    folder = tmp_path_factory.mktemp("patient")
    made = build_patient(make_preset("demo", cell_samples=1, cells_per_sample=N_CELLS), 1)
    write_reference(made.reference, folder)
    pysam.faidx(str(folder / "genome.fa"))
    rows, _ = write_cell_samples(cell_patient(made), made.preset, folder, made.reference.name)
    truth = pd.read_csv(folder / "cells" / "truth.tsv", sep="\t", keep_default_na=False)
    truth = truth[truth["quality"] == "good"].reset_index(drop=True)
    truth["cell"] = "S7:" + truth["barcode"]
    _write_tables(folder, truth)
    somatic = [item for item in made.variants if item.origin != "germline"]
    order = {chrom: k for k, chrom in enumerate(made.reference.sequence)}
    lines = [
        "##fileformat=VCFv4.2",
        *(f"##contig=<ID={chrom},length={n}>" for chrom, n in made.reference.lengths.items()),
    ]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    for item in sorted(somatic, key=lambda one: (order[one.chrom], one.pos)):
        if item.label:
            lines.append(f"{item.chrom}\t{item.pos + 1}\t{item.label}\t{item.ref}\t{item.alt}\t.\tPASS\t.")
    (folder / "sites.vcf").write_text("\n".join(lines) + "\n")
    stop = next(item for item in somatic if item.label == STOP)
    return {"folder": folder, "bam": folder / rows[0]["bam"], "truth": truth, "stop": stop, "made": made}


def _write_tables(folder, truth):
    """Cell types, and copy number as the truth has it: every myeloma cell lost 16p, those of A and A1 17p too."""
    cells = empty(CELL_ANNOTATIONS).reindex(range(len(truth)))
    cells["cell"], cells["sample"] = truth["cell"], "S7"
    cells["n_umis"], cells["n_features"] = 4000, 1000
    cells["cell_type"] = truth["type"].replace("myeloma", "plasma")
    write_table(cells, CELL_ANNOTATIONS, folder / "P1.cells.tsv")
    folder = folder / "copy_number"
    arms = empty(CELL_ARMS).reindex(range(2))
    arms["arm"], arms["significant"], arms["direction"], arms["n_genes"], arms["mean_count"] = (
        ["16p", "18q"],
        "yes",
        "loss",
        9,
        9,
    )
    write_table(arms, CELL_ARMS, folder / "arms.tsv")
    tumour = (truth["type"] == "myeloma").to_numpy()
    early = tumour & ~truth["population"].isin(["a", "a1"]).to_numpy()
    told = pd.DataFrame(
        {"cell": truth["cell"], "clone": np.where(tumour, np.where(early, "clone_2", "clone_1"), "normal")}
    )
    told["16p"], told["18q"] = np.where(tumour, 0.999, 0.001), np.where(early, 0.999, 0.001)
    told["clone_probability"] = 0.999
    told.to_csv(folder / "cells.tsv", sep="\t", index=False)


@pytest.fixture(scope="module")
def tables(patient, script):
    folder = patient["folder"]
    script(
        "genotype_cells.py", "--bam", patient["bam"], "--barcodes", folder / "P1.cells.tsv", "--sample", "S7",
        "--vcf", folder / "sites.vcf", "--reference", folder / "genome.fa", "--copy-number", folder / "copy_number",
        "--out", folder / "g.tsv", "--shares", folder / "s.tsv", "--pairs", folder / "p.tsv",
    )  # fmt: skip
    names = (("g", CELL_GENOTYPES), ("s", CELL_MUTATIONS), ("p", CELL_EVENT_PAIRS))
    return {name: read_table(folder / f"{name}.tsv", schema) for name, schema in names}


def test_told_cells_are_those_of_the_truth(patient, tables):
    stop, truth = patient["stop"], patient["truth"].set_index("cell")
    rows = tables["g"][tables["g"]["pos"] == stop.pos + 1].set_index("cell")
    carries = truth["population"].isin(["a", "a1"]).reindex(rows.index)
    mutated = rows["state"] == "mutated"
    assert mutated.sum() >= 2 and carries[mutated].mean() >= 0.75
    assert not (rows["state"] == "mutated")[~truth["type"].reindex(rows.index).eq("myeloma")].any()


def test_the_share_is_covered_and_cells_without_data_are_counted(patient, tables):
    rows = tables["s"][(tables["s"]["pos"] == patient["stop"].pos + 1)]
    (plasma,) = rows[(rows["cell_type"] == "plasma") & rows["clone"].isna()].itertuples()
    assert plasma.share_lower <= 0.7 <= plasma.share_upper
    assert 0 < plasma.expected_umis < 0.5
    assert plasma.n_no_data > 0.7 * plasma.n_cells
    assert plasma.n_mutated + plasma.n_not_mutated + plasma.n_undecided + plasma.n_no_data == plasma.n_cells
    assert set(rows["clone"].dropna()) == {"clone_1", "clone_2"}


def test_the_mutation_is_in_the_cells_that_lost_16p(tables):
    pairs = tables["p"].set_index(["event_1", "event_2"])
    row = pairs.loc[("16p:loss", f"chr16:{_stop_position(tables)}:C:T")]
    assert row["p_same_cells"] > 0.95
    assert row["p_separate"] < 0.05
    apart = pairs.loc[("18q:loss", f"chr16:{_stop_position(tables)}:C:T")]
    assert apart["p_same_cells"] < row["p_same_cells"]
    numbers = row[["n_both", "n_first", "n_second", "n_neither"]].sum()
    assert numbers == pytest.approx(row["n_cells"], rel=0.01)


def _stop_position(tables) -> int:
    rows = tables["g"]
    return int(rows.loc[(rows["chrom"] == "chr16") & (rows["ref"] == "C") & (rows["alt"] == "T"), "pos"].iloc[0])


def test_molecules_are_those_of_the_matrix_and_of_the_right_copies(patient):
    """Each read's bases follow the genome but for variants and errors; splice gaps are introns."""
    introns = {
        (gene.chrom, end, start)
        for gene in patient["made"].reference.genes
        for (_, end), (start, _) in zip(gene.exons, gene.exons[1:], strict=False)
    }
    wrong = total = spliced = 0
    with pysam.AlignmentFile(str(patient["bam"])) as bam:
        for read in bam:
            if read.reference_id > 3:
                break
            here = read.reference_start
            for operation, length in read.cigartuples:
                if operation == 3:
                    assert (read.reference_name, here, here + length) in introns
                    spliced += 1
                here += length if operation in (0, 2, 3) else 0
            pairs = read.get_aligned_pairs(matches_only=True)
            genome = patient["made"].reference.sequence[read.reference_name]
            wrong += sum(ord(read.query_sequence[q]) != genome[r] for q, r in pairs)
            total += len(pairs)
    assert spliced > 100 and total > 50_000
    assert wrong / total < 0.02


def test_one_line_tells_the_mutation(tables):
    lines = mutation_lines(tables["s"], tables["p"], "plasma")
    (line,) = [text for text in lines if text.startswith(f"chr16:{_stop_position(tables)}:C:T")]
    assert "plasma cells of S7" in line and "are not told" in line and "16p loss P " in line
    assert any("no molecule" in text for text in mutation_lines(tables["s"], tables["p"], "B"))


def test_the_same_seed_gives_the_same_reads(patient, tmp_path):
    made = patient["made"]
    write_cell_samples(cell_patient(made), made.preset, tmp_path, made.reference.name)
    assert (tmp_path / "cells" / "S7.bam").read_bytes() == patient["bam"].read_bytes()
    assert patient["bam"].stat().st_size < 3_000_000
