include { java_options } from './java'

// The parts of one tumour's raw calls put together.
process MERGE_CALLS {
    tag "${tumor}"
    container "twohit-gatk:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(tumor), path(vcfs), path(tbis), path(stats)

    output:
    tuple val(tumor), path("${tumor}.raw.vcf.gz"), path("${tumor}.raw.vcf.gz.tbi"), path("${tumor}.raw.vcf.gz.stats")

    script:
    def calls = [vcfs].flatten().toSorted { vcf -> vcf.name }.collect { vcf -> "-I ${vcf}" }.join(' ')
    def tables = [stats].flatten().toSorted { table -> table.name }.collect { table -> "-stats ${table}" }.join(' ')
    """
    gatk ${java_options(task)} MergeVcfs ${calls} -O ${tumor}.raw.vcf.gz
    gatk ${java_options(task)} MergeMutectStats ${tables} -O ${tumor}.raw.vcf.gz.stats
    """

    stub:
    """
    touch ${tumor}.raw.{vcf.gz,vcf.gz.tbi,vcf.gz.stats}
    """
}
