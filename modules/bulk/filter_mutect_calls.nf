include { java_options } from './java'

// GATK's own filter on the raw calls.
process FILTER_MUTECT_CALLS {
    tag "${tumor}"
    container "twohit-gatk:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(tumor), path(vcf), path(tbi), path(stats), path(orientation), path(contamination), path(segments)
    path genome

    output:
    tuple val(tumor), path("${tumor}.gatk.vcf.gz"), path("${tumor}.gatk.vcf.gz.tbi")

    script:
    def priors = orientation ? "--orientation-bias-artifact-priors ${orientation}" : ''
    def foreign = contamination ? "--contamination-table ${contamination} --tumor-segmentation ${segments}" : ''
    """
    gatk ${java_options(task)} FilterMutectCalls \\
        -R genome.fa -V ${vcf} --stats ${stats} ${priors} ${foreign} -O ${tumor}.gatk.vcf.gz
    """

    stub:
    """
    touch ${tumor}.gatk.vcf.gz ${tumor}.gatk.vcf.gz.tbi
    """
}
