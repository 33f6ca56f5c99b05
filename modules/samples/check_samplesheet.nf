// The check runs where the run was started and without a container: it looks at the files as the user wrote them.
process CHECK_SAMPLESHEET {
    tag "${csv.name}"
    executor 'local'
    cache false
    label 'process_low'

    input:
    path csv
    val folder // one word of bash
    val references

    output:
    path 'samplesheet.json', emit: json
    path 'patients/*/samples.tsv', emit: tables, arity: '1..*'

    script:
    """
    check_samplesheet.py --input ${csv} --base ${folder} --references ${references.join(',') ?: 'none'} \\
        --out samplesheet.json --outdir patients
    """

    stub:
    """
    check_samplesheet.py --input ${csv} --base ${folder} --references ${references.join(',') ?: 'none'} \\
        --out samplesheet.json --outdir patients
    """
}
