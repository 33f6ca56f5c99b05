// Which chromosome arms, cells and clones have lost or gained copies; where too few cells are there to compare, why not.
process CALL_CELL_COPY_NUMBER {
    tag "${patient}"
    container "twohit:${workflow.manifest.version}"
    label 'process_medium'

    input:
    tuple val(patient), path(matrix), path(groups), path(embedding), path(qc), path(segments), path(alleles) // the last two may be []
    val reference_cells // group(s) of normal cells as one word of bash, e.g. 'B'
    path genes, name: 'genes/*'
    path gff
    path contigs
    val library

    output:
    tuple val(patient), path('copy_number', type: 'dir')

    script:
    def joined = [
        segments ? "--bulk-segments ${segments}" : '',
        alleles ? "--allele-likelihoods ${alleles}" : '',
    ].join(' ')
    """
    call_cell_copy_number.py --matrix ${matrix} --groups ${groups} --reference ${reference_cells} --test plasma \\
        --genes ${genes ?: gff} --genome ${contigs} --embedding ${embedding} --samples ${qc} \\
        ${joined} --if-possible --outdir copy_number
    """

    stub:
    """
    mkdir copy_number
    touch copy_number/{arms,cells,clones,segments,clone_tree,clone_shares,arm_shares,arm_pairs}.tsv copy_number/cell_copy_number.json
    """
}
