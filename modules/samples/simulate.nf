// A patient with a known truth, for the profiles test, test_doubled and demo.
process SIMULATE {
    tag "${preset}"
    container "twohit:${workflow.manifest.version}"
    label 'process_medium'

    input:
    val preset
    val seed
    val library

    output:
    path 'patient'

    script:
    """
    simulate_patient.py --preset ${preset} --seed ${seed} --threads ${task.cpus} --outdir patient
    """

    stub:
    """
    mkdir -p patient/reference patient/fastq
    for name in tumor_R1 tumor_R2 normal_R1 normal_R2; do printf "@\$name\\nA\\n+\\nI\\n" | gzip -n > patient/fastq/\$name.fastq.gz; done
    printf 'patient,sample,kind,sex,fastq_1,fastq_2\\n' > patient/samplesheet.csv
    printf 'P1,P1_T,tumor,female,fastq/tumor_R1.fastq.gz,fastq/tumor_R2.fastq.gz\\n' >> patient/samplesheet.csv
    printf 'P1,P1_N,normal,female,fastq/normal_R1.fastq.gz,fastq/normal_R2.fastq.gz\\n' >> patient/samplesheet.csv
    touch patient/reference/{genome.fa,genes.gff3,targets.bed,common_snps.vcf.gz,genome.json} patient/panel.tsv
    printf '{"fasta": "reference/genome.fa", "gff": "reference/genes.gff3", "targets": "reference/targets.bed",
        "common_snps": "reference/common_snps.vcf.gz", "germline_resource": "reference/common_snps.vcf.gz",
        "genome": "reference/genome.json", "panel": "panel.tsv"}' > patient/params.json
    """
}
