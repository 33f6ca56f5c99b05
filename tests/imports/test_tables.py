"""Tables of PURPLE and FACETS, in their own columns, stand in for ours; what is wrong in them is one line."""

import numpy as np
import pytest

from tests.biallelic.folder import Folder, mutation
from twohit import schemas
from twohit.errors import InputError
from twohit.genome.contigs import load_genome
from twohit.imports.facets import read_facets
from twohit.imports.foreign import write_foreign
from twohit.imports.purple import read_purple
from twohit.imports.states import copy_errors, weigh_states
from twohit.tables import read_json, read_table

PURITY = (
    "purity\tnormFactor\tscore\tdiploidProportion\tploidy\tgender\tstatus\tpolyclonalProportion\tminPurity\tmaxPurity\t"
    "minPloidy\tmaxPloidy\tminDiploidProportion\tmaxDiploidProportion\tsomaticPenalty\twholeGenomeDuplication\t"
    "msIndelsPerMb\tmsStatus\ttml\ttmlStatus\ttmbPerMb\ttmbStatus\tsvTumorMutationalBurden\trunMode\ttargeted\n"
    "0.8500\t1.0200\t0.4100\t0.7100\t1.9500\tFEMALE\tNORMAL\t0.0000\t0.8300\t0.8700\t1.9300\t1.9800\t0.7000\t0.7200\t"
    "0.0000\tfalse\t0.0300\tMSS\t40\tLOW\t1.8000\tLOW\t12\tTUMOR_GERMLINE\tfalse\n"
)
SEGMENT_COLUMNS = (
    "chromosome\tstart\tend\tcopyNumber\tbafCount\tobservedBAF\tbaf\tsegmentStartSupport\tsegmentEndSupport\tmethod\t"
    "depthWindowCount\tgcContent\tminStart\tmaxStart\tminorAlleleCopyNumber\tmajorAlleleCopyNumber\n"
)
GENE_COLUMNS = (
    "chromosome\tstart\tend\tgene\tminCopyNumber\tmaxCopyNumber\tsomaticRegions\ttranscriptId\tisCanonical\t"
    "chromosomeBand\tminRegions\tminRegionStart\tminRegionEnd\tminRegionStartSupport\tminRegionEndSupport\t"
    "minRegionMethod\tminMinorAlleleCopyNumber\tdepthWindowCount\n"
)
CNCF = (
    "chrom\tseg\tnum.mark\tnhet\tcnlr.median\tmafR\tsegclust\tcnlr.median.clust\tmafR.clust\tstart\tend\tcf.em\ttcn.em\t"
    "lcn.em\tcf\ttcn\tlcn\n"
)


def purple_row(chrom: str, end: int, copies: float, minor: float, start: int = 1, baf: int = 300, windows: int = 900):
    ratio = (copies - minor) / max(copies, 0.01)
    return (
        f"chr{chrom}\t{start}\t{end}\t{copies:.4f}\t{baf}\t{ratio:.4f}\t{ratio:.4f}\tTELOMERE\tTELOMERE\tBAF_WEIGHTED\t"
        f"{windows}\t0.4100\t{start}\t{start}\t{minor:.4f}\t{copies - minor:.4f}\n"
    )


def purple_folder(path, rows: str, purity: str = PURITY):
    path.mkdir(exist_ok=True)
    (path / "T1.purple.purity.tsv").write_text(purity)
    (path / "T1.purple.cnv.somatic.tsv").write_text(SEGMENT_COLUMNS + rows)
    gene = "chr16\t100001\t103000\tTNFRSF17\t1.02\t1.02\t1\tENST00000053243\ttrue\tp13.13\t1\t1\t1000000\tTELOMERE\t"
    (path / "T1.purple.cnv.gene.tsv").write_text(GENE_COLUMNS + gene + "TELOMERE\tBAF_WEIGHTED\t0.0100\t900\n")
    return path


def facets_row(chrom: int, end: int, total: int, minor: str, cf: float, marks: int = 900, nhet: int = 150):
    state = f"{cf}\t{total}\t{minor}"
    return f"{chrom}\t1\t{marks}\t{nhet}\t-0.5\t1.2\t1\t-0.5\t1.2\t1\t{end}\t{state}\t{state}\n"


