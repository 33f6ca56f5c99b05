// From the counts of all samples of a patient to cell types, T-cell states, expression of checkpoints and targets.
process ANALYSE_CELLS {
    tag "${patient}"
    container "twohit:${workflow.manifest.version}"
    label 'process_medium'

    input:
    tuple val(patient), val(rows), path(matrices, name: 'matrix?/*'), path(raw, name: 'raw?/*'), path(metadata, name: 'metadata?/*'), val(options) // '--min-features 200 --n-pcs 20 --transgene-feature CAR'
    path panel
    path markers, name: 'markers/*' // marker genes of the user's own, or []
    path gene_sets, name: 'gene_sets/*' // GMT of the user's own, or []
    path label_reference, name: 'label_reference/*' // expression by cell type, or []
    val library

    output:
    tuple val(patient), path('cells/*', arity: '1..*'), emit: evidence
    tuple val(patient), path("cells/${patient}.cells.h5ad"), path("cells/${patient}.cell_groups.tsv"), path("cells/${patient}.cells.tsv"), emit: groups

    script:
    """
    cat > samples.tsv <<'END_OF_SAMPLES'
    ${rows.join('\n    ')}
    END_OF_SAMPLES
    analyse_cells.py --patient ${patient} --samples samples.tsv --panel ${panel} \\
        ${markers ? "--markers ${markers}" : ''} ${gene_sets ? "--gene-sets ${gene_sets}" : ''} \\
        ${label_reference ? "--label-reference ${label_reference}" : ''} ${options} --outdir cells
    """

    stub:
    """
    mkdir cells
    touch cells/${patient}.{cell_qc,cells,composition,t_cell_states,cell_expression,cell_groups}.tsv cells/${patient}.cells.h5ad
    """
}
