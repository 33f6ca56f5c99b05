// Every variant of the patient counted in one tumour, and pairs of variants on the same fragments.
process GENOTYPE {
    tag "${sample}"
    container "localhost/twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(sample), path(bam), path(bai), path(variants)
    path genome
    val library

    output:
    tuple val(sample), path("${sample}.genotypes.tsv"), path("${sample}.phase.tsv")

    script:
    """
    genotype_variants.py --bam ${bam} --sample ${sample} --variants ${variants} --reference genome.fa --outdir .
    """

    stub:
    """
    touch ${sample}.genotypes.tsv ${sample}.phase.tsv
    """
}
