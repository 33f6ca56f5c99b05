// How often each event is seen in the patients of a run, and which are seen together.
process REPORT_COHORT {
    container "localhost/twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    path folders, name: 'results/*'
    path manifests, name: 'manifests/*' // P1.manifest.json ...
    val library

    output:
    path 'cohort'

    script:
    """
    mkdir patients
    for manifest in manifests/*.manifest.json; do
        patient=\$(basename \$manifest .manifest.json)
        mkdir patients/\$patient
        ln -s \$PWD/results/\$patient/* patients/\$patient/
        cp -L \$manifest patients/\$patient/manifest.json
    done
    report_cohort.py --results patients --outdir cohort
    """

    stub:
    """
    mkdir cohort
    touch cohort/{frequencies,cooccurrence}.tsv cohort/cohort.html
    """
}
