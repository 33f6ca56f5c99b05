// Everything of one patient in one folder, published at once; its manifest follows when all is in place (see ending.nf).
process PATIENT_FOLDER {
    tag "${patient}"
    cache 'deep' // by content: samples.tsv is written anew by every run
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(patient), path(table), path(dna, name: 'dna/*'), path(cells, name: 'cells/*'), path(clinical, name: 'clinical/*'), path(report, name: 'report/*')
    val library

    output:
    tuple val(patient), path("${patient}"), path("${patient}.manifest.json")

    script:
    """
    mkdir ${patient}
    # hard links, or else copies: the folder is whole even when the work folders of other tasks are gone
    for part in ${table} dna cells clinical report; do
        [ ! -e \$part ] || cp -rlL \$part ${patient}/ 2> link.txt || cp -rL \$part ${patient}/
    done
    write_manifest.py --folder ${patient} --patient ${patient} --out ${patient}.manifest.json
    """

    stub:
    """
    mkdir ${patient}
    for part in ${table} dna cells clinical report; do [ ! -e \$part ] || mv \$part ${patient}/; done
    echo '{"status": "stub"}' > ${patient}.manifest.json
    """
}
