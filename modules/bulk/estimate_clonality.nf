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
    """
    estimate_clonality.py --tumor ${tumors.join(' ')} --variants ${variants} --solutions ${solutions} \\
        --purity-ploidy ${purity_ploidy} --out ${named(tumors, 'clonality.tsv')} --clusters ${patient}.clusters.tsv \\
        --purity-check ${named(tumors, 'mutation_purity.json')} --votes ${named(tumors, 'solution_votes.tsv')}
    """

    stub:
    """
    touch ${named(tumors, 'clonality.tsv')} ${patient}.clusters.tsv ${named(tumors, 'mutation_purity.json')} ${named(tumors, 'solution_votes.tsv')}
    """
}

// Files of all tumours with one ending: 'T1.clonality.tsv T2.clonality.tsv'
def named(tumors, end) {
    return tumors.collect { tumor -> "${tumor}.${end}" }.join(' ')
}
