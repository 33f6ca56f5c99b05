// Cancer-cell fraction of every somatic mutation of one tumour, over all purity and ploidy alternatives.
process ESTIMATE_CLONALITY {
    tag "${tumor}"
    container "localhost/twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(tumor), path(variants), path(solutions), path(purity_ploidy)
    val library

    output:
    tuple val(tumor), path("${tumor}.clonality.tsv")

    script:
    """
    estimate_clonality.py --variants ${variants} --solutions ${solutions} --purity-ploidy ${purity_ploidy} \\
        --tumor ${tumor} --out ${tumor}.clonality.tsv
    """

    stub:
    """
    touch ${tumor}.clonality.tsv
    """
}
