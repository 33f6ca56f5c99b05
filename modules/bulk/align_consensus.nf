// Consensus reads to a sorted alignment that keeps their molecules (MI, RX); none of them is a duplicate of another.
process ALIGN_CONSENSUS {
    tag "${sample}"
    container "twohit:${workflow.manifest.version}"
    label 'process_high'

    input:
    tuple val(sample), path(consensus)
    path index

    output:
    tuple val(sample), path("${sample}.umi.bam"), path("${sample}.umi.bam.bai")

    script:
    def group = "@RG\\tID:${sample}\\tSM:${sample}\\tLB:${sample}\\tPL:ILLUMINA"
    def program = '@PG\\tID:fgumi\\tPN:fgumi\\tCL:simplex' // duplicates are dealt with
    """
    samtools fastq -n -T MI,RX ${consensus} \\
        | bwa mem -t ${task.cpus} -K 10000000 -Y -p -C -R '${group}' -H '${program}' genome.fa - \\
        | samtools sort -@ ${task.cpus} -T sorting -o ${sample}.umi.bam -
    samtools index ${sample}.umi.bam
    """

    stub:
    """
    touch ${sample}.umi.bam ${sample}.umi.bam.bai
    """
}
