include { quoted } from '../shell'

// twohit's own filter beside GATK's on the same raw calls; `choice` says whose verdict stands in FILTER.
process FILTER_SOMATIC {
    tag "${tumor}"
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(tumor), val(normal), path(vcf), path(tbi), path(stats), path(orientation), path(contamination), path(segments),
        path(gatk), path(gatk_tbi)
    path genome
    path gff
    path panel
    val choice
    val min_depth
    val library

    output:
    tuple val(tumor), path("${tumor}.somatic.vcf.gz"), path("${tumor}.somatic.vcf.gz.tbi"), emit: vcf
    tuple val(tumor), path("${tumor}.{somatic.vcf.gz,somatic.vcf.gz.tbi,filter_summary.json}"), emit: evidence

    script:
    def given = [normal: normal ? quoted(normal) : '', stats: stats, orientation: orientation, contamination: contamination, segments: segments, gatk: gatk]
        .findAll { _name, value -> value }
        .collect { name, value -> "--${name}=${value}" }
        .join(' ')
    """
    filter_somatic.py --vcf ${vcf} --tumor ${tumor} ${given} --reference genome.fa --gff genes.gff3 --panel ${panel} \\
        --choose ${gatk ? choice : 'twohit'} --min-depth ${min_depth} --out ${tumor}.somatic.vcf.gz
    """

    stub:
    """
    touch ${tumor}.{somatic.vcf.gz,somatic.vcf.gz.tbi,filter_summary.json}
    """
}