def judged(made: Folder, found) -> dict:
    write_foreign(found, "T1", load_genome(made.genome), made.path, "female", None)
    return made.coverage().somatic([mutation("TNFRSF17", alt=58, depth=110)]).judge()


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "evidence").tumour()


def test_purple_stands_in_for_our_copy_number(folder, tmp_path):
    rows = purple_row("1", 2_000_000, 2.01, 0.99) + purple_row("16", 1_000_000, 1.02, 0.01)
    rows += purple_row("17", 900_000, 1.55, 0.56)
    found = read_purple(purple_folder(tmp_path / "purple", rows))
    entry = judged(folder, found)["TNFRSF17", "T1"]
    assert entry["verdict"] == "biallelic"
    assert entry["mechanism"] == "deletion + damaging mutation"
    fit = read_json(folder.path / "T1.purity_ploidy.json")
    assert (fit["purity"], fit["purity_lower"], fit["purity_upper"], fit["wgd"]) == (0.85, 0.83, 0.87, 0.0)
    assert "PURPLE" in fit["warnings"][0]["message"]
    arms = read_table(folder.path / "T1.arms.tsv", schemas.ARMS).set_index("arm")
    assert arms.loc["17q", "total_cn"] == 1 and arms.loc["17q", "ccf"] == pytest.approx(0.45, abs=0.05)
    genes = read_table(folder.path / "T1.genes.tsv", schemas.GENE_STATES)
    assert list(genes["gene"]) == ["TNFRSF17"] and genes["state"].iloc[0] == "loh"


def test_facets_stands_in_for_our_copy_number(folder, tmp_path):
    table = tmp_path / "T1_hisens.cncf.txt"
    table.write_text(
        CNCF + facets_row(1, 2_000_000, 2, "1", 1) + facets_row(16, 1_000_000, 1, "0", 0.85)
        + facets_row(17, 900_000, 1, "0", 0.34) + facets_row(23, 1_500_000, 2, "NA", 1, nhet=3)
    )  # fmt: skip
    (tmp_path / "T1_hisens.out").write_text("# Facets version = 0.6.2\n# Purity = 0.85\n# Ploidy = 1.95\n")
    entry = judged(folder, read_facets(table))["TNFRSF17", "T1"]
    assert entry["verdict"] == "biallelic"
    arms = read_table(folder.path / "T1.arms.tsv", schemas.ARMS).set_index("arm")
    assert arms.loc["17q", "ccf"] == pytest.approx(
        0.34 / 0.85, abs=0.05
    )  # a share of all cells became one of tumour cells
    assert "Xq" in arms.index


@pytest.mark.parametrize(
    "beside", ["key\tvalue\npurity\t0.85\nploidy\t1.95\n", "sample\tpurity\tploidy\nT1\t0.85\t1.95\n"]
)
def test_facets_purity_is_found_in_either_form(tmp_path, beside):
    (tmp_path / "T1.cncf.txt").write_text(CNCF + facets_row(1, 2_000_000, 2, "1", 1))
    (tmp_path / "T1_summary.tsv").write_text(beside)
    found = read_facets(tmp_path)
    assert (found.purity, found.ploidy) == (0.85, 1.95)


def test_facets_without_a_purity_tells_no_copies(folder, tmp_path):
    (tmp_path / "T1.cncf.txt").write_text(CNCF + facets_row(16, 1_000_000, 2, "1", 1))
    (tmp_path / "T1.out").write_text("# Purity = NA\n# Ploidy = NA\n")
    entry = judged(folder, read_facets(tmp_path))["TNFRSF17", "T1"]
    assert entry["verdict"] == "not_assessable"
    assert not entry["copy_number"]["measured"]


