// The manifest of the run: who is done, who is not, and what belongs to the run itself (put in place by ending.nf).
process RUN_MANIFEST {
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple path(manifests, name: 'manifests/*'), val(failed), val(skipped), path(multiqc, name: 'multiqc'), path(cohort, name: 'cohort')
    tuple path(parameters, name: 'run/*'), path(versions, name: 'run/*')
    val library

    output:
    path 'run.manifest.json'

    script:
    def patients = [manifests: manifests, failed: failed, 'not-analysed': skipped]
        .findAll { _name, values -> values }
        .collect { name, values -> "--${name} ${[values].flatten().join(' ')}" }
        .join(' ')
    """
    write_manifest.py --folder . --only ${multiqc ? 'multiqc' : ''} ${cohort ? 'cohort' : ''} run ${patients} --out run.manifest.json
    """

    stub:
    """
    echo '{"status": "stub"}' > run.manifest.json
    """
}
