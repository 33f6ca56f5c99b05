// Are the tumours, and the cells with a barcoded BAM, of the normal's person, and what share is somebody else's?
process FINGERPRINT {
    tag "${patient}"
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(patient), val(tumors), path(counts), val(cells), path(bams, name: 'cells?/*'), path(indexes, name: 'cells?/*')
    path common_snps
    val library

    output:
    tuple val(tumors), path("${patient}.fingerprints.tsv")

    script:
    def pairs = [cells, [bams].flatten()].transpose().collect { sample, bam -> "${sample}=${bam}" }
    """
    fingerprint_samples.py --snp-counts ${counts} --tumor ${tumors.join(' ')} ${pairs ? "--cells ${pairs.join(' ')}" : ''} \\
        ${common_snps ? '--sites common_snps.vcf.gz' : ''} --out ${patient}.fingerprints.tsv
    """

    stub:
    """
    touch ${patient}.fingerprints.tsv
    """
}