@pytest.mark.parametrize(
    ("copies", "minor", "state", "ccf"),
    [(2.02, 0.98, (2, 1), 1.0), (1.03, 0.02, (1, 0), 1.0), (1.5, 0.5, (1, 0), 0.5), (2.0, 0.02, (2, 0), 1.0),
     (0.04, 0.0, (0, 0), 1.0), (3.0, 1.0, (3, 1), 1.0), (6.1, 1.0, (6, 1), 1.0)],
)  # fmt: skip
def test_states_of_mean_copies(copies, minor, state, ccf):
    rows = weigh_states(copies, minor, copy_errors(copies, 0.8, 900, 300, 2), (2, 1))
    assert sum(row["probability"] for row in rows) == pytest.approx(1)
    assert (rows[0]["total_cn"], rows[0]["minor_cn"]) == state
    assert rows[0]["ccf"] == pytest.approx(ccf, abs=0.03)


def test_few_sites_leave_the_state_open_and_no_allele_leaves_the_minor_one_open():
    sure, unsure = (weigh_states(1.5, 0.5, copy_errors(1.5, 0.4, n, n, 2), (2, 1))[0] for n in (2_000, 4))
    assert sure["probability"] > 2 * unsure["probability"]
    assert {row["minor_cn"] for row in weigh_states(2.0, np.nan, (0.1, np.inf), (2, 1))} == {0, 1}
    assert {row["minor_cn"] for row in weigh_states(1.0, np.nan, (0.1, np.inf), (1, 0), normal=1)} == {0}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda p: (p / "T1.purple.purity.tsv").unlink(), "no file"),
        (lambda p: (p / "T2.purple.purity.tsv").write_text(PURITY), "2 files"),
        (lambda p: (p / "T1.purple.cnv.somatic.tsv").write_text("chromosome\tstart\nchr1\t1\n"), "end is missing"),
        (lambda p: (p / "T1.purple.cnv.somatic.tsv").write_text(SEGMENT_COLUMNS + purple_row("16", 10, 1, 0).replace(
            "\t1.0000\t", "\tone\t", 1)), "row 2: copies is 'one'"),
        (lambda p: (p / "T1.purple.cnv.somatic.tsv").write_text(SEGMENT_COLUMNS), "no segment"),
        (lambda p: (p / "T1.purple.cnv.somatic.tsv").write_text(SEGMENT_COLUMNS + purple_row("16", 9 * 10**6, 1, 0)),
         "not within the contig's"),
        (lambda p: (p / "T1.purple.cnv.somatic.tsv").write_text(SEGMENT_COLUMNS + purple_row("77", 9, 1, 0)),
         "is not in mini"),
        (lambda p: (p / "T1.purple.cnv.somatic.tsv").write_text(SEGMENT_COLUMNS + purple_row("16", 9, 1, 2)),
         "minor copies of 1 in all"),
    ],
)  # fmt: skip
def test_wrong_tables_are_one_clear_line(folder, tmp_path, spoil, words):
    path = purple_folder(tmp_path / "purple", purple_row("16", 1_000_000, 1.02, 0.01))
    spoil(path)
    with pytest.raises(InputError, match=words) as caught:
        write_foreign(read_purple(path), "T1", load_genome(folder.genome), folder.path / "new", "female", None)
    assert "\n" not in str(caught.value)
    assert not list(folder.path.glob("new/*"))


def test_facets_without_anything_beside_it_asks_for_the_purity(tmp_path):
    (tmp_path / "T1.cncf.txt").write_text(CNCF + facets_row(1, 2_000_000, 2, "1", 1))
    with pytest.raises(InputError, match="give --purity, --ploidy"):
        read_facets(tmp_path)


@pytest.mark.data
def test_real_facets_table(twohit_data, tmp_path):
    """FACETS' own result of the stomach exome: its states come back as they are where it is sure."""
    found = read_facets(twohit_data / "facets_stomach" / "stomach_segments.tsv", 0.8925, 2.0734)
    write_foreign(found, "T", load_genome("hg19"), tmp_path, None, None)
    table = read_table(tmp_path / "T.segments.tsv", schemas.SEGMENTS)
    theirs = found.segments
    clonal = (theirs["cf"] >= 0.85) & theirs["total"].notna() & theirs["minor"].notna() & (theirs["n_het"] >= 10)
    same = table["total_cn"].to_numpy(float)[clonal] == theirs["total"].to_numpy()[clonal]
    length = (table["end"] - table["start"]).to_numpy(float)[clonal]
    assert length[same].sum() >= 0.97 * length.sum()
