// The verdict of every panel gene and the page that shows it, from whatever evidence the patient has.
process REPORT_BIALLELIC_LOSS {
    tag "${patient}"
    cache 'deep' // by content: samples.tsv is written anew by every run
    container "twohit:${workflow.manifest.version}"
    label 'process_medium'

    input:
    tuple val(patient), path(table, name: 'evidence/*'), path(dna, name: 'evidence/dna/*'), path(cells, name: 'evidence/cells/*'), path(clinical, name: 'evidence/clinical/*'), path(earlier, name: 'earlier/*')
    path panel
    path genome
    path genes, name: 'genes/*'
    path gff
    val options // e.g. '--min-share 0.05 --report-germline'
    tuple path(parameters), path(versions)
    val library

    output:
    tuple val(patient), path('report/*', arity: '3..*')

    script:
    """
    report_biallelic_loss.py --patient ${patient} --evidence evidence --panel ${panel} --genome ${genome} \\
        ${genes || gff ? "--genes ${genes ?: gff}" : ''} \\
        ${earlier ? "--earlier ${earlier}" : ''} ${options} --params ${parameters} --versions ${versions} --outdir report
    """

    stub:
    """
    mkdir report
    touch report/${patient}.{biallelic.tsv,biallelic.json,report.html}
    """
}
