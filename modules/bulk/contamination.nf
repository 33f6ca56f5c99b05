include { java_options } from './java'

// Share of another person's reads in a tumour, and its segments by allele fraction.
process CONTAMINATION {
    tag "${tumor}"
    container "twohit-gatk:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(tumor), path(tumor_table), path(normal_table)

    output:
    tuple val(tumor), path("${tumor}.contamination.table"), path("${tumor}.segments.table")

    script:
    def matched = normal_table ? "-matched ${normal_table}" : ''
    """
    gatk ${java_options(task)} CalculateContamination \\
        -I ${tumor_table} ${matched} -tumor-segmentation ${tumor}.segments.table -O ${tumor}.contamination.table
    """

    stub:
    """
    touch ${tumor}.contamination.table ${tumor}.segments.table
    """
}
