include { quoted } from '../shell'

// Consequence, HGVS names and loss-of-function judgement of somatic or germline calls.
process ANNOTATE {
    tag "${sample} ${origin}"
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(sample), val(origin), val(tumor), val(normal), path(vcf), path(tbi), val(annotator) // csq runs here; vep and given are read from the VCF
    path genome
    path gff
    path panel
    path damaging, name: 'damaging/*'
    tuple path(scores, name: 'scores/*'), val(column), val(least) // a predictor's, with its index; [] without
    path contigs
    val library

    output:
    tuple val(sample), val(origin), path("${sample}*.variants.tsv"), path("${sample}.maf", arity: '0..*')

    script:
    def names = [tumor ? "--tumor ${tumor}" : '', normal ? "--normal=${quoted(normal)}" : ''].join(' ') // a VCF may name it anything
    def predicted = scores ? "--missense-scores ${scores[0]} --missense-column=${quoted(column)} --missense-least=${least}" : ''
    def out = origin == 'somatic' ? "${sample}.variants.tsv" : "${sample}.germline.variants.tsv"
    """
    annotate_variants.py --vcf ${vcf} --origin ${origin} --annotator ${annotator} ${names} --gff genes.gff3 --reference genome.fa \\
        ${origin == 'somatic' ? "--maf ${sample}.maf --genome ${contigs}" : ''} \\
        --panel ${panel} ${damaging ? "--damaging ${damaging}" : ''} ${predicted} --out ${out}
    """

    stub:
    """
    ${origin == 'somatic' ? "touch ${sample}.maf" : ''}
    touch ${origin == 'somatic' ? "${sample}.variants.tsv" : "${sample}.germline.variants.tsv"}
    """
}
