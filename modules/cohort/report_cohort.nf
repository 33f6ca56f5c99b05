// How often each event is seen in many patients, and which are seen together.
process REPORT_COHORT {
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    path folders, name: 'results/?/*' // two lists may hold folders of one name
    path manifests, name: 'manifests/*' // P1.manifest.json ... of folders that have none yet
    path key, name: 'secret'
    path state, name: 'state.npz' // what an earlier count read of each patient, or []
    val options
    val library

    output:
    path 'cohort'

    script:
    def named = key ? '--pseudonym-key secret' : ''
    """
    mkdir patients cohort
    [ ! -e state.npz ] || cp -L state.npz cohort/
    for folder in results/*/*; do
        number=\$(basename "\$(dirname "\$folder")")
        name=\$(basename "\$folder")
        mkdir "patients/\$number.\$name"
        ln -s "\$PWD/\$folder"/* "patients/\$number.\$name/"
        [ ! -e "manifests/\$name.manifest.json" ] || cp -L "manifests/\$name.manifest.json" "patients/\$number.\$name/manifest.json"
    done
    report_cohort.py --results patients ${named} ${options} --outdir cohort
    """

    stub:
    """
    mkdir cohort
    touch cohort/{frequencies,cooccurrence,power,patient_events}.tsv cohort/cohort.html
    """
}
