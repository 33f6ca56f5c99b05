// Counts and barcoded alignment of one sample of cells from its reads, all lanes together.
process COUNT_CELLS {
    tag "${sample}"
    container "twohit:${workflow.manifest.version}"
    label 'process_high'

    input:
    tuple val(patient), val(sample), path(barcodes, name: 'first?/*'), path(cdna, name: 'second?/*')
    path index
    path whitelist, name: 'whitelist/*'
    val chemistry
    val library

    output:
    tuple val(patient), val(sample), path("${sample}.filtered", type: 'dir'), path("${sample}.raw", type: 'dir'), path("${sample}.cells.bam"), path("${sample}.cells.bam.bai"), path("${sample}.cell_reads.tsv")

    script:
    """
    count_cells.py --fastq-1 ${barcodes} --fastq-2 ${cdna} --whitelist ${whitelist} --chemistry ${chemistry} \\
        --index ${index} --sample ${sample} --threads ${task.cpus} --memory ${task.memory.toMega()} --outdir .
    """

    stub:
    """
    mkdir ${sample}.filtered ${sample}.raw
    touch ${sample}.cells.bam ${sample}.cells.bam.bai ${sample}.cell_reads.tsv
    """
}
