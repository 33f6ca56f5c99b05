// Cancer-cell fraction of every somatic mutation of a patient's tumours, over all purity and ploidy alternatives.
process ESTIMATE_CLONALITY {
    tag "${patient}"
    container "localhost/twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(patient), val(tumors), path(variants), path(solutions), path(purity_ploidy)
    val library

    output:
    tuple val(tumors), path('*.{clonality.tsv,clusters.tsv,mutation_purity.json,solution_votes.tsv}')

    script:
    def named = { end -> tumors.collect { tumor -> "${tumor}.${end}" }.join(' ') }
    """
    estimate_clonality.py --tumor ${tumors.join(' ')} --variants ${variants} --solutions ${solutions} \\
        --purity-ploidy ${purity_ploidy} --out ${named('clonality.tsv')} --clusters ${patient}.clusters.tsv \\
        --purity-check ${named('mutation_purity.json')} --votes ${named('solution_votes.tsv')}
    """

    stub:
    def named = { end -> tumors.collect { tumor -> "${tumor}.${end}" }.join(' ') }
    """
    touch ${named('clonality.tsv')} ${patient}.clusters.tsv ${named('mutation_purity.json')} ${named('solution_votes.tsv')}
    """
}
