// Allele-specific copy number of all tumours of one counts file, jointly segmented; purity and ploidy with alternatives.
process SEGMENT_COPY_NUMBER {
    tag "${tumors.join(' ')}"
    container "twohit:${workflow.manifest.version}"
    label 'process_medium'

    input:
    tuple val(tumors), val(sex), val(fixed), path(counts)
    path genes, name: 'genes/*'
    path gff
    path panel
    path genome
    path contigs
    path normals, name: 'normals?/*' // SNP counts of other patients, which may have one name
    val library

    output:
    tuple val(tumors), path('out/*.solutions.tsv', arity: '1..*'), path('out/*.purity_ploidy.json', arity: '1..*'), emit: solutions
    tuple val(tumors), path('out/*', arity: '1..*'), emit: evidence

    script:
    def given = [
        genes || gff ? "--genes ${gff ?: genes}" : '', // a GFF3 has exons too
        gff ? "--panel ${panel}" : '',
        genome ? '--fasta genome.fa' : '',
        sex ? "--sex ${sex}" : '',
        fixed,
        normals ? "--panel-of-normals ${normals}" : '',
    ].join(' ')
    """
    segment_copy_number.py --snp-counts ${counts} --sample ${tumors.join(' ')} --genome ${contigs} ${given} --outdir out
    """

    stub:
    """
    mkdir out
    for tumor in ${tumors.join(' ')}; do
        touch out/\$tumor.{segments.tsv,purity_ploidy.json,solutions.tsv,arms.tsv,genes.tsv,gene_solutions.tsv,focal_limits.tsv,seg,copy_number.vcf,genome.svg,purity_ploidy.svg}
    done
    """
}
