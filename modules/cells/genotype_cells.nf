// Which cells of one sample carry the mutations of the DNA, in what share, and together with which other events.
process GENOTYPE_CELLS {
    tag "${sample}"
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(patient), val(sample), path(bam), path(index), path(variants), path(cells), path(copy_number)
    path genome
    val seed
    val library

    output:
    tuple val(patient), path("${sample}.{cell_genotypes,cell_mutations,event_pairs}.tsv")

    script:
    """
    genotype_cells.py --bam ${bam} --barcodes ${cells} --sample ${sample} --variants ${variants} --reference genome.fa \\
        ${copy_number ? "--copy-number ${copy_number}" : ''} --seed ${seed} --out ${sample}.cell_genotypes.tsv \\
        --shares ${sample}.cell_mutations.tsv --pairs ${sample}.event_pairs.tsv
    """

    stub:
    """
    touch ${sample}.{cell_genotypes,cell_mutations,event_pairs}.tsv
    """
}
