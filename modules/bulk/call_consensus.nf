// One consensus read for all reads of a molecule, in fgbio's own container: reads of an alignment that carry their UMI (tag RX).
process CALL_CONSENSUS {
    tag "${sample}"
    container 'quay.io/biocontainers/fgbio:2.4.0--hdfd78af_0'
    label 'process_medium'

    input:
    tuple val(sample), path(bam, name: 'input/*'), path(bai, name: 'input/*')
    val min_reads // reads that a molecule must have

    output:
    tuple val(sample), path("${sample}.consensus.bam") // not aligned

    script:
    """
    fgbio SortBam --input ${bam} --sort-order Queryname --output by_name.bam
    fgbio SetMateInformation --input by_name.bam --output mates.bam
    fgbio GroupReadsByUmi --input mates.bam --strategy adjacency --edits 1 --output grouped.bam
    fgbio CallMolecularConsensusReads --input grouped.bam --min-reads ${min_reads} --min-input-base-quality 20 \\
        --read-group-id ${sample} --output ${sample}.consensus.bam
    rm by_name.bam mates.bam grouped.bam
    """

    stub:
    """
    touch ${sample}.consensus.bam
    """
}
