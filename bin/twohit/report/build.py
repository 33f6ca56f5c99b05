"""From an evidence folder to the files of the verdict: table, JSON, page, MultiQC content, MAF."""

from twohit.biallelic.earlier import read_earlier, write_changes
from twohit.biallelic.evidence import read_evidence
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.patient import judge_patient, write_verdicts
from twohit.biallelic.schema import check_result, write_result
from twohit.cli import progress
from twohit.errors import InputError
from twohit.genome.contigs import load_genome
from twohit.report.multiqc import write_multiqc
from twohit.report.mutations import patient_maf
from twohit.report.page import render_page
from twohit.report.pictures import TEMPORARY, is_file_name
from twohit.samples.rows import check_name
from twohit.schemas import MUTATION_SUMMARY
from twohit.tables import write_table, write_text
from twohit.variants.maf import write_maf
from twohit.variants.maf_summary import summary_table


def build_report(arguments) -> None:
    """Judge a patient and write everything; nothing is written before all of it is made.

    Parameters
    ----------
    arguments : argparse.Namespace
        patient, evidence, panel, genome, genes, report_germline, min_share, allow_mismatch, research_use, earlier,
        params, versions, outdir.
    """
    if not 0 < arguments.min_share <= 0.5:
        raise InputError(f"--min-share {arguments.min_share}: it must be above 0 and at most 0.5 of the tumour cells")
    check_name("--patient", arguments.patient)
    genome = load_genome(arguments.genome)
    evidence = read_evidence(arguments.patient, arguments.evidence, arguments.panel, arguments.genes)
    evidence.allow_mismatch = arguments.allow_mismatch
    progress(f"{evidence.patient}: {len(evidence.panel)} genes in {len(evidence.samples)} tumour samples")
    earlier = read_earlier(arguments.earlier, evidence.patient) if arguments.earlier else None
    parameters = Parameters(min_share=arguments.min_share)
    result = judge_patient(evidence, genome, parameters, arguments.report_germline, earlier)
    if arguments.research_use is not None:
        result["research_use"] = arguments.research_use.strip() or _refuse_empty()
    check_result(result)
    page, figures = render_page(result, evidence, genome, arguments.params, arguments.versions)
    stem = arguments.outdir / evidence.patient
    write_verdicts(result, stem.with_name(f"{stem.name}.biallelic.tsv"))
    write_result(result, stem.with_name(f"{stem.name}.biallelic.json"))
    if earlier is not None:
        write_changes(result, stem.with_name(f"{stem.name}.verdict_changes.tsv"))
    write_multiqc(result, stem.with_name(f"{stem.name}.biallelic_mqc.json"))
    maf = patient_maf(evidence, genome)
    if maf is not None:
        write_maf(maf, stem.with_name(f"{stem.name}.maf"))
        write_table(summary_table(maf), MUTATION_SUMMARY, stem.with_name(f"{stem.name}.mutation_summary.tsv"))
    for name, picture in figures.items():
        if is_file_name(name, TEMPORARY):  # a gene's name may be too long for one: its picture is on the page alone
            write_text(arguments.outdir / "figures" / name, picture)
    write_text(stem.with_name(f"{stem.name}.report.html"), page)


def _refuse_empty() -> str:
    raise InputError("--research-use is empty: say what the report may be used for, or leave the option out")
