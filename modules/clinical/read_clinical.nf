// The clinical course of a patient: markers over time, CAR by qPCR, FISH; checked, quantified, drawn.
process READ_CLINICAL {
    tag "${patient}"
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(patient), path(table, name: 'table/*'), path(qpcr, name: 'qpcr/*'), path(fish, name: 'fish/*')
    val library

    output:
    tuple val(patient), path('clinical/*', arity: '1..*')

    script:
    def given = [table: table, qpcr: qpcr, fish: fish].findAll { _name, path -> path }
        .collect { name, path -> "--${name} ${path}" }.join(' ')
    """
    read_clinical.py --patient ${patient} ${given} --outdir clinical
    """

    stub:
    """
    mkdir clinical
    touch clinical/${patient}.markers.tsv
    """
}
