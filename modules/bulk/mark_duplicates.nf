// Lanes of one sample merged, duplicates marked.
process MARK_DUPLICATES {
    tag "${sample}"
    container "twohit:${workflow.manifest.version}"
    label 'process_medium'

    input:
    tuple val(sample), path(lanes)

    output:
    tuple val(sample), path("${sample}.markdup.bam"), path("${sample}.markdup.bam.bai"), emit: bam
    tuple val(sample), path("${sample}.markdup.txt"), emit: metrics

    script:
    """
    samtools merge -u -@ ${task.cpus} - ${lanes} \\
        | samtools markdup -@ ${task.cpus} -s -f ${sample}.markdup.txt - ${sample}.markdup.bam
    samtools index ${sample}.markdup.bam
    """

    stub:
    """
    touch ${sample}.markdup.bam ${sample}.markdup.bam.bai ${sample}.markdup.txt
    """
}
