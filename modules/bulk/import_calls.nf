// Calls made elsewhere, checked, compressed and indexed as ours are.
process IMPORT_CALLS {
    tag "${sample}"
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(sample), path(vcf, name: 'input/*')
    path genome
    val library

    output:
    tuple val(sample), path("${sample}.given.vcf.gz"), path("${sample}.given.vcf.gz.tbi")

    script:
    """
    import_calls.py --vcf ${vcf} --reference genome.fa --sample ${sample} --out ${sample}.given.vcf.gz
    """

    stub:
    """
    touch ${sample}.given.vcf.gz ${sample}.given.vcf.gz.tbi
    """
}
