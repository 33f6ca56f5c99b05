"""The tiny patient through Nextflow: from reads to report, resumed after an edit of the library."""

import csv
import json
import shutil

import pytest

from .conftest import nextflow

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("tiny")]


def rows(path):
    with open(path, newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def test_every_result_is_there(tiny):
    dna = {path.name for path in (tiny.results / "P1" / "dna").iterdir()}
    ends = (
        "somatic.vcf.gz somatic.vcf.gz.tbi filter_summary.json variants.tsv genotypes.tsv phase.tsv errors.tsv "
        "pileups.tsv segments.tsv purity_ploidy.json solutions.tsv arms.tsv genes.tsv clonality.tsv germline_loss.tsv "
        "mutation_purity.json "
        "alignment_qc.json callable.bed gene_coverage.tsv contamination.table segments.table"
    )
    assert {f"P1_T.{end}" for end in ends.split()} <= dna
    assert {"P1.snp_counts.csv.gz", "P1.clusters.tsv", "P1_N.germline.variants.tsv", "P1_N.alignment_qc.json"} <= dna
    cells = {
        path.relative_to(tiny.results / "P1" / "cells").as_posix() for path in (tiny.results / "P1").rglob("cells/**/*")
    }
    named = "cell_qc cells composition t_cell_states cell_expression cell_groups"
    assert {f"P1.{name}.tsv" for name in named.split()} | {"P1.cells.h5ad"} <= cells
    assert {f"copy_number/{name}.tsv" for name in ("arms", "cells", "clones", "arm_shares", "arm_pairs")} <= cells
    assert {f"S7.{name}.tsv" for name in ("cell_genotypes", "cell_mutations", "event_pairs")} <= cells
    assert {"P1.cell_alleles.tsv", "copy_number/concordance.tsv", "copy_number/bulk_regions.tsv"} <= cells
    assert {"copy_number/bulk_concordance.png", "copy_number/cell_embedding.png"} <= cells
    clinical = {path.name for path in (tiny.results / "P1" / "clinical").iterdir()}
    assert {f"P1.{name}.tsv" for name in ("markers", "car_qpcr", "car_expansion", "fish")} <= clinical
    assert [row["kind"] for row in rows(tiny.results / "P1" / "samples.tsv")].count("cells") == 3
    report = {path.name for path in (tiny.results / "P1" / "report").iterdir()}
    assert {"P1.biallelic.tsv", "P1.biallelic.json", "P1.report.html", "P1.maf"} <= report
    assert (tiny.results / "P1" / "dna" / "P1_T.maf").read_text().startswith("#version 2.4")
    assert (tiny.results / "multiqc" / "multiqc_report.html").stat().st_size > 100_000


def test_the_run_is_told(tiny):
    run = tiny.results / "run"
    assert json.loads((run / "params.json").read_text())["simulate"] == "tiny"
    versions = {row["tool"]: row["version"] for row in rows(run / "versions.tsv")}
    assert versions["gatk"] == "4.6.2.0" and versions["bwa"].startswith("0.7.17") and "samtools" in versions
    assert versions["revision"] == "unknown" or len(versions["revision"]) == 40, "no commit where there is no .git"
    assert "<html" in (run / "report.html").read_text()[:2000]
    commands = (run / "commands.txt").read_text()
    assert "# REPORT:RUN_MANIFEST" in commands and "segment_copy_number.py" in commands
    assert (run / "containers.tsv").read_text() == "container\tdigest\n", "no container was used"
    inputs = {(row["owner"], row["file"]) for row in rows(run / "inputs.tsv")}
    assert any(name.endswith(".fastq.gz") for owner, name in inputs if owner == "P1")
    assert any(owner == "reference" for owner, _ in inputs)


def test_the_results_are_an_ro_crate(tiny):
    from rocrate.rocrate import ROCrate

    crate = ROCrate(str(tiny.results))
    named = {entity.id for entity in crate.data_entities}
    assert {"P1/report/P1.report.html", "run/trace.tsv", "run/commands.txt"} <= named
    assert all((tiny.results / name).is_file() for name in named)
    action = crate.dereference("#run")
    assert action["startTime"] < action["endTime"] == crate.root_dataset["datePublished"]


def test_manifests_describe_the_results(tiny, script, tmp_path):
    done = script("verify_results.py", tiny.results)
    assert done.stdout == f"{tiny.results}: as its manifest says\n"
    manifest = json.loads((tiny.results / "manifest.json").read_text())
    assert manifest["status"] == "complete"
    assert [(row["patient"], row["status"]) for row in manifest["patients"]] == [("P1", "complete")]
    copy = tmp_path / "copy"
    shutil.copytree(tiny.results / "P1" / "report", copy / "report")
    assert script("verify_results.py", copy, check=False).returncode == 2


def test_the_known_hit_is_found(tiny, patient):
    truth = json.loads((patient / "truth.json").read_text())
    lost = {gene["gene"] for gene in truth["genes"] if gene["verdict"] == "biallelic"}
    verdicts = {row["gene"]: row["verdict"] for row in rows(tiny.results / "P1" / "report" / "P1.biallelic.tsv")}
    assert lost, "the tiny patient has at least one gene that is lost on both alleles"
    assert lost <= set(verdicts)
    called = {gene for gene, verdict in verdicts.items() if verdict == "biallelic"}
    assert called <= lost


def test_an_edit_in_the_library_repeats_what_uses_it_and_nothing_else(tiny, project, script):
    before = nextflow(project, tiny.folder, "-profile", "test,native", "--save_alignments", "-resume")
    assert before.code == 0
    assert {name for name, status in before.tasks().items() if status != "CACHED"} == {
        "CHECK_SAMPLESHEET (samplesheet.csv)"
    }

    assert script("verify_results.py", tiny.results).returncode == 0

    edited = project / "bin" / "twohit" / "variants" / "judgement.py"
    edited.write_text(edited.read_text() + "\n# an edit\n")
    after = nextflow(project, tiny.folder, "-profile", "test,native", "--save_alignments", "-resume")
    assert after.code == 0
    repeated = {name.split(" ")[0] for name, status in after.tasks().items() if status == "COMPLETED"}
    kept = {name.split(" ")[0] for name, status in after.tasks().items() if status == "CACHED"}
    assert {"ANNOTATE", "GENOTYPE"} <= repeated
    assert {"ALIGN_LANE", "POSTPROCESS", "MUTECT2", "FILTER_MUTECT_CALLS", "COUNT_SNPS"} <= kept
    # a comment changes no table, and the report goes by content
    assert "REPORT_BIALLELIC_LOSS" in kept


def test_the_fingerprint_agrees_with_gatks_contamination(tiny):
    dna = tiny.results / "P1" / "dna"
    row, cells = rows(dna / "P1.fingerprints.tsv")
    assert (row["kind"], cells["kind"], cells["status"]) == ("tumor", "cells", "same_person")
    (gatk,) = rows(dna / "P1_T.contamination.table")
    assert row["status"] in ("same_person", "contaminated") and int(row["n_sites"]) > 100
    low, high = float(row["other_share_lower"]), float(row["other_share_upper"])
    reach = 2 * float(gatk["error"]) + 0.005
    assert low - reach <= float(gatk["contamination"]) <= high + reach


def test_the_cells_are_compared_with_the_tumour_of_their_time(tiny):
    cells = tiny.results / "P1" / "cells"
    alleles = rows(cells / "P1.cell_alleles.tsv")
    assert {row["cell"].split(":")[0] for row in alleles} == {"S7"}, "the one sample with a barcoded BAM"
    told = json.loads((cells / "copy_number" / "cell_copy_number.json").read_text())
    assert {row["arm"] for row in told["alleles"]} <= {row["arm"] for row in alleles}
    assert {row["n_cells"] > 0 for row in told["alleles"]} == {True}
    both = [row for row in rows(cells / "copy_number" / "concordance.tsv") if row["agree"]]
    assert told["bulk"]["n_arms"] == len(both) > 0
    assert {row["arm"] for row in both if row["agree"] == "yes"} >= {"1p"}
    called = [row for row in both if row["cell_state"] != "neutral"]  # few cells: not every arm can be called
    assert [row["arm"] for row in called if row["agree"] == "no"] == []
    shares = rows(cells / "copy_number" / "clone_shares.tsv")
    assert {row["day"] for row in shares if row["group"] == "plasma:S7"} == {"280"}
    page = (tiny.results / "P1" / "report" / "P1.report.html").read_text()
    assert "weighted kappa" in page and "phased by the DNA" in page
    assert 'alt="Bulk tumour and plasma cells side by side along the genome"' in page


def test_the_page_shows_reads_and_sorts_of_mutations(tiny):
    page = (tiny.results / "P1" / "report" / "P1.report.html").read_text()
    assert "Reads at each mutation" in page and "reads carry it" in page and "By base change" in page
    summary = rows(tiny.results / "P1" / "report" / "P1.mutation_summary.tsv")
    total = [int(row["count"]) for row in summary if row["group"] == "all"]
    assert total == [sum(int(row["count"]) for row in summary if row["group"] == "class")]
