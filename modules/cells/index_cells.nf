// What reads of cells are counted on: genome, gene models and the transgene, and what of the transgene reads can tell.
process INDEX_CELLS {
    container "twohit:${workflow.manifest.version}"
    label 'process_high'

    input:
    path genome // [genome.dict, genome.fa, genome.fa.fai]
    path gff
    path transgene, name: 'transgene/*' // FASTA of the construct(s), or []
    val library

    output:
    path 'cell_reference/index', type: 'dir', emit: index
    path 'cell_reference/transgenes.tsv', arity: '0..*', emit: transgenes

    script:
    """
    prepare_cell_reference.py --fasta genome.fa --annotation ${gff} ${transgene ? "--transgene ${transgene}" : ''} \\
        --threads ${task.cpus} --memory ${task.memory.toMega()} --outdir cell_reference
    rm cell_reference/genome.fa
    """

    stub:
    """
    mkdir -p cell_reference/index
    ${transgene ? "printf 'transgene\\tlength\\tend_seen\\nCAR\\t1\\tyes\\n' > cell_reference/transgenes.tsv" : ''}
    """
}
