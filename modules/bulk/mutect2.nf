include { java_options } from './java'

// Raw somatic calls of one tumour (with its normal, if there is one) in one part of the genome.
process MUTECT2 {
    tag "${tumor} ${interval.simpleName}"
    container "twohit-gatk:${workflow.manifest.version}"
    label 'process_medium'

    input:
    tuple val(tumor), val(normal), path(bams), path(bais), path(interval)
    path genome
    path germline_resource
    path panel_of_normals

    output:
    tuple val(tumor), path("${interval.simpleName}.vcf.gz"), path("${interval.simpleName}.vcf.gz.tbi"),
        path("${interval.simpleName}.vcf.gz.stats"), path("${interval.simpleName}.f1r2.tar.gz")

    script:
    def reads = [bams].flatten().collect { bam -> "-I ${bam}" }.join(' ')
    def other = normal ? "-normal ${normal}" : ''
    def resource = germline_resource ? '--germline-resource germline_resource.vcf.gz' : ''
    def pon = panel_of_normals ? '--panel-of-normals panel_of_normals.vcf.gz' : ''
    """
    gatk ${java_options(task)} Mutect2 \\
        -R genome.fa ${reads} ${other} ${resource} ${pon} -L ${interval} \\
        --native-pair-hmm-threads ${task.cpus} \\
        --f1r2-tar-gz ${interval.simpleName}.f1r2.tar.gz -O ${interval.simpleName}.vcf.gz
    """

    stub:
    """
    touch ${interval.simpleName}.{vcf.gz,vcf.gz.tbi,vcf.gz.stats,f1r2.tar.gz}
    """
}
