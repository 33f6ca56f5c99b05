include { java_options } from './java'

// Alleles of one sample at common SNPs, for the contamination estimate.
process PILEUP_SUMMARIES {
    tag "${sample}"
    container "twohit-gatk:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(sample), path(bam), path(bai)
    path genome
    path common_snps

    output:
    tuple val(sample), path("${sample}.pileups.table")

    script:
    """
    gatk ${java_options(task)} GetPileupSummaries \\
        -R genome.fa -I ${bam} -V common_snps.vcf.gz -L common_snps.vcf.gz -O ${sample}.pileups.table
    """

    stub:
    """
    touch ${sample}.pileups.table
    """
}
