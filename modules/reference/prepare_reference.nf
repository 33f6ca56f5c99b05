// The reference files checked against one another, spelt alike and indexed; they leave under fixed names.
process PREPARE_REFERENCE {
    container "twohit:${workflow.manifest.version}"
    label 'process_medium'

    input:
    path fasta, name: 'fasta/*' // with what lies beside it: .fai, .dict, bwa index
    path gff, name: 'gff/*'
    path targets, name: 'targets/*'
    path known_sites, name: 'known_sites/*' // each VCF with its .tbi, if there is one
    path germline_resource, name: 'germline_resource/*'
    path panel_of_normals, name: 'panel_of_normals/*'
    path common_snps, name: 'common_snps/*'
    path panel
    path genome
    val aligns
    val library

    output:
    path 'reference/genome.{dict,fa,fa.fai}', arity: '0..*', emit: genome
    path 'reference/genome.fa.{amb,ann,bwt,pac,sa}', arity: '0..*', emit: index
    path 'reference/genes.gff3', arity: '0..*', emit: gff
    path 'reference/targets.bed', arity: '0..*', emit: targets
    path 'reference/known_sites.vcf.gz*', arity: '0..*', emit: known_sites
    path 'reference/germline_resource.vcf.gz*', arity: '0..*', emit: germline_resource
    path 'reference/panel_of_normals.vcf.gz*', arity: '0..*', emit: panel_of_normals
    path 'reference/common_snps.vcf.gz*', arity: '0..*', emit: common_snps
    path 'reference/panel.tsv', emit: panel // with a row for each gene that '*' stands for
    path 'reference/panel_regions.bed', arity: '0..*', emit: panel_regions
    path 'reference/reference_report.json', arity: '0..*', emit: report // what was renamed or left out

    script:
    def given = [
        gff: gff, targets: targets, 'known-sites': known_sites, 'germline-resource': germline_resource,
        'panel-of-normals': panel_of_normals, 'common-snps': common_snps,
    ].findAll { _name, files -> files }.collect { name, files -> "--${name} ${files instanceof List ? files[0] : files}" }.join(' ')
    def regions = "panel_regions.py --gff reference/genes.gff3 --panel reference/panel.tsv --out reference/panel_regions.bed"
    def only_gff = gff ? "cat ${gff} > reference/genes.gff3" : ''
    if( !fasta )
        """
        mkdir reference
        cat ${panel} > reference/panel.tsv
        ${only_gff}
        """
    else
        """
        prepare_reference.py --fasta ${fasta instanceof List ? fasta[0] : fasta} ${given} --panel ${panel} --genome ${genome} \\
            ${aligns ? '' : '--no-bwa'} --outdir reference
        ${gff ? regions : ''} ${gff && targets ? '--targets reference/targets.bed' : ''}
        """

    stub:
    """
    mkdir reference
    touch reference/genome.{dict,fa,fa.fai,fa.amb,fa.ann,fa.bwt,fa.pac,fa.sa} reference/genes.gff3 reference/panel.tsv reference/panel_regions.bed
    touch ${targets ? 'reference/targets.bed' : ''} ${common_snps ? 'reference/common_snps.vcf.gz' : ''} reference
    """
}
