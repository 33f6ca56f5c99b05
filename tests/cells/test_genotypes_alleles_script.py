"""count_cell_alleles.py on the simulated patient: the bulk's phase tells tumour cells from others."""

import numpy as np
import pandas as pd
import pysam
import pytest

from twohit.cells.allele_run import phased_counts
from twohit.cells.barcoded_bam import Molecules
from twohit.schemas import CELL_ALLELE_LIKELIHOODS, CELL_ANNOTATIONS, SEGMENTS
from twohit.simulate.blueprint import LATE_SHARES
from twohit.simulate.cell_samples import write_cell_samples
from twohit.simulate.patient import build_patient, cell_patient
from twohit.simulate.presets import make_preset
from twohit.simulate.reference import write_reference
from twohit.tables import empty, read_table, write_table

PURITY = 0.85


@pytest.fixture(scope="module")
def told(tmp_path_factory, script):
    """The patient's cells, bulk SNP counts drawn from the truth, and the table of the script."""
    folder = tmp_path_factory.mktemp("alleles")
    made = build_patient(make_preset("demo", cell_samples=1, cells_per_sample=150), 1)
    write_reference(made.reference, folder)
    pysam.faidx(str(folder / "genome.fa"))
    rows, _ = write_cell_samples(cell_patient(made), made.preset, folder, made.reference.name)
    truth = pd.read_csv(folder / "cells" / "truth.tsv", sep="\t", keep_default_na=False)
    truth = truth[truth["quality"] == "good"].assign(cell=lambda frame: "S7:" + frame["barcode"]).reset_index(drop=True)
    cells = empty(CELL_ANNOTATIONS).reindex(range(len(truth)))
    cells["cell"], cells["sample"], cells["n_umis"], cells["n_features"] = truth["cell"], "S7", 4000, 1000
    cells["cell_type"] = truth["type"].replace("myeloma", "plasma")
    write_table(cells, CELL_ANNOTATIONS, folder / "cells.tsv")
    _write_bulk(made, folder)
    script(
        "count_cell_alleles.py", "--bam", folder / rows[0]["bam"], "--barcodes", folder / "cells.tsv", "--sample", "S7",
        "--snp-counts", folder / "counts.csv", "--segments", folder / "segments.tsv",
        "--genome", folder / "genome.json",
        "--out", folder / "alleles.tsv",
    )  # fmt: skip
    table = read_table(folder / "alleles.tsv", CELL_ALLELE_LIKELIHOODS)
    return table.merge(truth[["cell", "type"]], on="cell"), folder


def _write_bulk(made, folder):
    rng = np.random.default_rng(2)
    rows, segments = [], []
    for item in made.segments:
        if item.chrom == "chrX":
            continue
        mean = [sum(LATE_SHARES[name] * item.copies[name][side] for name in LATE_SHARES) for side in (0, 1)]
        dose = [PURITY * m + (1 - PURITY) for m in mean]
        total, minor = round(sum(mean)), round(min(mean))
        odds = abs(np.log(dose[0] / dose[1]))
        segments.append((item.chrom, item.start + 1, item.end, odds, total, minor))
        for snp in made.variants:
            here = snp.chrom == item.chrom and item.start <= snp.pos < item.end and len(snp.ref) == len(snp.alt) == 1
            if snp.origin != "germline" or not here or sum(snp.carried) != 1:
                continue
            share = dose[0 if snp.carried[0] else 1] / sum(dose)
            alt, normal = rng.binomial(100, share), rng.binomial(100, 0.5)
            rows.append((snp.chrom, snp.pos + 1, snp.ref, snp.alt, 100 - normal, normal, 0, 0, 100 - alt, alt, 0, 0))
    names = ["Chromosome", "Position", "Ref", "Alt", *(f"File{k}{c}" for k in (1, 2) for c in "RAED")]
    pd.DataFrame(rows, columns=names).to_csv(folder / "counts.csv", index=False)
    frame = empty(SEGMENTS).reindex(range(len(segments)))
    for name, values in zip(("chrom", "start", "end", "log_odds", "total_cn", "minor_cn"), zip(*segments), strict=True):
        frame[name] = list(values)
    for column in SEGMENTS.columns:
        if not column.nullable and frame[column.name].isna().any():
            frame[column.name] = 0
    write_table(frame, SEGMENTS, folder / "segments.tsv")


def test_lost_arms_are_seen_in_tumour_cells_and_not_in_others(told):
    table, _ = told
    assert {"16p", "17p", "13q"} <= set(table["arm"])
    lost = table[table["arm"].isin(["4q", "8p", "10q", "13q", "14q", "16p", "17p", "20p", "22q"])]
    ratio, tumour = lost["copies_1"] - lost["copies_2"], lost["type"] == "myeloma"
    assert ratio[tumour].mean() > 0.3 and ratio[~tumour].mean() < -0.3
    assert ((ratio[tumour] > 0).mean() > 0.7) and ((ratio[~tumour] < 0).mean() > 0.5)


def test_copy_neutral_loss_is_no_loss_of_a_copy(told):
    _, folder = told
    table = read_table(folder / "segments.tsv", SEGMENTS)
    neutral = table[(table["minor_cn"] == 0) & (table["total_cn"] == 2)]
    assert len(neutral), "the demo patient has copy-neutral loss"
    assert "7p" not in set(told[0]["arm"]) or "chr7" not in set(neutral["chrom"])


def test_a_bam_for_each_sample(told, script):
    _, folder = told
    done = script(
        "count_cell_alleles.py", "--bam", folder / "cells" / "S7.bam", "--barcodes", folder / "cells.tsv",
        "--sample", "S7", "S8", "--snp-counts", folder / "counts.csv", "--segments", folder / "segments.tsv",
        "--genome", folder / "genome.json", "--out", folder / "no.tsv", check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "give one for each" in done.stderr and not (folder / "no.tsv").exists()


def test_a_tumour_without_imbalance_tells_nothing(told, script, tmp_path):
    _, folder = told
    even = read_table(folder / "segments.tsv", SEGMENTS).assign(log_odds=0.0)
    write_table(even, SEGMENTS, tmp_path / "even.tsv")
    command = (
        "count_cell_alleles.py", "--bam", folder / "cells" / "S7.bam", "--barcodes", folder / "cells.tsv",
        "--snp-counts", folder / "counts.csv", "--segments", tmp_path / "even.tsv", "--genome", folder / "genome.json",
        "--out", tmp_path / "a.tsv",
    )  # fmt: skip
    done = script(*command, check=False)
    assert done.returncode == 2 and "leave alleles out" in done.stderr
    script(*command, "--if-possible")
    assert len(read_table(tmp_path / "a.tsv", CELL_ALLELE_LIKELIHOODS)) == 0


def test_a_molecule_over_two_snps_counts_once():
    snps = pd.DataFrame({"pos": [100, 150, 90_000], "phase": [5.0, -5.0, 5.0]})
    keys = [("chr1", pos, "A", "C") for pos in snps["pos"]]
    found = phased_counts(
        snps,
        [
            Molecules(keys[0], [0, 0], ["A", "B"], ["alt", "ref"], [0, 0]),
            Molecules(keys[1], [0], ["A"], ["ref"], [0]),
            Molecules(keys[2], [0], ["A"], ["ref"], [0]),
        ],
        1,
    )
    assert (found.locus.tolist(), found.major.tolist(), found.minor.tolist()) == ([0, 1], [1, 0], [1, 1])
