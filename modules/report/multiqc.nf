// One page on the quality of all samples and on all verdicts.
process MULTIQC {
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    path folders
    path config
    val library

    output:
    path 'multiqc'

    script:
    """
    gather_quality.py --folders ${folders} --out twohit_samples_mqc.json
    multiqc --config ${config} --filename multiqc_report.html --outdir multiqc --no-data-dir --quiet \\
        ${folders} twohit_samples_mqc.json
    """

    stub:
    """
    mkdir multiqc
    touch multiqc/multiqc_report.html
    """
}
