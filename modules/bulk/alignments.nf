include { ALIGN_CONSENSUS } from './align_consensus'
include { ALIGN_LANE } from './align_lane'
include { CALL_CONSENSUS } from './call_consensus'
include { POSTPROCESS } from './postprocess'
include { library_of } from '../library'

// Reads and alignments to alignments that are ready for calling, with their quality.
workflow ALIGNMENTS {
    take:
    patients
    reference
    settings

    main:
    // one item a lane: [P1_T (2), 'L1', R1.fastq.gz, R2.fastq.gz] -> one a sample: ['P1_T', [P1_T.L1.sorted.bam, ...]]
    ALIGN_LANE(patients.flatMap { patient -> patient.lanes }, reference.index, library_of('align_lane.py'))
    sorted = ALIGN_LANE.out
        .groupTuple()
        .map { sample, lanes -> [sample.toString(), lanes.toSorted { bam -> bam.name }] }

    // alignments of deep panels, given with the UMI of each read: consensus reads, aligned again
    given = patients.flatMap { patient -> patient.bams }
    CALL_CONSENSUS(settings.umi_consensus ? given : channel.empty(), settings.umi_min_reads)
    ALIGN_CONSENSUS(CALL_CONSENSUS.out, reference.index)
    aligned = settings.umi_consensus ? ALIGN_CONSENSUS.out : given

    // ['P1_T', [P1_T.L1.sorted.bam, ...]], or one file, given
    POSTPROCESS(
        sorted.mix(aligned.map { sample, bam, _bai -> [sample, bam] }),
        reference.genome,
        reference.targets,
        reference.known_sites,
        reference.gff,
        reference.panel,
        settings.min_depth,
        settings.save_alignments && settings.alignment_format == 'cram',
        library_of('postprocess_alignment.py'),
    )
    bams = POSTPROCESS.out.bam
    kept = settings.alignment_format == 'cram' ? POSTPROCESS.out.cram : bams
    evidence = POSTPROCESS.out.evidence

    emit:
    bams // ['P1_T', P1_T.bam, P1_T.bam.bai]
    kept // the same, or ['P1_T', P1_T.cram, P1_T.cram.crai]: to be published
    evidence // ['P1_T', [P1_T.alignment_qc.json, ...]]
}
