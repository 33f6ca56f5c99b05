// Ensembl VEP on the calls, in VEP's own container: with a cache where one is given, else on the GFF3.
process ANNOTATE_VEP {
    tag "${sample} ${origin}"
    container "docker.io/ensemblorg/ensembl-vep:release_${release}.0"
    label 'process_medium'

    input:
    tuple val(sample), val(origin), val(tumor), val(normal), path(vcf), path(tbi)
    path genome
    path gff
    path cache, name: 'cache'
    val assembly
    val release

    output:
    tuple val(sample), val(origin), val(tumor), val(normal), path("${sample}.${origin}.vep.vcf"), val([])

    script:
    def sorted = """grep -v '^#' genes.gff3 | sort -k1,1 -k4,4n -k5,5n -t\$'\\t' | bgzip -c > sorted.gff3.gz
    tabix -p gff sorted.gff3.gz"""
    def source = cache
        ? "--cache --offline --dir_cache cache --cache_version ${release} --assembly ${assembly}"
        : "--gff sorted.gff3.gz"
    """
    ${cache ? '' : sorted}
    vep --input_file ${vcf} --format vcf --output_file ${sample}.${origin}.vep.vcf --vcf --force_overwrite \\
        ${source} --fasta genome.fa --symbol --hgvs --allele_number --no_stats --fork ${task.cpus}
    """

    stub:
    """
    touch ${sample}.${origin}.vep.vcf
    """
}
