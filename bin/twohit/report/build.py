"""From an evidence folder to the files of the verdict: table, JSON, page, MultiQC content, MAF."""

import pandas as pd

from twohit.biallelic.earlier import read_earlier, write_changes
from twohit.biallelic.evidence import PatientEvidence, read_evidence
from twohit.biallelic.parameters import Parameters
from twohit.biallelic.patient import judge_patient, write_verdicts
from twohit.biallelic.schema import check_result, write_result
from twohit.biallelic.withheld import germline_keys, somatic_only
from twohit.cli import progress
from twohit.errors import InputError
from twohit.genome.contigs import Genome, load_genome
from twohit.report.multiqc import write_multiqc
from twohit.report.page import render_page
from twohit.tables import write_text
from twohit.variants.maf import maf_table, write_maf


def build_report(arguments) -> None:
    """Judge a patient and write everything; nothing is written before all of it is made.

    Parameters
    ----------
    arguments : argparse.Namespace
        patient, evidence, panel, genome, genes, report_germline, min_share, allow_mismatch, earlier, params, versions,
        outdir.
    """
    if not 0 < arguments.min_share <= 0.5:
        raise InputError(f"--min-share {arguments.min_share}: it must be above 0 and at most 0.5 of the tumour cells")
    if "/" in arguments.patient or arguments.patient in ("", ".", ".."):
        raise InputError(f"--patient {arguments.patient!r}: it names files; use letters, digits, - and _")
    genome = load_genome(arguments.genome)
    evidence = read_evidence(arguments.patient, arguments.evidence, arguments.panel, arguments.genes)
    evidence.allow_mismatch = arguments.allow_mismatch
    progress(f"{evidence.patient}: {len(evidence.panel)} genes in {len(evidence.samples)} tumour samples")
    earlier = read_earlier(arguments.earlier, evidence.patient) if arguments.earlier else None
    parameters = Parameters(min_share=arguments.min_share)
    result = judge_patient(evidence, genome, parameters, arguments.report_germline, earlier)
    check_result(result)
    page = render_page(result, evidence, genome, arguments.params, arguments.versions)
    stem = arguments.outdir / evidence.patient
    write_verdicts(result, stem.with_name(f"{stem.name}.biallelic.tsv"))
    write_result(result, stem.with_name(f"{stem.name}.biallelic.json"))
    if earlier is not None:
        write_changes(result, stem.with_name(f"{stem.name}.verdict_changes.tsv"))
    write_multiqc(result, stem.with_name(f"{stem.name}.biallelic_mqc.json"))
    if any(sample.variants is not None for sample in evidence.samples):
        write_maf(_maf(evidence, genome), stem.with_name(f"{stem.name}.maf"))
    write_text(stem.with_name(f"{stem.name}.report.html"), page)


def _maf(evidence: PatientEvidence, genome: Genome) -> pd.DataFrame:
    """Kept somatic mutations of all samples; germline variants are never in it."""
    normal = evidence.normals[0] if evidence.normals else None
    told = [sample for sample in evidence.samples if sample.variants is not None]
    inherited = germline_keys(evidence)
    parts = [maf_table(somatic_only(s.variants, inherited), s.sample, normal, genome.name) for s in told]
    parts = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(parts, ignore_index=True)
