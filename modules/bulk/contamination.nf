// Share of another person's reads in a tumour, and its segments by allele fraction.
process CONTAMINATION {
    tag "${tumor}"
    container "localhost/twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(tumor), path(tumor_table), path(normal_table)

    output:
    tuple val(tumor), path("${tumor}.contamination.table"), path("${tumor}.segments.table")

    script:
    def matched = normal_table ? "-matched ${normal_table}" : ''
    """
    gatk --java-options -Xmx${(task.memory.toMega() * 0.8).intValue()}m CalculateContamination \\
        -I ${tumor_table} ${matched} -tumor-segmentation ${tumor}.segments.table -O ${tumor}.contamination.table
    """

    stub:
    """
    touch ${tumor}.contamination.table ${tumor}.segments.table
    """
}
