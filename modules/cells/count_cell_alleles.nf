// How many copies of each arm the alleles of single cells speak for, at the SNPs that the bulk tumour phases.
process COUNT_CELL_ALLELES {
    tag "${patient}"
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(patient), val(samples), path(bams, name: 'cells?/*'), path(indexes, name: 'cells?/*'), path(cells), path(segments), path(counts), val(number)
    path genome
    path contigs
    val library

    output:
    tuple val(patient), path("${patient}.cell_alleles.tsv")

    script:
    """
    count_cell_alleles.py --bam ${bams} --sample ${samples.join(' ')} --barcodes ${cells} --snp-counts ${counts} \\
        --segments ${segments} --tumor ${number} --genome ${contigs} ${genome ? '--reference genome.fa' : ''} \\
        --if-possible --out ${patient}.cell_alleles.tsv
    """

    stub:
    """
    touch ${patient}.cell_alleles.tsv
    """
}
