// One page on the quality of all samples.
process MULTIQC {
    container "localhost/twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    path folders
    path config
    val library

    output:
    path 'multiqc'

    script:
    """
    multiqc --config ${config} --filename multiqc_report.html --outdir multiqc --no-version-check --quiet ${folders}
    """

    stub:
    """
    mkdir multiqc
    touch multiqc/multiqc_report.html
    """
}
