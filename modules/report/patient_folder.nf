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
    # copies, so that the folder is whole when the work folders of other tasks are gone or damaged; alignments are large, and linked
    for part in ${table} dna cells clinical report; do
        [ ! -e \$part ] || find -L \$part -type f
    done > files.txt
    while read -r name; do
        mkdir -p "${patient}/\$(dirname "\$name")"
        case "\$name" in
            *.bam | *.cram) ln -L "\$name" "${patient}/\$name" 2> link.txt || cp -L "\$name" "${patient}/\$name" ;;
            *) cp -L "\$name" "${patient}/\$name" ;;
        esac
    done < files.txt
    write_manifest.py --folder ${patient} --patient ${patient} --out ${patient}.manifest.json
    """

    stub:
    """
    mkdir ${patient}
    for part in ${table} dna cells clinical report; do [ ! -e \$part ] || mv \$part ${patient}/; done
    echo '{"status": "stub"}' > ${patient}.manifest.json
    """
}
