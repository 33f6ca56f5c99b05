// Calls made elsewhere, compressed and indexed as ours are.
process IMPORT_CALLS {
    tag "${sample}"
    container "localhost/twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(sample), path(vcf, name: 'input/*')

    output:
    tuple val(sample), path("${sample}.given.vcf.gz"), path("${sample}.given.vcf.gz.tbi")

    script:
    """
    bcftools sort --temp-dir sorting -O z -o ${sample}.given.vcf.gz ${vcf}
    bcftools index --tbi ${sample}.given.vcf.gz
    """

    stub:
    """
    touch ${sample}.given.vcf.gz ${sample}.given.vcf.gz.tbi
    """
}
