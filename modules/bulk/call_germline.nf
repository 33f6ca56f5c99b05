include { java_options } from './java'

// Germline variants of panel genes in the normal.
process CALL_GERMLINE {
    tag "${normal}"
    container "twohit-gatk:${workflow.manifest.version}"
    label 'process_medium'

    input:
    tuple val(normal), path(bam), path(bai)
    path genome
    path regions

    output:
    tuple val(normal), path("${normal}.germline.vcf.gz"), path("${normal}.germline.vcf.gz.tbi")

    script:
    """
    gatk ${java_options(task)} HaplotypeCaller \\
        -R genome.fa -I ${bam} -L ${regions} --native-pair-hmm-threads ${task.cpus} -O ${normal}.germline.vcf.gz
    """

    stub:
    """
    touch ${normal}.germline.vcf.gz ${normal}.germline.vcf.gz.tbi
    """
}
