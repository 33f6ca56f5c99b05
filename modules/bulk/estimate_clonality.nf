// Cancer-cell fraction of every somatic mutation of a patient's tumours, over all purity and ploidy alternatives.
process ESTIMATE_CLONALITY {
    tag "${patient}"
    container "localhost/twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(patient), val(tumors), path(variants), path(solutions), path(purity_ploidy)
    val library

    output:
    tuple val(tumors), path('*.{clonality.tsv,clusters.tsv,mutation_purity.json}')

    script:
    """
    estimate_clonality.py --tumor ${tumors.join(' ')} --variants ${variants} --solutions ${solutions} \\
        --purity-ploidy ${purity_ploidy} --out ${tumors.collect { tumor -> tumor + '.clonality.tsv' }.join(' ')} \\
        --clusters ${patient}.clusters.tsv --purity-check ${tumors.collect { tumor -> tumor + '.mutation_purity.json' }.join(' ')}
    """

    stub:
    """
    touch ${tumors.collect { tumor -> tumor + '.clonality.tsv' }.join(' ')} ${patient}.clusters.tsv
    touch ${tumors.collect { tumor -> tumor + '.mutation_purity.json' }.join(' ')}
    """
}
