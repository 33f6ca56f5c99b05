// Reads of one lane to a sorted alignment, in one stream; reads that are no whole pairs are refused.
process ALIGN_LANE {
    tag "${sample} ${lane}"
    container "twohit:${workflow.manifest.version}"
    label 'process_high'

    input:
    tuple val(sample), val(lane), path(fastq_1, name: 'reads_1/*'), path(fastq_2, name: 'reads_2/*')
    path index
    val library

    output:
    tuple val(sample), path("${sample}.${lane}.sorted.bam")

    script:
    """
    align_lane.py --fastq-1 ${fastq_1} --fastq-2 ${fastq_2} --sample ${sample} --lane ${lane} --reference genome.fa \\
        --threads ${task.cpus} --memory ${task.memory.toMega()} --out ${sample}.${lane}.sorted.bam
    """

    stub:
    """
    touch ${sample}.${lane}.sorted.bam
    """
}
