// Alleles of normal and tumours at common SNPs, in snp-pileup's layout: File1 the normal, File2 ... the tumours.
process COUNT_SNPS {
    tag "${patient}"
    container "twohit:${workflow.manifest.version}"
    label 'process_medium'

    input:
    tuple val(patient), path(normal), path(tumors), path(bais)
    path genome
    path common_snps
    val library

    output:
    tuple val(patient), path("${patient}.snp_counts.csv.gz")

    script:
    """
    count_snps.py --normal ${normal} --tumor ${tumors} --sites common_snps.vcf.gz \\
        --reference genome.fa --threads ${task.cpus} --out ${patient}.snp_counts.csv.gz
    """

    stub:
    """
    touch ${patient}.snp_counts.csv.gz
    """
}
