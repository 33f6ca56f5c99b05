// The RO-Crate of the results folder; when the run began and ended is filled in at its end (provenance.nf).
process WRITE_CRATE {
    cache 'deep' // by content: inputs.tsv is written anew by every run
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    path run
    path manifests, name: 'manifests/*'
    tuple path(parameters, name: 'run/*'), path(versions, name: 'run/*')
    path inputs
    val library

    output:
    path 'ro-crate-metadata.json'

    script:
    """
    write_crate.py --run ${run} ${manifests ? "--manifests ${manifests}" : ''} --params ${parameters} --versions ${versions} \\
        --inputs ${inputs} --out ro-crate-metadata.json
    """

    stub:
    """
    echo '{}' > ro-crate-metadata.json
    """
}
