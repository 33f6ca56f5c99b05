// Every variant of the patient counted in one tumour, told from errors, and pairs of variants on the same fragments.
process GENOTYPE {
    tag "${sample}"
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(sample), path(bams), path(indexes), path(variants) // bams: the tumour's, and the normal's if there is one
    path genome
    path panel
    val library

    output:
    tuple val(sample), path("${sample}.genotypes.tsv"), path("${sample}.{phase,errors,pileups}.tsv")

    script:
    def (bam, normal) = [bams].flatten()
    """
    genotype_variants.py --bam ${bam} ${normal ? "--normal ${normal}" : ''} --sample ${sample} --variants ${variants} \\
        --reference genome.fa --panel ${panel} --outdir .
    """

    stub:
    """
    touch ${sample}.{genotypes,phase,errors,pileups}.tsv
    """
}
