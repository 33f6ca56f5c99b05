// What the run was: its parameters and the versions of its tools.
process RUN_INFO {
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    val parameters // JSON on one line
    val nextflow_version
    val revision
    val gatk // version of the lock, for where it is in an image of its own
    val locks // digest of the lock files: asked again when the tools have changed

    output:
    tuple path('params.json'), path('versions.tsv')

    script:
    """
    python3 -m json.tool --indent 1 > params.json <<'END_OF_PARAMETERS'
    ${parameters}
    END_OF_PARAMETERS
    tool_versions.py --nextflow ${nextflow_version} --revision ${revision} --gatk ${gatk} --out versions.tsv
    """

    stub:
    """
    echo '{}' > params.json
    printf 'tool\\tversion\\n' > versions.tsv
    """
}
