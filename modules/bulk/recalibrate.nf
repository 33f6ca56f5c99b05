include { java_options } from './java'

// Base qualities recalibrated at known sites.
process RECALIBRATE {
    tag "${sample}"
    container "twohit-gatk:${workflow.manifest.version}"
    label 'process_medium'

    input:
    tuple val(sample), path(bam, name: 'input/*'), path(bai, name: 'input/*')
    path genome
    path targets
    path known_sites

    output:
    tuple val(sample), path("${sample}.bam"), path("${sample}.bam.bai")

    script:
    def where = targets ? '-L targets.bed --interval-padding 100' : ''
    """
    gatk ${java_options(task)} BaseRecalibrator -R genome.fa -I ${bam} ${where} \\
        --known-sites known_sites.vcf.gz -O recalibration.table
    gatk ${java_options(task)} ApplyBQSR -R genome.fa -I ${bam} --bqsr-recal-file recalibration.table \\
        --add-output-sam-program-record false -O ${sample}.bam
    mv ${sample}.bai ${sample}.bam.bai
    """

    stub:
    """
    touch ${sample}.bam ${sample}.bam.bai
    """
}
