include { ALIGNMENTS } from './alignments'
include { COPY_NUMBER } from './copy_number'
include { SOMATIC } from './somatic'
include { VARIANTS } from './variants'
include { owners } from './plan'

// From reads, alignments, calls or SNP counts to the evidence of each patient.
workflow BULK {
    take:
    patients // what each patient has, and a list for each step it takes (plan.nf)
    cells // ['P1', [[sample: 'S7', bam: S7.bam, bam_index: S7.bam.bai, ...], ...]]: whose person they are of
    reference // value channels by name, e.g. reference.genome: [genome.dict, genome.fa, genome.fa.fai]
    settings // plain values, e.g. [somatic_filter: 'twohit', min_depth: 10, scatter_count: 4]

    main:
    ALIGNMENTS(patients, reference, settings)
    bams = ALIGNMENTS.out.bams
    SOMATIC(patients, bams, reference, settings)
    VARIANTS(patients, bams, SOMATIC.out.calls, SOMATIC.out.given, reference, settings)
    COPY_NUMBER(patients, cells, bams, VARIANTS.out.somatic, VARIANTS.out.genotypes, VARIANTS.out.germline, reference)

    // all parts of a patient, once the last is there: ['P1', [P1_T.genotypes.tsv, P1_T.segments.tsv, ...]]
    evidence = ALIGNMENTS.out.evidence
        .mix(SOMATIC.out.evidence, VARIANTS.out.evidence, COPY_NUMBER.out.evidence)
        .combine(owners(patients, 'n_parts'), by: 0)
        .map { _sample, files, owner -> [owner, files] }
        .groupTuple()
        .map { owner, files -> [owner.toString(), files.flatten().toSorted { path -> path.name }] }

    // ['P1', [P1_N.bam, P1_N.bam.bai, P1_T.bam, P1_T.bam.bai]], or CRAM
    alignments = ALIGNMENTS.out.kept
        .combine(owners(patients, 'n_reads'), by: 0)
        .map { _sample, reads, index, owner -> [owner, [reads, index]] }
        .groupTuple()
        .map { owner, files -> [owner.toString(), files.flatten().toSorted { path -> path.name }] }

    emit:
    evidence
    alignments
}
