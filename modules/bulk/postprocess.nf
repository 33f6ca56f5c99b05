// One sample in one stream: lanes merged, duplicates marked, base qualities recalibrated at known sites; then checks, quality
// control, where reads are deep enough to call.
process POSTPROCESS {
    tag "${sample}"
    container "twohit-gatk:${workflow.manifest.version}"
    label 'process_medium'

    input:
    tuple val(sample), path(lanes, name: 'input/*')
    path genome
    path targets
    path known_sites
    path gff
    path panel
    val min_depth
    val cram // whether to make a CRAM too, to be published
    val library

    output:
    tuple val(sample), path("out/${sample}.bam"), path("out/${sample}.bam.bai"), emit: bam
    tuple val(sample), path("out/${sample}.cram"), path("out/${sample}.cram.crai"), emit: cram, optional: true
    tuple val(sample), path("out/${sample}.{alignment_qc.json,callable.bed,gene_coverage.tsv}"), emit: evidence

    script:
    def where = targets ? '--targets targets.bed' : ''
    def known = known_sites ? '--known-sites known_sites.vcf.gz' : ''
    def kept = cram ? '--cram' : ''
    """
    postprocess_alignment.py --bam ${lanes} --sample ${sample} --reference genome.fa ${where} ${known} ${kept} \\
        --gff genes.gff3 --panel ${panel} --min-depth ${min_depth} --threads ${task.cpus} \\
        --memory ${task.memory.toMega()} --outdir out
    """

    stub:
    """
    mkdir out
    touch out/${sample}.{bam,bam.bai,alignment_qc.json,callable.bed,gene_coverage.tsv}
    ${cram ? "touch out/${sample}.cram out/${sample}.cram.crai" : ''}
    """
}
