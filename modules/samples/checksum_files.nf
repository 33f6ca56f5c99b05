// Size and SHA-256 of the files that a patient (or the reference) came with.
process CHECKSUM_FILES {
    tag "${whose}"
    container "twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    tuple val(whose), path(files, name: 'files/?/*')
    val library

    output:
    path 'inputs.tsv'

    script:
    """
    checksum_files.py --files files --owner ${whose} --out inputs.tsv
    """

    stub:
    """
    printf 'owner\\tfile\\tbytes\\tsha256\\n' > inputs.tsv
    """
}
