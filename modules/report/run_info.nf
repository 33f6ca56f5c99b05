// What the run was: its parameters and the versions of its tools.
process RUN_INFO {
    container "localhost/twohit:${workflow.manifest.version}"
    label 'process_low'

    input:
    val params_json
    val nextflow_version
    val locks

    output:
    path 'params.json', emit: parameters
    path 'versions.tsv', emit: versions

    script:
    """
    cat > params.json <<'END_OF_PARAMS'
    ${params_json}
    END_OF_PARAMS
    {
        printf 'tool\\tversion\\n'
        printf 'twohit\\t%s\\n' '${workflow.manifest.version}'
        printf 'nextflow\\t%s\\n' '${nextflow_version}'
        printf 'bwa\\t%s\\n' "\$(bwa 2>&1 | sed -n 's/^Version: //p')"
        printf 'samtools\\t%s\\n' "\$(samtools --version | sed -n '1s/samtools //p')"
        printf 'bcftools\\t%s\\n' "\$(bcftools --version | sed -n '1s/bcftools //p')"
        printf 'gatk\\t%s\\n' "\$(gatk --version 2> /dev/null | sed -n 's/.*(GATK) v//p')"
        printf 'python\\t%s\\n' "\$(python3 --version | cut -d ' ' -f 2)"
        python3 -c 'from importlib.metadata import version as v
    for name in ("numpy", "scipy", "pandas", "numba", "pysam", "cyvcf2", "multiqc"): print(name, v(name), sep="\\t")'
    } > versions.tsv
    """

    stub:
    """
    echo '{}' > params.json
    printf 'tool\\tversion\\n' > versions.tsv
    """
}
