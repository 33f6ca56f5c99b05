// One consensus read for all reads of a molecule, by fgumi in its own container: reads of an alignment that carry their UMI (tag RX).
process CALL_CONSENSUS {
    tag "${sample}"
    container 'quay.io/biocontainers/fgumi:0.4.0--h54198d6_0'
    label 'process_medium'

    input:
    tuple val(sample), path(bam, name: 'input/*'), path(bai, name: 'input/*')
    val min_reads // reads that a molecule must have

    output:
    tuple val(sample), path("${sample}.consensus.bam") // not aligned

    script:
    """
    fgumi sort --input ${bam} --order template-coordinate --threads ${task.cpus} --tmp-dir . --output sorted.bam
    fgumi group --input sorted.bam --strategy adjacency --edits 1 --output grouped.bam
    fgumi simplex --input grouped.bam --min-reads ${min_reads} --min-input-base-quality 20 \\
        --read-group-id ${sample} --output ${sample}.consensus.bam
    rm sorted.bam grouped.bam
    """

    stub:
    """
    touch ${sample}.consensus.bam
    """
}
