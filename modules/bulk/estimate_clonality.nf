// Cancer-cell fraction of every somatic mutation of a patient's tumours, over all purity and ploidy alternatives, and
// which allele of the inherited variants each tumour lost.
process ESTIMATE_CLONALITY {
    tag "${patient}"
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(patient), val(tumors), path(variants), path(solutions), path(purity_ploidy), path(genotypes), path(germline)
    val library

    output:
    tuple val(tumors), path('*.{clonality.tsv,clusters.tsv,mutation_purity.json,solution_votes.tsv,germline_loss.tsv}')

    script:
    // a tumour without reads has no genotypes; the others tell their reads at mutations of each other
    def reads = tumors.collect { tumor -> [genotypes].flatten().find { path -> path.name == "${tumor}.genotypes.tsv" } ?: '-' }
    def more = [
        genotypes ? "--genotypes ${reads.join(' ')}" : '',
        germline ? "--germline ${germline} --germline-out ${named(tumors, 'germline_loss.tsv')}" : '',
    ].join(' ')
    """
    estimate_clonality.py --tumor ${tumors.join(' ')} --variants ${variants} --solutions ${solutions} \\
        --purity-ploidy ${purity_ploidy} --out ${named(tumors, 'clonality.tsv')} --clusters ${patient}.clusters.tsv \\
        --purity-check ${named(tumors, 'mutation_purity.json')} --votes ${named(tumors, 'solution_votes.tsv')} ${more}
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
