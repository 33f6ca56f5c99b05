// Reads of one lane to a sorted alignment, in one stream.
process ALIGN_LANE {
    tag "${sample} ${lane}"
    container "localhost/twohit:${workflow.manifest.version}"
    label 'process_high'

    input:
    tuple val(sample), val(lane), path(fastq_1, name: 'reads_1/*'), path(fastq_2, name: 'reads_2/*')
    path index

    output:
    tuple val(sample), path("${sample}.${lane}.sorted.bam")

    script:
    """
    bwa mem -t ${task.cpus} -K 10000000 -Y -R '@RG\\tID:${sample}.${lane}\\tSM:${sample}\\tLB:${sample}\\tPL:ILLUMINA' \\
        genome.fa ${fastq_1} ${fastq_2} \\
        | samtools fixmate -u -m - - \\
        | samtools sort -@ ${task.cpus} -m ${(task.memory.toMega() / (3 * task.cpus)).intValue()}M -o ${sample}.${lane}.sorted.bam -
    """

    stub:
    """
    touch ${sample}.${lane}.sorted.bam
    """
}
