// Checks, quality control, where reads are deep enough to call.
process POSTPROCESS {
    tag "${sample}"
    container "twohit:${workflow.manifest.version}"
    label 'process_medium'

    input:
    tuple val(sample), path(bam, name: 'input/*'), path(bai, name: 'input/*')
    path genome
    path targets
    val recalibrates
    path gff
    path panel
    val min_depth
    val library

    output:
    tuple val(sample), path("out/${sample}.bam"), path("out/${sample}.bam.bai"), emit: bam
    tuple val(sample), path("out/${sample}.{alignment_qc.json,callable.bed,gene_coverage.tsv}"), emit: evidence

    script:
    def where = targets ? '--targets targets.bed' : ''
    def next = recalibrates ? '--recalibrate-next' : ''
    """
    postprocess_alignment.py --bam ${bam} --sample ${sample} --reference genome.fa ${where} ${next} \\
        --gff genes.gff3 --panel ${panel} --min-depth ${min_depth} --threads ${task.cpus} --outdir out
    """

    stub:
    """
    mkdir out
    touch out/${sample}.{bam,bam.bai,alignment_qc.json,callable.bed,gene_coverage.tsv}
    """
}
